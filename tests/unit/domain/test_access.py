from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.access import EVERYONE, Audience

GROUPS = st.frozensets(st.text(alphabet="ab,:;123", max_size=6), max_size=4)


def test_groups_whose_names_hold_a_comma_do_not_share_the_key_of_others() -> None:
    assert Audience.of(["a,b"]).key != Audience.of(["a", "b"]).key


@given(GROUPS, GROUPS)
def test_two_audiences_have_one_key_only_where_they_are_equal(some: frozenset[str], others: frozenset[str]) -> None:
    assert (Audience(some).key == Audience(others).key) == (some == others)


def test_an_audience_without_groups_may_read_nothing_not_even_what_is_for_everyone() -> None:
    assert not Audience.nobody().may_read(frozenset({EVERYONE}))
    assert not Audience.nobody().may_read(frozenset())
