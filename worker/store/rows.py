"""Rows to nouns and back, for the alerts and incidents that several files read."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, bindparam, select

from domain.alert import Alert, Incident, Status
from worker.store.columns import utc
from worker.store.tables import alerts

_AT_ONCE = 500
_ALERTS_OF = (
    select(alerts)
    .where(alerts.c.incident_id.in_(bindparam("ids", expanding=True)))
    .order_by(alerts.c.starts_at, alerts.c.fingerprint)
)
T = TypeVar("T")


def in_batches(items: Sequence[T], size: int = _AT_ONCE) -> Iterator[Sequence[T]]:
    """Cut a long list, because a statement takes only so many parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def group_id(sender: str, group_key: str) -> str:
    """Return the short name of a (sender, group key)."""
    return _digest(sender, group_key)


def episode_id(group: str, fingerprint: str, starts_at: datetime) -> str:
    """Return the short name of one episode of one alert in a group."""
    return _digest(group, fingerprint, utc(starts_at).isoformat())


def _digest(*parts: str) -> str:
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode()).hexdigest()[:40]


def alert_row(incident_id: str, alert: Alert) -> dict[str, Any]:
    """Return the row of an alert."""
    return {
        "incident_id": incident_id,
        "fingerprint": alert.fingerprint,
        "status": alert.status.value,
        "starts_at": alert.starts_at,
        "ends_at": alert.ends_at,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "link": alert.link,
    }


def incident_row(incident: Incident, heard_at: datetime) -> dict[str, Any]:
    """Return the row of an incident, without its alerts."""
    return {
        "id": incident.id,
        "group_id": group_id(incident.sender, incident.group_key),
        "sender": incident.sender,
        "group_key": incident.group_key,
        "status": incident.status.value,
        "opened_at": incident.opened_at,
        "heard_at": heard_at,
        "resolved_at": incident.resolved_at,
        "open": incident.status is Status.FIRING,
        "version": incident.version,
        "reopened": incident.reopened,
        "previous_id": incident.previous_id,
        "truncated": incident.truncated,
    }


def load_incidents(connection: Connection, rows: Iterable[RowMapping]) -> tuple[Incident, ...]:
    """Return the incidents of these rows, in their order, each with its alerts."""
    rows = list(rows)
    found: Mapping[str, list[Alert]] = defaultdict(list)
    for ids in in_batches([row["id"] for row in rows]):
        for row in connection.execute(_ALERTS_OF, {"ids": ids}).mappings():
            found[row["incident_id"]].append(_alert(row))
    return tuple(_incident(row, tuple(found[row["id"]])) for row in rows)


def _alert(row: RowMapping) -> Alert:
    return Alert(
        fingerprint=row["fingerprint"],
        status=Status(row["status"]),
        labels=row["labels"],
        annotations=row["annotations"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        link=row["link"],
    )


def _incident(row: RowMapping, of_it: tuple[Alert, ...]) -> Incident:
    return Incident(
        id=row["id"],
        sender=row["sender"],
        group_key=row["group_key"],
        status=Status(row["status"]),
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        version=row["version"],
        alerts=of_it,
        reopened=row["reopened"],
        previous_id=row["previous_id"],
        truncated=row["truncated"],
    )
