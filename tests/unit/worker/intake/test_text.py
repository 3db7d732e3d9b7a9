"""Text that is safe to store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.intake.text import KEY_CHARACTERS, MOST_PAIRS, clean, clean_key, clean_link, clean_pairs

ANY = st.text(st.characters(exclude_categories=()), max_size=50)


@given(text=ANY, limit=st.integers(1, 60))
def test_clean_text_is_bounded_and_can_be_encoded(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert "\x00" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned, limit) == cleaned


def test_text_within_its_bound_is_left_alone() -> None:
    assert clean("disk \u202e größe 🔥", 20) == "disk \u202e größe 🔥"


def test_a_cut_is_shown() -> None:
    assert clean("abcdef", 4) == "abc…"


def test_of_too_many_pairs_the_telling_ones_are_kept() -> None:
    many = {f"a{number:04}": "x" for number in range(500)} | {"alertname": "DiskFull", "team": "storage"}
    kept = clean_pairs(many, 100)
    assert len(kept) == MOST_PAIRS
    assert (kept["alertname"], kept["team"]) == ("DiskFull", "storage")
    assert list(kept) == sorted(kept)
    assert kept == clean_pairs(dict(reversed(many.items())), 100)


def test_pairs_without_a_name_are_dropped() -> None:
    assert clean_pairs({"": "x", "a": ""}, 10) == {"a": ""}


def test_long_keys_that_differ_at_the_end_stay_apart() -> None:
    one, two = clean_key("k" * 5000 + "a"), clean_key("k" * 5000 + "b")
    assert one != two
    assert len(one) == KEY_CHARACTERS
    assert clean_key("g" * KEY_CHARACTERS) == "g" * KEY_CHARACTERS


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://prometheus.example.com/graph?g0.expr=up%7B%7D&g0.tab=0", True),
        ("http://10.0.0.1:9090/graph#a", True),
        ("https://grafana.example.com/d/größe", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://user:pw@example.com/", False),
        ("https://example.com/<!channel>", False),
        ("https://example.com/|label", False),
        ("https://example.com/a b", False),
        ("https://example.com/a\nb", False),
        ("https://example.com/\ud800", False),
        ("https:///nowhere", False),
        ("http://[::1", False),
        ("//example.com", False),
        ("https://example.com/" + "a" * 3000, False),
    ],
)
def test_only_plain_web_links_are_kept(link: str, kept: bool) -> None:
    assert clean_link(link) == (link if kept else "")
