"""Read incidents."""

from __future__ import annotations

from sqlalchemy import desc, select

from domain.alert import Incident, Status
from worker.store.engine import Database
from worker.store.rows import load_incidents
from worker.store.tables import incidents


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

    def recent(self, limit: int, offset: int = 0, status: Status | None = None) -> tuple[Incident, ...]:
        """Return incidents, the newest first; all of them, or those of one status."""
        query = select(incidents).order_by(desc(incidents.c.opened_at), desc(incidents.c.id))
        if status is not None:
            query = query.where(incidents.c.status == status.value)
        with self._database.read() as connection:
            return load_incidents(connection, connection.execute(query.limit(limit).offset(offset)).mappings())
