"""The work that waits: one row for each incident, true whatever the broker lost.

A row is due when `done_version` lags behind `wanted_version`. A worker claims it by a conditional update
that raises the fencing token, so that a worker whose lease ran out can neither close nor return the work
(M. Kleppmann, "How to do distributed locking", 2016). An attempt counts when it is claimed, before
anything is done: work that kills its worker is counted too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, case, func, literal, null, or_, select, update

from worker.store.columns import UtcTime
from worker.store.engine import Database
from worker.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on an incident until `lease_until`, as long as nobody claimed it after us."""

    incident_id: str
    token: int
    attempts: int
    wanted_version: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """Work that was given up, and why."""

    incident_id: str
    attempts: int
    reason: str
    at: datetime


HELD: ContextVar[Claim | None] = ContextVar("held", default=None)
"""What the attempt that runs here has claimed."""


class Outbox:
    """The queue of incidents whose channels are yet to be told."""

    def __init__(self, database: Database) -> None:
        """Keep the queue in this database; rows are put in by `receive`."""
        self._database = database

    def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of incidents whose work can be claimed now, the longest waiting first."""
        query = select(outbox.c.incident_id).where(_free(now)).order_by(outbox.c.available_at).limit(limit)
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

    def waiting(self) -> tuple[str, ...]:
        """Return the ids of all incidents whose work is not done, due or not, dead or not."""
        query = select(outbox.c.incident_id).where(outbox.c.done_version < outbox.c.wanted_version)
        with self._database.read() as connection:
            return tuple(connection.execute(query.order_by(outbox.c.incident_id)).scalars())

    def claim(self, incident_id: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take the work on an incident; None where there is none, it is not due, or somebody has it."""
        take = (
            update(outbox)
            .where(outbox.c.incident_id == incident_id, _free(now))
            .values(token=outbox.c.token + 1, attempts=outbox.c.attempts + 1, lease_until=now + lease)
            .returning(outbox)
        )
        with self._database.write() as connection:
            row = connection.execute(take).mappings().first()
        if row is None:
            return None
        return Claim(row["incident_id"], row["token"], row["attempts"], row["wanted_version"], row["lease_until"])

    def renew(self, claim: Claim, now: datetime, lease: timedelta) -> bool:
        """Hold the work for longer; False when it is no longer ours."""
        return self._change(claim, {"lease_until": now + lease})

    def finish(self, claim: Claim, version: int, now: datetime) -> bool:
        """Close the work up to a version; it stays due where the incident has moved on. False: not ours any more.

        A time at which it becomes due that lies ahead stays as it is: a storm's message rests between two edits.
        """
        lags = outbox.c.wanted_version > version
        at = literal(now, UtcTime)
        later = case((outbox.c.available_at > at, outbox.c.available_at), else_=at)
        return self._change(
            claim,
            {
                "done_version": case((outbox.c.done_version > version, outbox.c.done_version), else_=version),
                "lease_until": None,
                "attempts": 0,
                "reason": "",
                "done_at": now,
                "available_at": case((lags, later), else_=outbox.c.available_at),
                "waiting_since": case((lags, at), else_=outbox.c.waiting_since),
            },
        )

    def retry(self, claim: Claim, at: datetime, reason: str, attempts: int | None = None) -> bool:
        """Give the work back, to be claimed from this time on. False: not ours any more.

        `attempts` is how many count by then, where it is not all of them. A change that came while it was held is due
        already and stays so.
        """
        counted = claim.attempts if attempts is None else attempts
        changed = outbox.c.wanted_version > claim.wanted_version
        due = case((changed, outbox.c.available_at), else_=literal(at, UtcTime))
        return self._change(claim, {"lease_until": None, "available_at": due, "reason": reason, "attempts": counted})

    def bury(self, claim: Claim, reason: str, now: datetime) -> bool:
        """Give the work up and keep it with its reason; the next change brings it back. False: not ours any more.

        A change that came while the work was held has brought it back already.
        """
        unchanged = outbox.c.wanted_version == claim.wanted_version
        dead_at = case((unchanged, literal(now, UtcTime)), else_=null())
        return self._change(claim, {"lease_until": None, "dead_at": dead_at, "reason": reason})

    def again(self, incident_id: str, now: datetime) -> bool:
        """Make an incident's work due once more, also when it is done or dead. False: there is no such work."""
        with self._database.write() as connection:
            return again(connection, incident_id, now)

    def drop(self, incident_id: str) -> bool:
        """Give dead work up for good; the next change brings it back. False: there is no dead work of that id."""
        dead = and_(outbox.c.incident_id == incident_id, outbox.c.dead_at.is_not(None))
        values = {"done_version": outbox.c.wanted_version, "attempts": 0, "dead_at": None}
        with self._database.write() as connection:
            return connection.execute(_set(dead, values)).rowcount == 1

    def revive(self, incident_id: str, now: datetime) -> bool:
        """Make dead work due again. False: there is no dead work of that id."""
        dead = and_(outbox.c.incident_id == incident_id, outbox.c.dead_at.is_not(None))
        values = {"available_at": now, "waiting_since": now, "attempts": 0, "dead_at": None}
        with self._database.write() as connection:
            return connection.execute(_set(dead, values)).rowcount == 1

    def dead(self, limit: int) -> tuple[Dead, ...]:
        """Return the work that was given up, the newest first."""
        query = select(outbox).where(outbox.c.dead_at.is_not(None)).order_by(outbox.c.dead_at.desc()).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Dead(row["incident_id"], row["attempts"], row["reason"], row["dead_at"]) for row in rows)

    def pending(self) -> int:
        """Return how many incidents have work that is neither done nor dead."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(outbox).where(_OPEN)).scalar_one()

    def oldest_age(self, now: datetime) -> timedelta:
        """Return how long the oldest work that is neither done nor dead has waited; zero where there is none."""
        with self._database.read() as connection:
            since = connection.execute(select(func.min(outbox.c.waiting_since)).where(_OPEN)).scalar_one()
        return now - since if since is not None else timedelta(0)

    def _change(self, claim: Claim, values: Mapping[str, Any]) -> bool:
        ours = and_(
            outbox.c.incident_id == claim.incident_id,
            outbox.c.token == claim.token,
            outbox.c.lease_until.is_not(None),
        )
        with self._database.write() as connection:
            return connection.execute(_set(ours, values)).rowcount == 1


def again(connection: Connection, incident_id: str, now: datetime, more: Mapping[str, Any] | None = None) -> bool:
    """Make an incident's work due once more, within a transaction; `more` is set with it. False: there is none."""
    behind = case(
        (outbox.c.done_version >= outbox.c.wanted_version, outbox.c.wanted_version - 1), else_=outbox.c.done_version
    )
    values = {"done_version": behind, "available_at": now, "waiting_since": now, "attempts": 0, "dead_at": None}
    return connection.execute(_set(outbox.c.incident_id == incident_id, {**values, **(more or {})})).rowcount == 1


_OPEN = and_(outbox.c.done_version < outbox.c.wanted_version, outbox.c.dead_at.is_(None))


def _free(now: datetime) -> ColumnElement[bool]:
    no_lease = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)
    return and_(_OPEN, outbox.c.available_at <= now, no_lease)


def _set(where: ColumnElement[bool], values: Mapping[str, Any]) -> Update:
    return update(outbox).where(where).values(**values)
