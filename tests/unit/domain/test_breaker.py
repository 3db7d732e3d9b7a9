"""A breaker spares a part after failures in a row, looks again one call at a time, and says both."""

from __future__ import annotations

from domain.breaker import Breaker


class Watch:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row_and_closes_with_the_first_answer() -> None:
    watch, told = Watch(), list[bool]()
    breaker = Breaker(2, 30, watch, told.append)
    breaker.failed()
    breaker.answered()
    breaker.failed()
    assert (breaker.open, breaker.left_s, breaker.may_ask()) == (False, 0.0, True)
    breaker.failed()
    assert (breaker.open, breaker.left_s, breaker.may_ask(), told) == (True, 30.0, False, [True])
    watch.now = 30.0
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]
    breaker.failed()
    assert (breaker.left_s, told) == (30.0, [True])
    watch.now = 60.0
    assert breaker.may_ask()
    breaker.answered()
    assert (breaker.open, [breaker.may_ask() for _ in range(3)], told) == (False, [True] * 3, [True, False])
