"""After a restore: what waited when the backup was made may have been told since, and must not be told twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from worker.route import Channel, route
from worker.store.doubt import doubt
from worker.store.messages import Place
from worker.store.store import Store

_SOONER = timedelta(minutes=1)
"""Clocks differ: it is looked for from a little earlier on."""


def after_restore(store: Store, channels: Sequence[Channel], now: datetime) -> int:
    """Have every message that is not on record, of an incident with work to do, looked for before it is posted.

    Returns how many. An incident that is not in the backup is not known here: its sender tells it again, as a new one.
    """
    doubted = 0
    for name in store.outbox.waiting():
        incident = store.incidents.get(name)
        if incident is None:
            continue
        for channel in route(incident, channels):
            since = min(incident.opened_at, now) - _SOONER
            doubted += doubt(store.database, Place(channel.id, incident.id), since)
    return doubted
