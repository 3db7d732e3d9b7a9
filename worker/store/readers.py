"""Who may read a document, beside what a snapshot was built with: the rules of its source, and what was revoked.

Both hold for a document whatever snapshot it is in, at once and after every ingest: they narrow what the snapshot was
built with and never widen it. The epoch is raised with every change, so whoever keeps something that depends on
readers can tell whether it still holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from domain.access import Readers, Ruling, Step, narrowed, without
from worker.store.audit import Act, add_act
from worker.store.engine import Database
from worker.store.epochs import current_epoch, raise_epoch
from worker.store.rows import in_batches
from worker.store.tables import revocations, rulings, withdrawals


class ReadersOfRecord:
    """The rulings and the revocations."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def epoch(self) -> int:
        """Return a number that has grown whenever who may read what has changed."""
        with self._database.read() as connection:
            return current_epoch(connection)

    def rule(self, made: Mapping[str, Ruling]) -> bool:
        """Let these rulings hold from now on; those of other documents stay. False: they held before."""
        with self._database.write() as connection:
            known = _rulings(connection, made)
            rows = [
                {"document_id": name, "steps": _steps(ruling)}
                for name, ruling in made.items()
                if known.get(name) != ruling
            ]
            for row in rows:
                upsert = self._database.insert(rulings).values(row)
                connection.execute(upsert.on_conflict_do_update(index_elements=["document_id"], set_=row))
            if rows:
                raise_epoch(self._database, connection)
        return bool(rows)

    def ruling(self, document_id: str) -> Ruling | None:
        """Return who may read a document by its source, and why; None where no sync has met it."""
        with self._database.read() as connection:
            return _rulings(connection, (document_id,)).get(document_id)

    def revoke(self, act: Act, group: str) -> bool:
        """Take a document from a group at once and for good. False: that was done before."""
        row = {"document_id": act.subject, "reader": group, "at": act.at, "who": act.who, "reason": act.reason}
        with self._database.write() as connection:
            new = self._database.add(connection, revocations, row)
            if new:
                add_act(connection, act)
                raise_epoch(self._database, connection)
        return new

    def give_back(self, act: Act, group: str) -> bool:
        """Undo a revocation. False: there was none."""
        named = (revocations.c.document_id == act.subject, revocations.c.reader == group)
        with self._database.write() as connection:
            gone = connection.execute(delete(revocations).where(*named)).rowcount > 0
            if gone:
                add_act(connection, act)
                raise_epoch(self._database, connection)
        return gone

    def revoked(self, document_id: str) -> Readers:
        """Return the groups that a document was taken from."""
        with self._database.read() as connection:
            return _revoked(connection, (document_id,)).get(document_id, frozenset())


def effective(connection: Connection, built: Mapping[str, Readers]) -> dict[str, Readers]:
    """Return who may read these documents, which a snapshot was built with `built`; one that is withdrawn is absent."""
    names = sorted(built)
    ruled, revoked = _rulings(connection, names), _revoked(connection, names)
    gone: set[str] = set()
    for batch in in_batches(names):
        gone.update(
            connection.execute(select(withdrawals.c.document_id).where(withdrawals.c.document_id.in_(batch))).scalars()
        )
    found: dict[str, Readers] = {}
    for name, readers in built.items():
        if name not in gone:
            kept = narrowed(readers, ruled[name].readers) if name in ruled else readers
            found[name] = without(kept, revoked.get(name, ()))
    return found


def _rulings(connection: Connection, names: Collection[str]) -> dict[str, Ruling]:
    found: dict[str, Ruling] = {}
    for batch in in_batches(sorted(names)):
        query = select(rulings.c.document_id, rulings.c.steps).where(rulings.c.document_id.in_(batch))
        for name, steps in connection.execute(query):
            found[name] = Ruling(tuple(Step(step["rule"], frozenset(step["readers"])) for step in steps))
    return found


def _revoked(connection: Connection, names: Collection[str]) -> dict[str, Readers]:
    found: dict[str, Readers] = {}
    for batch in in_batches(sorted(names)):
        query = select(revocations.c.document_id, revocations.c.reader).where(revocations.c.document_id.in_(batch))
        for name, group in connection.execute(query):
            found[name] = found.get(name, frozenset()) | {group}
    return found


def _steps(ruling: Ruling) -> list[dict[str, Any]]:
    return [{"rule": step.rule, "readers": sorted(step.readers)} for step in ruling.steps]
