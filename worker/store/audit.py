"""Who did what to the index, when and why; and the documents that people withdrew."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, desc, select

from worker.redaction.redactor import redact
from worker.store.engine import Database
from worker.store.epochs import raise_epoch
from worker.store.ids import new_id
from worker.store.tables import audit, withdrawals


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person did: `action` is one word, `subject` a snapshot's or a document's id.

    The `reason` is theirs to word, so it is redacted when it is recorded.
    """

    at: datetime
    who: str
    action: str
    subject: str
    reason: str = ""


class Audit:
    """The acts, and the withdrawals that are among them."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def add(self, act: Act) -> None:
        """Record an act."""
        with self._database.write() as connection:
            add_act(connection, act)

    def once(self, act: Act, key: str) -> bool:
        """Record an act unless one was recorded under this key. False: it was, perhaps by another process."""
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        with self._database.write() as connection:
            return self._database.add(connection, audit, {"id": name, **_row(act)})

    def acts(self, limit: int = 100) -> tuple[Act, ...]:
        """Return the latest acts, the newest first."""
        columns = (audit.c.at, audit.c.who, audit.c.action, audit.c.subject, audit.c.reason)
        query = select(*columns).order_by(desc(audit.c.at), desc(audit.c.id)).limit(limit)
        with self._database.read() as connection:
            return tuple(Act(**row) for row in connection.execute(query).mappings())

    def withdraw(self, act: Act) -> bool:
        """Take a document from every reader at once, until that is undone. False: it was withdrawn before."""
        row = {"document_id": act.subject, "at": act.at, "who": act.who, "reason": redact(act.reason)}
        with self._database.write() as connection:
            new = self._database.add(connection, withdrawals, row)
            if new:
                add_act(connection, act)
                raise_epoch(self._database, connection)
        return new

    def give_back(self, act: Act) -> bool:
        """Undo a withdrawal. False: there was none."""
        with self._database.write() as connection:
            gone = connection.execute(delete(withdrawals).where(withdrawals.c.document_id == act.subject)).rowcount > 0
            if gone:
                add_act(connection, act)
                raise_epoch(self._database, connection)
        return gone

    def withdrawn(self) -> tuple[str, ...]:
        """Return the ids of the documents that are withdrawn, sorted."""
        with self._database.read() as connection:
            return tuple(connection.execute(select(withdrawals.c.document_id).order_by("document_id")).scalars())


def add_act(connection: Connection, act: Act) -> None:
    """Record an act in the transaction that does it."""
    connection.execute(audit.insert().values(id=new_id(act.at), **_row(act)))


def _row(act: Act) -> dict[str, object]:
    return {"at": act.at, "who": act.who, "action": act.action, "subject": act.subject, "reason": redact(act.reason)}
