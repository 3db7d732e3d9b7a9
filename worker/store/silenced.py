"""What a silence holds: the incidents that some channel is not told of for now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, select, update

from worker.store.engine import Database
from worker.store.messages import Begun, Place, at_place, new_row
from worker.store.outbox import again
from worker.store.tables import messages, outbox

_LOOKED_AT_AGAIN = timedelta(minutes=5)
_AT_ONCE = 500
_HELD = (Begun.STORM.value, Begun.SILENT.value)


class Silenced:
    """The rows of `messages` that stand for an incident which a silence covers: as long as they do, none is posted."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def keep(self, place: Place, until: datetime | None, now: datetime) -> bool:
        """Note that a channel is not told of an incident up to a time; None: for good, it is over.

        False: somebody has begun a message for it.
        """
        untold = and_(at_place(place), messages.c.state.in_((Begun.FRESH.value, Begun.SILENT.value)))
        values = {"state": Begun.SILENT.value, "silent_until": until}
        with self._database.write() as connection:
            if self._database.add(connection, messages, new_row(place, now) | values):
                return True
            return connection.execute(update(messages).where(untold).values(**values)).rowcount == 1

    def wake(self, now: datetime) -> tuple[str, ...]:
        """Have the incidents looked at whose silence has ended, and return them; later again if nothing came of it."""
        done = exists().where(
            outbox.c.incident_id == messages.c.incident_id,
            outbox.c.done_version >= outbox.c.wanted_version,
            outbox.c.dead_at.is_(None),
        )
        over = and_(messages.c.state == Begun.SILENT.value, messages.c.silent_until <= now)
        query = select(messages.c.incident_id).where(over, done).distinct().limit(_AT_ONCE)
        with self._database.read() as connection:
            found = tuple(connection.execute(query).scalars())
        for incident in found:
            with self._database.write() as connection:
                again(connection, incident, now)
                later = update(messages).where(over, messages.c.incident_id == incident)
                connection.execute(later.values(silent_until=now + _LOOKED_AT_AGAIN))
        return found

    def doubt(self, now: datetime) -> None:
        """Let every silence end now, as far as the record goes: the settings may have changed. What holds goes on."""
        held = and_(messages.c.state == Begun.SILENT.value, messages.c.silent_until > now)
        with self._database.write() as connection:
            connection.execute(update(messages).where(held).values(silent_until=now))

    def firing(self) -> int:
        """Return how many incidents fire and are not told to some channel."""
        held = and_(messages.c.state == Begun.SILENT.value, messages.c.silent_until.is_not(None))
        query = select(func.count(messages.c.incident_id.distinct())).where(held)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def held(self, incident_ids: Collection[str], channels: Collection[str] | None = None) -> Mapping[str, str]:
        """Return how incidents are told that have no message of their own in a channel: "storm" or "silent", by id.

        `channels` are those that are asked for; None is all of them.
        """
        query = select(messages.c.incident_id, messages.c.state)
        query = query.where(messages.c.incident_id.in_(sorted(incident_ids)), messages.c.state.in_(_HELD))
        if channels is not None:
            query = query.where(messages.c.channel_id.in_(sorted(channels)))
        with self._database.read() as connection:
            return {name: state for name, state in connection.execute(query.order_by(messages.c.state.desc()))}
