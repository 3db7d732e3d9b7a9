"""Recorded runs, compressed: one body of bytes for each, and what it is found by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, desc, select, update

from domain.errors import BadInput
from worker.store.engine import Database
from worker.store.money_tables import answers, recordings


@dataclass(frozen=True, slots=True)
class Kept:
    """A recorded run. `documents` are those whose words are in the body."""

    run_id: str
    at: datetime
    incident_id: str
    channel_id: str
    documents: tuple[str, ...]
    body: bytes


class Recordings:
    """The recorded runs."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def keep(self, kept: Kept) -> None:
        """Keep a run; kept again, it takes the place of what was kept before."""
        row = _row(kept)
        upsert = self._database.insert(recordings).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=[recordings.c.id], set_=row)
        with self._database.write() as connection:
            connection.execute(upsert)

    def get(self, run_id: str) -> Kept | None:
        """Return a run, or None.

        Raises:
            BadInput: its bytes are not those that were kept.
        """
        with self._database.read() as connection:
            row = connection.execute(select(recordings).where(recordings.c.id == run_id)).mappings().first()
        return None if row is None else _kept(row)

    def ids(self, limit: int = 0) -> tuple[str, ...]:
        """Return the runs, the newest first; all, or so many."""
        query = select(recordings.c.id).order_by(desc(recordings.c.at), desc(recordings.c.id))
        with self._database.read() as connection:
            return tuple(connection.execute(query.limit(limit) if limit else query).scalars())

    def holding(self, document_id: str) -> Iterator[Kept]:
        """Yield the runs that hold words of a document."""
        for run_id in self.ids():
            kept = self.get(run_id)
            if kept is not None and document_id in kept.documents:
                yield kept

    def forget_answers(self, document_id: str) -> int:
        """Forget the kept answers that rest on a document, and return how many there were."""
        with self._database.write() as connection:
            rows = connection.execute(select(answers.c.id, answers.c.documents)).all()
            ids = [row.id for row in rows if document_id in row.documents]
            return connection.execute(answers.delete().where(answers.c.id.in_(ids))).rowcount

    def replace(self, kept: Kept) -> None:
        """Put another body in the place of a run's."""
        with self._database.write() as connection:
            connection.execute(update(recordings).where(recordings.c.id == kept.run_id).values(_row(kept)))


def _row(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.run_id,
        "at": kept.at,
        "incident_id": kept.incident_id,
        "channel_id": kept.channel_id,
        "documents": list(kept.documents),
        "digest": hashlib.sha256(kept.body).hexdigest(),
        "body": kept.body,
    }


def _kept(row: RowMapping) -> Kept:
    if hashlib.sha256(row["body"]).hexdigest() != row["digest"]:
        raise BadInput("The recording is not what was kept: its digest differs.", reason="bad-recording")
    documents = tuple(row["documents"])
    return Kept(row["id"], row["at"], row["incident_id"], row["channel_id"], documents, row["body"])
