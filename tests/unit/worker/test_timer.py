"""The timer rings at its time, in the order of the times."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator

import pytest

from worker.timer import Timer


class Rung:
    def __init__(self) -> None:
        self.all: queue.Queue[str] = queue.Queue()

    def __call__(self, incident_ids: Iterable[str]) -> None:
        for incident_id in incident_ids:
            self.all.put(incident_id)


@pytest.fixture
def rung() -> Rung:
    return Rung()


@pytest.fixture
def timer(rung: Rung) -> Iterator[Timer]:
    timer = Timer(rung)
    timer.start()
    yield timer
    timer.stop()


def test_what_is_due_sooner_is_rung_for_first(timer: Timer, rung: Rung) -> None:
    timer.set("late", 0.3)
    timer.set("soon", 0.05)
    assert [rung.all.get(timeout=10) for _ in range(2)] == ["soon", "late"]


def test_nothing_is_rung_for_before_its_time(timer: Timer, rung: Rung) -> None:
    began = time.monotonic()
    timer.set("i1", 0.2)
    rung.all.get(timeout=10)
    assert time.monotonic() - began >= 0.2


def test_a_timer_that_was_stopped_rings_no_more(rung: Rung) -> None:
    timer = Timer(rung)
    timer.start()
    timer.set("i1", 60.0)
    timer.stop()
    assert rung.all.empty()
