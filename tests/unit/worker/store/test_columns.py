from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.store.columns import fitted, storable, utc


def test_a_time_is_brought_to_utc() -> None:
    there = datetime(2026, 3, 1, 5, 30, tzinfo=timezone(timedelta(hours=2)))
    assert utc(there) == there
    assert utc(there).tzinfo is UTC


def test_a_naive_time_names_no_moment() -> None:
    with pytest.raises(ValueError, match="zone"):
        utc(datetime(2026, 3, 1, 5, 30))  # noqa: DTZ001 - the subject of the test


@pytest.mark.parametrize(
    ("edge", "year"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), 1),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-11))), 9999),
    ],
)
def test_a_time_at_the_edge_of_the_calendar_stays_in_it(edge: datetime, year: int) -> None:
    assert utc(edge).year == year


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    clean = text.replace("\0", "")
    assert storable(clean) == clean


@given(st.text(st.characters(categories=("Cs", "Cc", "L"))))
def test_any_text_becomes_one_that_a_database_takes(text: str) -> None:
    stored = storable(text)
    assert "\0" not in stored
    stored.encode()
    assert storable(stored) == stored


def test_a_name_that_is_too_long_for_an_index_keeps_its_identity() -> None:
    one, other = "x" * 5000 + "1", "x" * 5000 + "2"
    assert len(fitted(one)) <= 255
    assert fitted(one) == fitted(one) != fitted(other)
    assert fitted(fitted(one)) == fitted(one)
    assert fitted("orders") == "orders"
