"""How much work waits in the outbox, and how fast it is done: what decides whether more is taken on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from worker.store.engine import Database
from worker.store.tables import outbox

WINDOW = timedelta(minutes=1)
"""The rate is measured over this time."""


@dataclass(frozen=True, slots=True)
class Load:
    """The work at one moment.

    `waiting` counts incidents whose work is neither done nor dead, without those that are held on purpose.
    `untouched_for` is how long the oldest of them has waited that nobody has tried yet: what fails and is tried again
    says nothing of how busy we are. `done` counts the work that came to its end within the last minute.
    """

    waiting: int = 0
    untouched_for: timedelta = timedelta(0)
    done: int = 0


class Loads:
    """Measures the outbox."""

    def __init__(self, database: Database) -> None:
        """Look at this database."""
        self._database = database

    def now(self, now: datetime) -> Load:
        """Return the load at this moment.

        Raises:
            StoreUnavailable: the database did not answer.
        """
        untried = outbox.c.attempts == 0
        held = and_(untried, outbox.c.available_at > now)
        nobodys = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
        idle = and_(untried, outbox.c.available_at <= now, nobodys)
        open_work = and_(outbox.c.done_version < outbox.c.wanted_version, outbox.c.dead_at.is_(None))
        waits = select(func.count()).select_from(outbox).where(open_work, ~held)
        oldest = select(func.min(outbox.c.waiting_since)).where(open_work, idle)
        done = select(func.count()).select_from(outbox).where(outbox.c.done_at > now - WINDOW)
        with self._database.read() as connection:
            since = connection.execute(oldest).scalar_one()
            return Load(
                waiting=connection.execute(waits).scalar_one(),
                untouched_for=max(now - since, timedelta(0)) if since else timedelta(0),
                done=connection.execute(done).scalar_one(),
            )
