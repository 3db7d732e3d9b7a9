"""The alert that always fires: no incident, and its silence is the alarm."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from domain.alert import Alert
from tests.deliveries import at, delivery, firing, resolved
from worker.telemetry import Metrics
from worker.watch.heartbeat import Heartbeat, Pulse, Rule

RULE = Rule({"alertname": "Watchdog"}, timedelta(minutes=15), "https://monitor.example.com/ping")


@dataclass
class Locks:
    held: dict[str, datetime] = field(default_factory=dict)

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        self.held[name] = now + lease
        return True

    def until(self, name: str) -> datetime | None:
        return self.held.get(name)


@dataclass
class Tell:
    told: dict[str, str] = field(default_factory=dict)

    def once(self, text: str, key: str) -> None:
        self.told.setdefault(key, text)


@dataclass
class Place:
    rule: Rule = RULE
    locks: Locks = field(default_factory=Locks)
    tell: Tell = field(default_factory=Tell)
    pinged: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.heartbeat = Heartbeat(self.rule, self.locks, self.tell, self.pinged.append, self.metrics)

    def hear(self, *alerts: Alert, minute: float = 0) -> tuple[str, ...]:
        left = self.heartbeat.heard(delivery(*alerts), at(minute))
        return tuple(alert.name for alert in left.alerts)


def test_it_is_no_incident_and_its_neighbours_are_kept() -> None:
    assert Place().hear(firing("Watchdog"), firing("disk")) == ("disk",)
    assert Place(replace(RULE, match={})).hear(firing("Watchdog")) == ("Watchdog",)


@pytest.mark.parametrize(
    ("minute", "pulse"), [(0, Pulse.BEATS), (15, Pulse.BEATS), (15.1, Pulse.SILENT), (600, Pulse.SILENT)]
)
def test_it_is_silent_when_it_was_not_heard_in_time(minute: float, pulse: Pulse) -> None:
    place = Place()
    place.hear(firing("Watchdog"))
    assert place.heartbeat.check(at(minute)) is pulse
    assert place.metrics.value("middlewatch_heartbeat_silent") == float(pulse is Pulse.SILENT)
    assert bool(place.tell.told) is (pulse is Pulse.SILENT)
    assert bool(place.pinged) is (pulse is Pulse.BEATS)


def test_each_silence_is_told_once() -> None:
    place = Place()
    for heard, checks in ((0, (16, 17, 40)), (50, (51, 66, 70))):
        place.hear(firing("Watchdog"), minute=heard)
        for minute in checks:
            place.heartbeat.check(at(minute))
    assert len(place.tell.told) == 2


def test_one_that_was_never_heard_or_is_not_judged_is_not_missed() -> None:
    assert Place().heartbeat.check(at(600)) is Pulse.UNHEARD
    place = Place(replace(RULE, within=timedelta(0)))
    place.hear(firing("Watchdog"))
    assert place.heartbeat.check(at(600)) is Pulse.UNHEARD


def test_its_end_is_no_beat() -> None:
    place = Place()
    place.hear(firing("Watchdog"), minute=0)
    assert place.hear(resolved("Watchdog", end=14), minute=14) == ()
    assert place.heartbeat.check(at(16)) is Pulse.SILENT


def test_the_outside_monitor_is_asked_once_a_minute() -> None:
    place = Place()
    place.hear(firing("Watchdog"))
    for second in range(0, 180, 10):
        place.heartbeat.check(at(second / 60))
    assert len(place.pinged) == 3
