"""The alert that always fires, such as Prometheus' Watchdog: it is no incident, and its silence is the alarm.

Where it falls silent, Prometheus, Alertmanager or the way to here is broken. The ops channel is told, and the outside
monitor at `ping_url` is no longer told that all is well, so that it speaks up even where this whole place is dead
(a dead man's switch).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http.client import HTTPException
from typing import Protocol
from urllib.request import urlopen

import structlog

from domain.alert import Alert, Delivery, Status
from worker.telemetry import Metrics

log = structlog.get_logger()

_PING_EVERY = timedelta(minutes=1)
_PING_TIMEOUT_S = 5


class Pulse(StrEnum):
    """What is known of it."""

    UNHEARD = "unheard"
    """It was never heard, or its silence is not judged."""
    BEATS = "beats"
    """It was heard in time."""
    SILENT = "silent"
    """It was heard once, and is not heard any more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which alert it is, by its labels; how long it may be silent, zero for ever; and who is pinged while it beats.

    `name` is what it is remembered under, `metric` says that it is silent, and so does `words`, with the minutes.
    """

    match: Mapping[str, str]
    within: timedelta = timedelta(0)
    ping_url: str = ""
    name: str = "heartbeat"
    metric: str = "middlewatch_heartbeat_silent"
    words: str = (
        "The heartbeat alert was not heard for {minutes} minutes: Prometheus, Alertmanager or the way from "
        "there to here is broken. Other alerts may be missing, too."
    )


def ping(url: str) -> None:
    """Ask an outside monitor's address, so that it knows; what it answers does not matter here."""
    if not url.startswith(("https://", "http://")):
        return
    try:
        with urlopen(url, timeout=_PING_TIMEOUT_S):  # noqa: S310 - an address of the settings, of these two kinds
            pass
    except (OSError, HTTPException, ValueError) as error:
        log.warning("the outside monitor did not answer", action="ping_failed", error=type(error).__name__)


class Locks(Protocol):
    """Named times up to which something holds."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Let it hold for longer."""

    def until(self, name: str) -> datetime | None:
        """Return up to when it holds, None where it was never heard of."""


class Tell(Protocol):
    """The line to the people who run this."""

    def once(self, text: str, key: str) -> None:
        """Say something unless it was said under this key."""


def is_heartbeat(alert: Alert, rule: Rule) -> bool:
    """Tell whether an alert is the one that always fires."""
    return bool(rule.match) and all(alert.labels.get(name) == value for name, value in rule.match.items())


class Heartbeat:
    """Listens for it, and looks whether it is still there."""

    def __init__(self, rule: Rule, locks: Locks, tell: Tell, ping: Callable[[str], None], metrics: Metrics) -> None:
        """`ping` gets an address, and neither waits long nor fails."""
        self._rule = rule
        self._locks = locks
        self._tell = tell
        self._ping = ping
        self._metrics = metrics
        self._pinged_at: datetime | None = None

    def heard(self, delivery: Delivery, now: datetime) -> Delivery:
        """Note that it was heard, and return the delivery without it."""
        beats = [alert for alert in delivery.alerts if is_heartbeat(alert, self._rule)]
        if not beats:
            return delivery
        if any(alert.status is Status.FIRING for alert in beats):
            self.beat(now)
        return replace(delivery, alerts=tuple(alert for alert in delivery.alerts if alert not in beats))

    def beat(self, now: datetime) -> None:
        """Note that it was heard."""
        self._locks.acquire(self._rule.name, self._rule.name, now, self._rule.within)

    def check(self, now: datetime) -> Pulse:
        """Say whether it is there, and tell the people who run this, once, when it falls silent."""
        until = self._locks.until(self._rule.name) if self._rule.within else None
        pulse = Pulse.UNHEARD if until is None else Pulse.BEATS if now <= until else Pulse.SILENT
        self._metrics.set(self._rule.metric, float(pulse is Pulse.SILENT))
        if until is not None and pulse is Pulse.SILENT:
            minutes = int((now - until + self._rule.within).total_seconds() // 60)
            log.error("it is silent", action=f"{self._rule.name}_silent", minutes=minutes)
            since = f"{self._rule.name} silent since {until.isoformat()}"
            self._tell.once(self._rule.words.format(minutes=minutes), since)
        if pulse is Pulse.BEATS:
            self._all_is_well(now)
        return pulse

    def _all_is_well(self, now: datetime) -> None:
        due = self._pinged_at is None or now - self._pinged_at >= _PING_EVERY
        if self._rule.ping_url and due:
            self._pinged_at = now
            self._ping(self._rule.ping_url)
