"""Forget what is older than it may be kept: alerts, incidents, messages, runs, changes and refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Table, and_, delete, exists, select

from worker.store.engine import Database
from worker.store.tables import changes, episodes, incidents, refusals, runs
from worker.store.tables_access import denied_reads

_AT_ONCE = 500


def purge(database: Database, now: datetime, keep: timedelta) -> Mapping[str, int]:
    """Delete what was last heard of longer ago than `keep`, and return how many rows of each table went.

    Alerts, outbox, messages and replies go with their incident. It works in small transactions, so that
    deliveries need not wait for it; stopped half-way, it can simply be run again.
    """
    before = now - keep
    alive = exists().where(incidents.c.id == episodes.c.incident_id, incidents.c.heard_at >= before)
    return {  # episodes first: known without their incident, a repeat of them would open nothing
        "episodes": _delete(database, episodes, and_(episodes.c.seen_at < before, ~alive)),
        "incidents": _delete(database, incidents, incidents.c.heard_at < before),
        "runs": _delete(database, runs, runs.c.started_at < before),
        "changes": _delete(database, changes, changes.c.at < before),
        "refusals": _delete(database, refusals, refusals.c.at < before),
        "denied_reads": _delete(database, denied_reads, denied_reads.c.at < before),
    }


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
