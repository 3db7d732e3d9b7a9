"""What readers thought of messages: a thumb up or down for each run and person, the person known by a hash alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, desc, func, select

from worker.store.engine import Database
from worker.store.money_tables import feedback
from worker.store.tables import runs


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's vote on the message that a run made; `voter` is a keyed hash of who it was."""

    run_id: str
    voter: str
    incident_id: str
    channel_id: str
    at: datetime
    up: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with its votes, and what it was made by."""

    run_id: str
    incident_id: str
    channel_id: str
    last_at: datetime
    up: int
    down: int
    rung: str
    model: str
    prompt: str


class FeedbackBook:
    """The votes."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def cast(self, vote: Vote) -> None:
        """Record a vote; the same person's later vote on the same run takes its place."""
        row = {name: getattr(vote, name) for name in ("run_id", "voter", "incident_id", "channel_id", "at", "up")}
        insert = self._database.insert(feedback).values(row)
        again = insert.on_conflict_do_update(index_elements=[feedback.c.run_id, feedback.c.voter], set_=row)
        with self._database.write() as connection:
            connection.execute(again)

    def votes(self, channel_id: str, since: datetime) -> tuple[int, int]:
        """Return how many voted a channel's messages up and down since then."""
        query = select(feedback.c.up, func.count()).group_by(feedback.c.up)
        query = query.where(feedback.c.channel_id == channel_id, feedback.c.at >= since)
        with self._database.read() as connection:
            counted = {bool(row[0]): int(row[1]) for row in connection.execute(query)}
        return counted.get(True, 0), counted.get(False, 0)

    def judged(self, since: datetime, until: datetime) -> tuple[Judged, ...]:
        """Return the runs that were voted on in that time, the latest first, each with all of its votes then."""
        ups = func.sum(case((feedback.c.up, 1), else_=0))
        of_run = (feedback.c.run_id, feedback.c.incident_id, feedback.c.channel_id)
        counts = select(*of_run, func.max(feedback.c.at).label("last_at"), ups.label("ups"), func.count().label("n"))
        found = counts.where(feedback.c.at >= since, feedback.c.at < until).group_by(*of_run).subquery()
        query = select(found, runs.c.rung, runs.c.model, runs.c.versions).outerjoin(runs, runs.c.id == found.c.run_id)
        with self._database.read() as connection:
            return tuple(map(_judged, connection.execute(query.order_by(desc(found.c.last_at), found.c.run_id))))


def _judged(row: Row[Any]) -> Judged:
    versions: Mapping[str, str] = row.versions or {}
    return Judged(
        run_id=row.run_id,
        incident_id=row.incident_id,
        channel_id=row.channel_id,
        last_at=row.last_at,
        up=int(row.ups or 0),
        down=int(row.n) - int(row.ups or 0),
        rung=row.rung or "",
        model=row.model or "",
        prompt=versions.get("prompt", ""),
    )
