"""What was done to services, by whom; each change is shown only to those who may read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, desc, exists, select

from domain.access import Audience
from domain.alert import Change
from worker.store.engine import Database
from worker.store.tables import change_readers, changes

_MOST = 20


class Changes:
    """The changes received."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def add(self, change: Change) -> bool:
        """Store a change and who may read it. False: it was there already, and stays as it was."""
        row = {name: getattr(change, name) for name in ("id", "who", "what", "service", "at", "link")}
        readers = [{"change_id": change.id, "reader": reader} for reader in sorted(change.readers)]
        with self._database.write() as connection:
            if not self._database.add(connection, changes, row):
                return False
            if readers:
                connection.execute(change_readers.insert(), readers)
        return True

    def before(
        self, audience: Audience, services: Collection[str], at: datetime, window: timedelta
    ) -> tuple[Change, ...]:
        """Return at most 20 changes to these services in the `window` up to `at` that the audience may read.

        The newest come first. What may not be read is not counted, so it cannot push out what may.
        """
        if not audience.groups or not services:
            return ()
        readable = exists().where(
            change_readers.c.change_id == changes.c.id, change_readers.c.reader.in_(sorted(audience.groups))
        )
        query = (
            select(changes)
            .where(changes.c.service.in_(sorted(services)), changes.c.at >= at - window, changes.c.at <= at, readable)
            .order_by(desc(changes.c.at), desc(changes.c.id))
            .limit(_MOST)
        )
        with self._database.read() as connection:
            return tuple(_change(connection, row) for row in connection.execute(query).mappings().all())


def _change(connection: Connection, row: RowMapping) -> Change:
    query = select(change_readers.c.reader).where(change_readers.c.change_id == row["id"])
    return Change(**row, readers=frozenset(connection.execute(query).scalars()))
