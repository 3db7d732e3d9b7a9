"""Slices: the figures of some of the cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from golden_queries.gate import CANARY
from golden_queries.recall import Ranked, measure
from golden_queries.slices import slices

TODAY = date(2026, 3, 1)
RANKED = Ranked((("runbooks/a.md", 0.9), ("wiki/b.md", 0.8)), (), ("runbooks/a.md",))
A = replace(CANARY, id="a", expected=("runbooks/a.md",), tags=("disk", "named"))
B = replace(CANARY, id="b", expected=("wiki/b.md",), tags=("disk",), groups=frozenset({"payments", "sre"}))
NONE = replace(CANARY, id="none", expected=())
REPORT = measure([A, B, NONE], lambda _: RANKED, "s")


def test_a_case_counts_in_the_slice_of_each_of_its_tags() -> None:
    tags = slices(REPORT, {}, TODAY)["tag"]
    assert (tags["disk"]["n"], tags["disk"]["success@1"]) == (2, 0.5)
    assert (tags["named"]["n"], tags["named"]["success@1"]) == (1, 1.0)
    assert (tags["untagged"]["n"], tags["untagged"]["abstention"]["n"]) == (0, 1)
    assert tags["untagged"]["success@1"] is None


def test_cases_are_parted_by_source_and_by_who_asks() -> None:
    found = slices(REPORT, {}, TODAY)
    assert {name: part["n"] for name, part in found["source"].items()} == {"runbooks": 1, "wiki": 1, "unanswerable": 0}
    assert {name: part["n"] for name, part in found["audience"].items()} == {"everyone": 1, "payments+sre": 1}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 2, 1), "under 6 months"),
        (date(2025, 3, 1), "6 to 24 months"),
        (date(2020, 3, 1), "over 24 months"),
        (None, "undated"),
    ],
)
def test_cases_are_parted_by_the_age_of_what_they_expect(day: date | None, name: str) -> None:
    report = measure([A], lambda _: RANKED, "s")
    assert list(slices(report, {"runbooks/a.md": day}, TODAY)["age"]) == [name]


def test_of_several_expected_documents_the_newest_tells_the_age() -> None:
    report = measure([replace(A, expected=("runbooks/a.md", "wiki/b.md"))], lambda _: RANKED, "s")
    known = {"runbooks/a.md": date(2020, 1, 1), "wiki/b.md": date(2026, 1, 1)}
    assert list(slices(report, known, TODAY)["age"]) == ["under 6 months"]
