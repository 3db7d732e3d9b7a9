"""What all readers of a channel have in common; whoever is not known holds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import EVERYONE, Audience
from worker.membership import Found, Person, Room, State, in_common, merged
from worker.readers.audiences import Policy, Why, standing
from worker.store.audiences import Known

HELD = {"UA": frozenset({"payments", "ops"}), "UB": frozenset({"payments"}), "UG": frozenset({"payments"})}
KINDS = {
    "UA": Person.MEMBER,
    "UB": Person.MEMBER,
    "UG": Person.GUEST,
    "UBOT": Person.NO_READER,
    "UOTHER": Person.STRANGER,
}
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
VERIFIED = Policy(True, timedelta(minutes=15))


def found(*members: str, shared: bool = False) -> Found:
    return in_common(Room(shared, members), lambda user: KINDS.get(user, Person.STRANGER), HELD)


@pytest.mark.parametrize(
    ("members", "groups"),
    [
        (("UA",), {"payments", "ops"}),
        (("UA", "UB"), {"payments"}),
        (("UA", "UB", "UBOT"), {"payments"}),
        (("UA", "UG"), set()),
        (("UOTHER", "UA"), set()),
        (("UA", "UNKNOWN"), set()),
        (("UBOT",), set()),
        ((), set()),
    ],
)
def test_a_channel_holds_what_all_its_readers_hold(members: tuple[str, ...], groups: set[str]) -> None:
    assert found(*members) == Found(State.CONFIRMED, frozenset(groups | {EVERYONE}), len(members))


def test_a_shared_channel_is_not_confirmed_whoever_is_in_it() -> None:
    assert found("UA", shared=True).state is State.SHARED


def test_no_more_people_are_asked_for_than_matter() -> None:
    asked: list[str] = []
    in_common(Room(False, ("UG", "UA", "UB")), lambda user: asked.append(user) or KINDS[user], HELD)  # type: ignore[func-returns-value]
    assert asked == ["UG"]


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=5), st.sampled_from(sorted(KINDS)))
def test_another_member_never_adds_a_group(members: list[str], other: str) -> None:
    if any(KINDS[member] is not Person.NO_READER for member in members):
        assert found(*members, other).groups <= found(*members).groups


def test_no_source_gives_everyone_to_anybody() -> None:
    assert merged([HELD, {"UB": frozenset({EVERYONE, "ops"})}])["UB"] == {"payments", "ops"}


def known(state: State, age: float = 0, *groups: str) -> Known:
    at = None if state is State.UNKNOWN else NOW - timedelta(minutes=age)
    return Known("C1", state, frozenset(groups) | {EVERYONE}, 2, "", at, NOW, 1)


@pytest.mark.parametrize(
    ("record", "policy", "external_ok", "groups", "why"),
    [
        (None, Policy(False, timedelta(0)), False, {"payments", "everyone"}, Why.SETTINGS),
        (None, VERIFIED, True, set(), Why.UNKNOWN),
        (known(State.UNKNOWN, 0, "payments"), VERIFIED, True, set(), Why.UNKNOWN),
        (known(State.CONFIRMED, 1, "payments", "ops"), VERIFIED, False, {"payments", "everyone"}, Why.CONFIRMED),
        (known(State.CONFIRMED, 1), VERIFIED, True, {"everyone"}, Why.CONFIRMED),
        (known(State.CONFIRMED, 15, "payments"), VERIFIED, False, {"payments", "everyone"}, Why.CONFIRMED),
        (known(State.CONFIRMED, 15.1, "payments"), VERIFIED, False, set(), Why.STALE),
        (known(State.SHARED, 1, "payments"), VERIFIED, False, set(), Why.SHARED),
        (known(State.SHARED, 1, "payments"), VERIFIED, True, {"everyone"}, Why.EXTERNAL_OK),
        (known(State.SHARED, 16, "payments"), VERIFIED, True, set(), Why.STALE),
    ],
)
def test_who_reads_a_channel(
    record: Known | None, policy: Policy, external_ok: bool, groups: set[str], why: Why
) -> None:
    made = standing(Audience.of(["payments"]), record, policy, external_ok, NOW)
    assert (made.audience.groups, made.why) == (groups, why)
