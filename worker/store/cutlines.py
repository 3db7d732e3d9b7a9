"""The figures of a channel's runs, and the channels that were switched to shadow for theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, select, update

from worker.store.engine import Database
from worker.store.money_tables import cutlines
from worker.store.tables import runs

_INVALID = frozenset({"invalid", "not-better"})
_ANSWERED = _INVALID | {"improved"}


@dataclass(frozen=True, slots=True)
class Figures:
    """A channel's runs that asked a model: how many answered, in how many incidents, at what known cost."""

    answered: int
    invalid: int
    incidents: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Cut:
    """A channel that was switched to shadow. It holds for incidents that opened from `since` until it was lifted."""

    channel_id: str
    since: datetime
    lifted_at: datetime | None
    reason: str

    def holds_for(self, opened_at: datetime) -> bool:
        """Tell whether an incident that opened then is told of in shadow, to its end."""
        return self.since <= opened_at and (self.lifted_at is None or opened_at < self.lifted_at)


class Cutlines:
    """The cuts."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def figures(self, channel_id: str, since: datetime) -> Figures:
        """Return what a channel's runs came to since then."""
        columns = (runs.c.incident_id, runs.c.model_outcome, runs.c.cost_nanousd)
        query = select(*columns).where(runs.c.channel_id == channel_id, runs.c.started_at >= since)
        with self._database.read() as connection:
            rows = [row for row in connection.execute(query) if row.model_outcome in _ANSWERED]
        return Figures(
            answered=len(rows),
            invalid=sum(row.model_outcome in _INVALID for row in rows),
            incidents=len({row.incident_id for row in rows}),
            usd=sum((row.cost_nanousd for row in rows if row.cost_nanousd is not None), Decimal(0)),
        )

    def cut(self, channel_id: str, reason: str, now: datetime) -> bool:
        """Switch a channel to shadow. False: it is already."""
        row = {"channel_id": channel_id, "since": now, "lifted_at": None, "reason": reason}
        insert = self._database.insert(cutlines).values(row)
        again = insert.on_conflict_do_update(
            index_elements=[cutlines.c.channel_id], set_=row, where=cutlines.c.lifted_at.is_not(None)
        )
        with self._database.write() as connection:
            return connection.execute(again.returning(cutlines.c.channel_id)).first() is not None

    def lift(self, channel_id: str, now: datetime) -> bool:
        """Switch a channel back for incidents from now on. False: it was not in shadow."""
        ours = and_(cutlines.c.channel_id == channel_id, cutlines.c.lifted_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(update(cutlines).where(ours).values(lifted_at=now)).rowcount == 1

    def all(self) -> tuple[Cut, ...]:
        """Return every cut on record, by channel."""
        with self._database.read() as connection:
            rows = connection.execute(select(cutlines).order_by(cutlines.c.channel_id)).mappings()
            return tuple(Cut(**row) for row in rows)

    def of(self, channel_id: str) -> Cut | None:
        """Return a channel's latest cut, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(cutlines).where(cutlines.c.channel_id == channel_id)).mappings().first()
        return None if row is None else Cut(**row)
