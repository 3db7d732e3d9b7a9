"""Forget what is older than it may be kept: alerts, incidents, messages, runs with all that was recorded, money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, exists, not_, select

from worker.store.engine import Database
from worker.store.money_tables import answers, feedback, purses, recordings, spend
from worker.store.tables import alerts, bodies, changes, episodes, incidents, messages, refusals, runs
from worker.store.tables_access import denied_reads

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each is kept: what an incident's alerts said, incidents, messages, the audit of runs, and spend.

    Alerts, messages and runs of an incident go with it. What a run is known by is gone with the audit: its record, its
    recording, and every text but the newest of its message.
    """

    alerts: timedelta
    incidents: timedelta
    messages: timedelta
    audit: timedelta
    spend: timedelta

    @classmethod
    def same(cls, keep: timedelta) -> Retention:
        """Return one span for all."""
        return cls(keep, keep, keep, keep, keep)


def purge(database: Database, now: datetime, keep: Retention) -> Mapping[str, int]:
    """Delete what is older than it may be kept, and return how many rows of each table went.

    Alerts, outbox, messages and replies go with their incident. It works in small transactions, so that
    deliveries need not wait for it; stopped half-way, it can simply be run again.
    """
    before, audit = now - keep.incidents, now - keep.audit
    alive = exists().where(incidents.c.id == episodes.c.incident_id, incidents.c.heard_at >= before)
    gone = {  # episodes first: known without their incident, a repeat of them would open nothing
        "episodes": _delete(database, episodes, and_(episodes.c.seen_at < before, ~alive)),
        "incidents": _delete(database, incidents, incidents.c.heard_at < before),
        "alerts": _of_closed(database, alerts, now - keep.alerts),
        "messages": _of_closed(database, messages, now - keep.messages),
        "runs": _delete(database, runs, runs.c.started_at < audit),
        "recordings": _delete(database, recordings, recordings.c.at < audit),
        "answers": _delete(database, answers, answers.c.at < audit),
        "changes": _delete(database, changes, changes.c.at < before),
        "refusals": _delete(database, refusals, refusals.c.at < before),
        "denied_reads": _delete(database, denied_reads, denied_reads.c.at < before),
        "spend": _delete(database, spend, spend.c.at < now - keep.spend),
        "purses": _delete(database, purses, purses.c.at < now - keep.spend),
    }
    with database.write() as connection:
        gone["message_bodies"] = _old_editions(connection, audit)
        gone["feedback"] = connection.execute(delete(feedback).where(feedback.c.at < audit)).rowcount
    return gone


def _of_closed(database: Database, table: Table, before: datetime) -> int:
    """Delete the rows of incidents that are closed and were last heard of before a time."""
    there = exists().where(table.c.incident_id == incidents.c.id)
    old = and_(not_(incidents.c.open), incidents.c.heard_at < before, there)
    gone = 0
    while True:
        with database.write() as connection:
            ids = connection.execute(select(incidents.c.id).where(old).limit(_AT_ONCE)).scalars().all()
            gone += connection.execute(delete(table).where(table.c.incident_id.in_(ids))).rowcount
        if len(ids) < _AT_ONCE:
            return gone


def _old_editions(connection: Connection, before: datetime) -> int:
    """Delete what messages showed before a time, up to the newest text of each."""
    newest = exists().where(
        messages.c.channel_id == bodies.c.channel_id,
        messages.c.incident_id == bodies.c.incident_id,
        messages.c.seq == bodies.c.seq,
    )
    return connection.execute(delete(bodies).where(bodies.c.at < before, ~newest)).rowcount


def _delete(database: Database, table: Table, old: ColumnElement[bool]) -> int:
    """Delete the old rows of a table, some at a time."""
    key: Column[str] = table.c.id
    gone = 0
    while True:
        with database.write() as connection:
            ids: Sequence[str] = connection.execute(select(key).where(old).limit(_AT_ONCE)).scalars().all()
            gone += connection.execute(delete(table).where(key.in_(ids), old)).rowcount
        if len(ids) < _AT_ONCE:
            return gone
