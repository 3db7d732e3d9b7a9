"""Read incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, desc, exists, select

from domain.alert import Incident, Status
from worker.store.engine import Database
from worker.store.rows import load_incidents
from worker.store.storm import SENDER
from worker.store.tables import incidents, messages

_NO_STORM = incidents.c.sender != SENDER


class Incidents:
    """The incidents; they are written by `receive` alone."""

    def __init__(self, database: Database) -> None:
        """Read from this database."""
        self._database = database

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it stands, or None."""
        with self._database.read() as connection:
            rows = connection.execute(select(incidents).where(incidents.c.id == incident_id)).mappings()
            found = load_incidents(connection, rows)
        return found[0] if found else None

    def since(self, began: datetime, limit: int) -> tuple[Incident, ...]:
        """Return the incidents that began at or after a time, the oldest first."""
        query = select(incidents).where(incidents.c.opened_at >= began, _NO_STORM)
        query = query.order_by(incidents.c.opened_at, incidents.c.id).limit(limit)
        with self._database.read() as connection:
            return load_incidents(connection, connection.execute(query).mappings())

    def told_to(
        self, channels: Iterable[str], limit: int, offset: int = 0, status: Status | None = None
    ) -> tuple[Incident, ...]:
        """Return the incidents that one of these channels was told of, the newest first."""
        told = exists().where(messages.c.incident_id == incidents.c.id, messages.c.channel_id.in_(sorted(channels)))
        with self._database.read() as connection:
            return _found(connection, select(incidents).where(told, _NO_STORM), (limit, offset), status)

    def recent(self, limit: int, offset: int = 0, status: Status | None = None) -> tuple[Incident, ...]:
        """Return incidents, the newest first; all of them, or those of one status."""
        with self._database.read() as connection:
            return _found(connection, select(incidents).where(_NO_STORM), (limit, offset), status)


def _found(
    connection: Connection, query: Select[Any], page: tuple[int, int], status: Status | None
) -> tuple[Incident, ...]:
    limit, offset = page
    if status is not None:
        query = query.where(incidents.c.status == status.value)
    query = query.order_by(desc(incidents.c.opened_at), desc(incidents.c.id)).limit(limit).offset(offset)
    return load_incidents(connection, connection.execute(query).mappings())
