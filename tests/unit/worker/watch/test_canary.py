"""The alert of our own: one message, no figure, told where it is not heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.access import Audience
from domain.alert import Status
from domain.errors import MiddlewatchError, Unavailable
from worker.decide import Decision, Shown, decide
from worker.from_settings import channels
from worker.intake import alertmanager
from worker.route import Channel, route
from worker.settings import Settings
from worker.store.engine import open_database
from worker.store.fold import Effect, Policy
from worker.store.messages import Body, Place
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics
from worker.watch.canary import Canary, Ears, Signs, Song, delivery_of
from worker.watch.heartbeat import Heartbeat, Pulse, Rule

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CHANNEL = Channel("C0CANARY", "canary", Audience.nobody(), post_to="C0CANARY", canary=True)
OTHERS = (
    Channel("C1", "all", Audience.nobody(), match={"severity": "info"}),
    Channel("C2", "rest", Audience.nobody(), default=True),
)

SHOWN = TypeAdapter(Shown)


@dataclass
class Tell:
    told: dict[str, str] = field(default_factory=dict)

    def once(self, text: str, key: str) -> None:
        self.told.setdefault(key, text)


@dataclass
class Stage:
    """A store, and a front door and a worker that are one call."""

    store: Store
    now: datetime = NOW
    worker_runs: bool = True
    fault: MiddlewatchError | None = None
    faults_left: int = 99
    tell: Tell = field(default_factory=Tell)
    metrics: Metrics = field(default_factory=Metrics)
    effects: list[Effect] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    pinged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rule = Rule(
            {},
            timedelta(minutes=11),
            "https://monitor.example.com",
            "canary",
            "middlewatch_canary_silent",
            "Unheard for {minutes}.",
        )
        self.ears = Heartbeat(rule, self.store.locks, self.tell, self.pinged.append, self.metrics)

    def canary(self, owner: str = "one", within_s: float = 60) -> Canary:  # it returns as soon as it is shown
        song = Song(timedelta(minutes=5), "C0CANARY", timedelta(seconds=within_s), owner)
        ears = Ears(self.posts, self.store.incidents, self.store.messages, self.store.locks)
        signs = Signs(self.ears.beat, self.tell.once, self.metrics)
        return Canary(song, ears, signs, lambda: self.now)

    def posts(self, body: bytes) -> dict[str, Any]:
        if self.fault and self.faults_left:
            self.faults_left -= 1
            raise self.fault
        self.now += timedelta(seconds=1)
        receipt = self.store.inbox.receive(alertmanager.parse(body, {}, self.now), self.now)
        self.effects.append(receipt.effect)
        if self.worker_runs:
            for name in receipt.incidents:
                self.show(name)
        return {"incidents": list(receipt.incidents)}

    def show(self, name: str) -> None:
        incident = self.store.incidents.get(name)
        assert incident is not None
        (channel,) = route(incident, (*OTHERS, CHANNEL))
        place = Place(channel.id, incident.id)
        last = self.store.messages.last(place)
        shown = SHOWN.validate_python(last.newest.body.memory["shown"]) if last and last.newest else None
        self.decisions.append(decide(incident, shown))
        memory = {"shown": SHOWN.dump_python(Shown.of(incident), mode="json")}
        body = Body(incident.version, incident.status.value, (), "links", "r", memory, ())
        begun = self.store.messages.begin(place, self.now)
        if begun.newest is None:
            self.store.messages.posted(place, "1.0", body, self.now)
        else:
            self.store.messages.edited(place, begun.seq, body, self.now)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Stage]:
    store = Store(open_database(f"sqlite:///{tmp_path}/state.db"), Policy(reopen_window=timedelta(minutes=1)))
    upgrade(store.database)
    yield Stage(store)
    store.close()


def test_it_sings_again_and_again_in_one_message_that_wakes_nobody(place: Stage) -> None:
    canary = place.canary()
    for _ in range(6):
        assert canary.run()
        place.now += timedelta(minutes=5)
    assert len(place.store.incidents.recent(99)) == 1
    assert place.effects[:4] == [Effect.OPENED, Effect.RESOLVED, Effect.REOPENED, Effect.RESOLVED]
    assert set(place.decisions[1:]) == {Decision.RESOLVED, Decision.CHANGED}
    (incident,) = place.store.incidents.recent(99)
    assert (incident.status, incident.reopened, incident.synthetic) == (Status.RESOLVED, 0, True)
    assert place.metrics.value("middlewatch_canaries_total", outcome="heard") == 6
    assert place.tell.told == {}


def test_a_new_day_is_a_new_message(place: Stage) -> None:
    canary = place.canary()
    assert canary.run()
    place.now += timedelta(days=1)
    assert canary.run()
    assert len(place.store.incidents.recent(99)) == 2


def test_of_two_workers_one_sings(place: Stage) -> None:
    one, two = place.canary("one"), place.canary("two")
    assert [one.run(), two.run()] == [True, False]
    place.now += timedelta(minutes=5)
    assert [two.run(), one.run()] == [True, False]


def test_a_message_that_does_not_come_is_told_once_an_hour(place: Stage) -> None:
    place.worker_runs = False
    canary = place.canary(within_s=0.6)
    for _ in range(3):
        assert not canary.run()
        place.now += timedelta(minutes=5)
    assert len(place.tell.told) == 1
    assert "did not show it in time" in next(iter(place.tell.told.values()))
    assert place.metrics.value("middlewatch_canaries_total", outcome="canary-not-shown") == 3


def test_a_front_door_that_opens_late_is_no_failure_and_one_that_stays_shut_is(place: Stage) -> None:
    place.fault, place.faults_left = Unavailable("nobody", reason="canary-no-answer"), 1
    assert place.canary().run()
    place.faults_left = 99
    place.now += timedelta(minutes=5)
    assert not place.canary(within_s=0.6).run()
    assert [key.split()[1] for key in place.tell.told] == ["canary-no-answer"]


def test_its_silence_is_told_by_whoever_sweeps_and_the_outside_monitor_hears_nothing(place: Stage) -> None:
    assert place.ears.check(place.now) is Pulse.UNHEARD
    assert place.canary().run()
    assert place.ears.check(place.now) is Pulse.BEATS
    assert place.pinged == ["https://monitor.example.com"]
    place.now += timedelta(minutes=12)  # whoever sang has died
    assert place.ears.check(place.now) is Pulse.SILENT
    assert list(place.tell.told.values()) == ["Unheard for 12."]
    assert len(place.pinged) == 1
    assert place.metrics.value("middlewatch_canary_silent") == 1


def test_it_goes_to_its_own_channel_alone_which_need_not_be_in_the_settings() -> None:
    told = [{"id": "C1", "groups": ["a"], "match": {"severity": "info"}}, {"id": "C2", "default": True}]
    by_itself = channels(Settings(channels=told, canary={"every": "5m", "channel": "C9"}))
    assert [each.id for each in by_itself if each.canary] == ["C9"]
    assert not by_itself[-1].audience.groups  # it is shown no document
    among = channels(Settings(channels=told, canary={"every": "5m", "channel": "C1"}))
    assert [(each.id, each.canary) for each in among] == [("C1", True), ("C2", False)]
    assert not any(each.canary for each in channels(Settings(channels=told, canary={"channel": "C1"})))


def test_without_a_channel_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"canary\.channel"):
        Settings(canary={"every": "5m"})


def test_what_it_sends_is_what_alertmanager_would_send() -> None:
    delivery = alertmanager.parse(delivery_of(NOW, NOW, Status.FIRING), {}, NOW)
    assert (len(delivery.alerts), delivery.rejected) == (1, ())
    ended = json.loads(delivery_of(NOW, NOW, Status.RESOLVED))["alerts"][0]
    assert ended["endsAt"] > ended["startsAt"]
