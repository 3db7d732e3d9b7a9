"""Deliveries to test with: one group of one sender, at whole minutes after three."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from domain.alert import Alert, Delivery, Status

THREE = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the time this many minutes after three."""
    return THREE + timedelta(minutes=minutes)


def firing(
    name: str = "disk", start: float = 0, severity: str = "warning", annotations: Mapping[str, str] | None = None
) -> Alert:
    """Return an alert that fires since `start`; its name is its fingerprint."""
    labels = {"alertname": name, "service": "orders", "severity": severity}
    return Alert(name, Status.FIRING, labels, annotations or {"summary": f"{name} is full"}, at(start))


def resolved(name: str = "disk", start: float = 0, end: float | None = None, severity: str = "warning") -> Alert:
    """Return an alert that fired at `start` and has ended."""
    labels = {"alertname": name, "service": "orders", "severity": severity}
    ends_at = None if end is None else at(end)
    return Alert(name, Status.RESOLVED, labels, {"summary": f"{name} is full"}, at(start), ends_at)


def delivery(*alerts: Alert, group_key: str = "{}:{team=orders}", truncated: int = 0) -> Delivery:
    """Return a delivery of these alerts."""
    return Delivery("alertmanager", group_key, alerts, truncated=truncated)
