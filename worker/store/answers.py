"""Models' answers, kept for minutes: found by a hash of all that they depend on, the audience first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from worker.store.engine import Database
from worker.store.money_tables import answers


class Answers:
    """The kept answers."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def get(self, key: str, since: datetime) -> bytes | None:
        """Return an answer that was kept since then, or None."""
        query = select(answers.c.body).where(answers.c.id == key, answers.c.at >= since)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def keep(self, key: str, body: bytes, documents: tuple[str, ...], now: datetime, ttl: timedelta) -> None:
        """Keep an answer, and forget those that are too old."""
        row = {"id": key, "at": now, "documents": list(documents), "body": body}
        upsert = self._database.insert(answers).values(row)
        with self._database.write() as connection:
            connection.execute(delete(answers).where(answers.c.at < now - ttl))
            connection.execute(upsert.on_conflict_do_update(index_elements=[answers.c.id], set_=row))
