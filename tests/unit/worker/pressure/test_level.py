"""How hard pressed we are, what is spared then and in which order, and how long a sender is told to wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from domain.alert import Delivery, Severity
from domain.errors import StoreUnavailable, Unavailable
from tests.deliveries import at, delivery, firing
from worker.http.problems import Overloaded
from worker.pressure.level import Level, Limits, Pressure, Standing, probe, standing, wait_s
from worker.pressure.shedding import SheddingInbox, Verdict, judge
from worker.store.fold import Effect
from worker.store.load import Load
from worker.store.receive import Foreseen, Receipt
from worker.telemetry import Metrics

LIMITS = Limits(100, timedelta(minutes=5))
DAY = timedelta(days=1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("load", "level"),
    [
        (Load(), Level.CALM),
        (Load(49, minutes(2)), Level.CALM),
        (Load(50), Level.BUSY),
        (Load(1, minutes(2.5)), Level.BUSY),  # few wait, and nobody takes them
        (Load(100), Level.SHEDDING),
        (Load(1, minutes(5)), Level.SHEDDING),
        (Load(999, minutes(60)), Level.SHEDDING),
        (Load(1000), Level.FULL),
    ],
)
def test_the_level_follows_from_what_waits_and_for_how_long(load: Load, level: Level) -> None:
    assert standing(load, LIMITS).level is level


@pytest.mark.parametrize(
    ("waiting", "done", "seconds"),
    [
        (110, 60, 60),  # one a second: sixty over half the limit
        (110, 600, 6),
        (110, 6000, 5),  # never less than a moment
        (100_000, 60, 300),  # never longer than five minutes
        (110, 0, 300),  # nothing moves: nobody can tell
        (1, 60, 5),
    ],
)
def test_the_wait_comes_from_the_rate_of_the_last_minute(waiting: int, done: int, seconds: int) -> None:
    assert wait_s(Load(waiting, done=done), LIMITS) == seconds


def foreseen(*effects: Effect, opened: Severity | None = None, heard_lately: bool = True) -> Foreseen:
    return Foreseen(effects, opened, heard_lately, Receipt(0, 1, 0, ("i1",), Effect.REPEAT))


NEW = foreseen(Effect.OPENED, opened=Severity.WARNING)
CRITICAL = foreseen(Effect.OPENED, opened=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("what", "level", "outlasts", "verdict"),
    [
        (foreseen(Effect.REPEAT), Level.BUSY, DAY, Verdict.REPEAT),
        (foreseen(Effect.REPEAT, heard_lately=False), Level.FULL, DAY, Verdict.TAKE),  # else it would go stale
        (NEW, Level.BUSY, DAY, Verdict.TAKE),
        (NEW, Level.SHEDDING, DAY, Verdict.SEND_BACK),
        (NEW, Level.SHEDDING, timedelta(0), Verdict.TAKE),  # it would not come again
        (NEW, Level.FULL, timedelta(0), Verdict.SEND_BACK),
        (foreseen(Effect.OPENED, Effect.REPEAT, opened=Severity.ERROR), Level.SHEDDING, DAY, Verdict.SEND_BACK),
        (CRITICAL, Level.SHEDDING, DAY, Verdict.TAKE),
        (CRITICAL, Level.FULL, DAY, Verdict.TAKE),
        (foreseen(Effect.CHANGED), Level.FULL, DAY, Verdict.TAKE),
        (foreseen(Effect.RESOLVED), Level.FULL, DAY, Verdict.TAKE),
        (foreseen(Effect.REOPENED), Level.FULL, DAY, Verdict.TAKE),
        (foreseen(Effect.RECORDED), Level.FULL, DAY, Verdict.TAKE),
        (foreseen(Effect.CHANGED, Effect.OPENED, opened=Severity.INFO), Level.FULL, DAY, Verdict.TAKE),
    ],
)
def test_repeats_are_spared_first_then_new_incidents_never_critical_ones(
    what: Foreseen, level: Level, outlasts: timedelta, verdict: Verdict
) -> None:
    assert judge(what, Standing(level, Load(100), 30), outlasts) is verdict


@dataclass
class Inbox:
    answer: Foreseen
    taken: list[Delivery] = field(default_factory=list)

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        self.taken.append(delivery)
        return Receipt(1, 0, 0, ("i2",), Effect.OPENED)

    def foresee(self, delivery: Delivery, now: datetime) -> Foreseen:
        return self.answer


def shedding(inbox: Inbox, level: Level, metrics: Metrics) -> SheddingInbox:
    return SheddingInbox(inbox, lambda: Standing(level, Load(120), 42), {"alertmanager": DAY}, metrics)


def test_what_is_sent_back_says_when_to_come_again_and_is_not_stored() -> None:
    inbox, metrics = Inbox(NEW), Metrics()
    with pytest.raises(Overloaded) as refused:
        shedding(inbox, Level.SHEDDING, metrics).receive(delivery(firing()), at(0))
    assert (refused.value.retry_after_s, refused.value.retryable, inbox.taken) == (42, True, [])
    assert metrics.value("middlewatch_shed_total", sender="alertmanager", what="new") == 1


def test_a_repeat_under_pressure_is_acknowledged_and_not_written_down() -> None:
    inbox, metrics = Inbox(foreseen(Effect.REPEAT)), Metrics()
    receipt = shedding(inbox, Level.BUSY, metrics).receive(delivery(firing()), at(0))
    assert (receipt.duplicates, receipt.incidents, receipt.news, inbox.taken) == (1, ("i1",), False, [])
    assert metrics.value("middlewatch_shed_total", sender="alertmanager", what="repeat") == 1


def test_what_is_new_is_written_down_while_it_is_calm() -> None:
    inbox = Inbox(NEW)
    assert shedding(inbox, Level.CALM, Metrics()).receive(delivery(firing()), at(0)).news
    assert len(inbox.taken) == 1


def test_a_repeat_waits_for_no_writer_while_it_is_calm_either_and_nothing_is_shed() -> None:
    inbox, metrics = Inbox(foreseen(Effect.REPEAT)), Metrics()
    receipt = shedding(inbox, Level.CALM, metrics).receive(delivery(firing()), at(0))
    assert (receipt.duplicates, inbox.taken) == (1, [])
    assert metrics.value("middlewatch_shed_total", sender="alertmanager", what="repeat") == 0


def test_a_repeat_of_what_was_not_heard_of_lately_is_written_down_or_it_would_go_stale() -> None:
    inbox = Inbox(foreseen(Effect.REPEAT, heard_lately=False))
    shedding(inbox, Level.CALM, Metrics()).receive(delivery(firing()), at(0))
    assert len(inbox.taken) == 1


@dataclass
class Outbox:
    load: Load = Load()
    asked: int = 0
    fault: bool = False

    def __call__(self, now: datetime) -> Load:
        self.asked += 1
        if self.fault:
            raise StoreUnavailable("gone")
        return self.load


def test_it_is_measured_once_a_second_however_many_ask() -> None:
    outbox, times = Outbox(), [at(0), at(0) + timedelta(milliseconds=900), at(0) + timedelta(milliseconds=1100)]
    pressure = Pressure(outbox, LIMITS, Metrics(), lambda: times.pop(0))
    for _ in range(3):
        pressure.now()
    assert outbox.asked == 2


def test_a_database_that_does_not_answer_leaves_the_last_measure() -> None:
    outbox, clock = Outbox(Load(100)), iter([at(0), at(1)])
    pressure = Pressure(outbox, LIMITS, Metrics(), lambda: next(clock))
    assert pressure.now().level is Level.SHEDDING
    outbox.fault = True
    assert pressure.now().level is Level.SHEDDING


def test_the_metrics_say_the_level_and_the_rate() -> None:
    metrics = Metrics()
    Pressure(Outbox(Load(100, done=90)), LIMITS, metrics, lambda: at(0)).now()
    assert metrics.value("middlewatch_pressure", level="shedding") == 1
    assert metrics.value("middlewatch_pressure", level="calm") == 0
    assert metrics.value("middlewatch_drain_per_second") == 1.5


def test_readyz_says_so_while_alerts_are_sent_back_and_how_to_mend_it() -> None:
    pressure = Pressure(Outbox(Load(120, minutes(7), 30)), LIMITS, Metrics(), lambda: at(0))
    with pytest.raises(Unavailable, match="120 incidents wait, 0.5 a second are done") as told:
        probe(lambda: pressure).check()
    assert "worker" in told.value.mend
    assert not probe(lambda: pressure).fatal
    calm = Pressure(Outbox(Load(3, done=60)), LIMITS, Metrics(), lambda: at(0))
    assert probe(lambda: calm).check() == "3 incidents wait, 1.0 a second are done"
