"""How fast a sender may deliver."""

from __future__ import annotations

import pytest

from worker.http.problems import Overloaded
from worker.http.rate import Rates


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(rates: Rates, sender: str, times: int) -> int:
    done = 0
    for _ in range(times):
        try:
            rates.take(sender)
        except Overloaded:
            continue
        done += 1
    return done


def test_a_burst_passes_then_only_the_rate_and_no_other_sender_is_held_back() -> None:
    clock = Clock()
    rates = Rates(10, clock)
    assert taken(rates, "alertmanager", 100) == 20
    assert taken(rates, "grafana", 5) == 5
    clock.now += 1
    assert taken(rates, "alertmanager", 100) == 10
    clock.now += 3600
    assert taken(rates, "alertmanager", 100) == 20


def test_it_says_how_long_to_wait() -> None:
    rates = Rates(0.1, Clock())
    with pytest.raises(Overloaded) as caught:
        rates.take("alertmanager")
    assert caught.value.retry_after_s == 8
    assert caught.value.retryable


def test_zero_sets_no_limit() -> None:
    assert taken(Rates(0, Clock()), "alertmanager", 1000) == 1000
