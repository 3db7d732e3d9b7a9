"""Named locks that expire: for work that only one process may do at a time, such as ingest."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update

from worker.store.engine import Database
from worker.store.tables import leases


class Locks:
    """The locks. An owner that dies loses its lock when the lease runs out."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a lock, or hold it for longer where it is ours. False: somebody else has it."""
        take = self._database.insert(leases).values(name=name, owner=owner, until=now + lease)
        free_or_ours = or_(leases.c.until <= now, leases.c.owner == owner)
        take = take.on_conflict_do_update(
            index_elements=[leases.c.name], set_={"owner": owner, "until": now + lease}, where=free_or_ours
        )
        with self._database.write() as connection:
            return connection.execute(take.returning(leases.c.name)).first() is not None

    def until(self, name: str) -> datetime | None:
        """Return up to when a lock holds, None where nobody ever took it."""
        with self._database.read() as connection:
            return connection.execute(select(leases.c.until).where(leases.c.name == name)).scalar_one_or_none()

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Hold a lock for longer. False: it ran out and somebody else has it."""
        ours = and_(leases.c.name == name, leases.c.owner == owner)
        with self._database.write() as connection:
            return connection.execute(update(leases).where(ours).values(until=now + lease)).rowcount == 1

    def release(self, name: str, owner: str) -> None:
        """Give a lock back, if it is still ours."""
        with self._database.write() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))
