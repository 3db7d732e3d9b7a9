"""Turns keep to Slack's limits: nobody is refused, nobody is overtaken, and nobody waits longer than need be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SlackUnavailable
from worker.pressure.turns import EDITS, Limit, Turns


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def turns(watch: Watch) -> Turns:
    return Turns(Limit(1.0, 4), Limit(1.2, 40), watch)


def test_a_few_go_at_once_and_then_one_a_second_in_their_order() -> None:
    given_out = turns(Watch())
    assert [given_out.wait("C1", f"i{n}") for n in range(7)] == [0, 0, 0, 0, 1, 2, 3]


def test_who_asks_again_is_told_of_the_same_turn() -> None:
    watch = Watch()
    given_out = turns(watch)
    waits = {f"i{n}": given_out.wait("C1", f"i{n}") for n in range(7)}
    watch.now += 0.5
    assert given_out.wait("C1", "i6") == waits["i6"] - 0.5
    watch.now += 2.5
    assert given_out.wait("C1", "i6") == 0
    assert given_out.wait("C1", "i6") > 0, "a turn is taken once"


def test_channels_do_not_wait_for_each_other() -> None:
    given_out = turns(Watch())
    assert [given_out.wait("C1", f"i{n}") for n in range(5)][-1] == 1
    assert given_out.wait("C2", "i9") == 0
    assert given_out.wait(EDITS, "i9") == 0


def test_what_is_hurried_goes_now_and_the_others_later_for_it() -> None:
    given_out = turns(Watch())
    for n in range(4):
        given_out.wait("C1", f"i{n}")
    assert given_out.wait("C1", "critical", hurried=True) == 0
    assert given_out.wait("C1", "i5") == 2


def test_what_waits_already_goes_now_when_it_is_hurried() -> None:
    given_out = turns(Watch())
    assert [given_out.wait("C1", f"i{n}") for n in range(6)][-1] == 2
    assert given_out.wait("C1", "i5", hurried=True) == 0


def test_a_429_holds_the_lane_for_as_long_as_slack_asks() -> None:
    given_out = turns(Watch())
    asked = SlackUnavailable("wait", ambiguous=False, retry_after=7, reason="slack-rate-limited")
    with pytest.raises(SlackUnavailable), given_out.heeding("C1"):
        raise asked
    assert given_out.wait("C1", "i1") == 7
    assert given_out.wait("C1", "i2") == 8
    assert given_out.wait("C2", "i3") == 0


def test_another_fault_holds_nothing() -> None:
    given_out = turns(Watch())
    with pytest.raises(SlackUnavailable), given_out.heeding("C1"):
        raise SlackUnavailable("broken", ambiguous=True, retry_after=7, reason="slack-broken")
    assert given_out.wait("C1", "i1") == 0


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 9)), max_size=60))
def test_no_more_is_let_through_than_the_limit_allows(asked: list[tuple[float, int]]) -> None:
    watch = Watch()
    given_out = turns(watch)
    through: list[float] = []
    for later, name in asked:
        watch.now += later
        if given_out.wait("C1", f"i{name}") == 0:
            through.append(watch.now)
    for first in range(len(through)):
        for last in range(first, len(through)):
            assert last - first + 1 <= 4 + (through[last] - through[first]) + 0.1


def test_the_models_words_leave_half_of_the_edits_at_once_to_what_happens() -> None:
    given_out = turns(Watch())
    assert [given_out.wait_for_words(f"i{n}") for n in range(60)].count(0) == 20
    assert [given_out.wait(EDITS, f"i{n}") for n in range(100, 130)].count(0) == 20


def test_each_has_the_models_words_at_the_pace_of_edits_where_nothing_happens() -> None:
    watch = Watch()
    given_out = turns(watch)
    waits = [given_out.wait_for_words(f"i{n}") for n in range(60)]
    for n in range(20, 60):
        watch.now += 1.2
        assert given_out.wait_for_words(f"i{n}") == 0, (n, waits[n])


def test_the_models_words_wait_while_there_is_much_to_tell() -> None:
    watch = Watch()
    given_out = turns(watch)
    for n in range(30):
        given_out.wait(EDITS, f"i{n}")
    left = given_out.wait_for_words("i1")
    assert left == pytest.approx(10 * 1.2)
    assert given_out.wait(EDITS, "i40") == 0
    assert given_out.wait_for_words("critical", hurried=True) == 0
    watch.now += left + 2 * 1.2
    assert given_out.wait_for_words("i1") == 0
    assert given_out.wait_for_words("i2") > 0
