"""Silences: times in which what matches is kept on record and not told. Pure.

A silence covers an incident when every alert of it that fires is covered by one; so one alert that is not is enough to
have it told. A critical alert is covered only where the silence says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from domain.alert import Alert, Incident, Severity


@dataclass(frozen=True, slots=True)
class Weekly:
    """A window that comes every week: on these days (Monday is 0) it begins at a time of day, and it ends at another.

    One that ends at or before the time it begins at ends on the next day.
    """

    days: frozenset[int]
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Silence:
    """What is not told, when and why: from `begins` to `ends`, or in weekly windows as the clocks of `zone` show."""

    name: str
    match: Mapping[str, str]
    reason: str = ""
    critical: bool = False
    begins: datetime | None = None
    ends: datetime | None = None
    weekly: tuple[Weekly, ...] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Covered:
    """That an incident is silent: until when it surely is, and by which silences."""

    until: datetime
    names: tuple[str, ...]


def silent_until(silence: Silence, now: datetime) -> datetime | None:
    """Return when the window ends that a silence is in, None where it is in none."""
    ends = [] if silence.ends is None else [(silence.begins or now, silence.ends)]
    today = now.astimezone(silence.zone).date()
    for window in silence.weekly:
        ends += [_on(window, today - timedelta(days=back), silence.zone) for back in (0, 1)]
    return max((end.astimezone(UTC) for begin, end in ends if begin <= now < end), default=None)


def _on(window: Weekly, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the window that begins on a day; where none does, one of no length."""
    begin = datetime.combine(day, window.begins, zone).astimezone(UTC)
    if day.weekday() not in window.days:
        return begin, begin
    last = day if window.ends > window.begins else day + timedelta(days=1)
    return begin, datetime.combine(last, window.ends, zone).astimezone(UTC)


def covered(incident: Incident, silences: Sequence[Silence], now: datetime) -> Covered | None:
    """Return until when an incident is silent, None where it is to be told."""
    active = [(silence, end) for silence in silences if (end := silent_until(silence, now))]
    alerts = (incident.firing or incident.alerts) if active else ()
    found = [[(end, silence.name) for silence, end in active if _covers(silence, alert)] for alert in alerts]
    if not found or not all(found):
        return None
    return Covered(min(max(each)[0] for each in found), tuple(sorted({name for each in found for _, name in each})))


def _covers(silence: Silence, alert: Alert) -> bool:
    if alert.severity is Severity.CRITICAL and not silence.critical:
        return False
    return all(alert.labels.get(name) == value for name, value in silence.match.items())
