"""Days as documents write them."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import day, in_name, labelled


@pytest.mark.parametrize(
    "written",
    ["2022-04-20", "2022-4-20", "2022-04-20T23:59:59.617Z", "2022-04-20 10:00 +0100", "20 April 2022", "20th Apr. 2022",
     "April 20, 2022", "Wednesday, April 20th 2022", " 2022-04-20 |", "2022-04-20."],
)  # fmt: skip
def test_it_reads_a_whole_day(written: str) -> None:
    assert day(written) == date(2022, 4, 20)


@pytest.mark.parametrize(
    "written", ["", "2022", "2022-04", "2022-02-30", "04/20/2022", "20 Foo 2022", "0000-01-01", "x"]
)
def test_it_does_not_guess(written: str) -> None:
    assert day(written) is None


def test_a_file_s_name_gives_whole_days_only() -> None:
    assert in_name("2018-02-06-hub-db-dir.md") == date(2018, 2, 6)
    assert in_name("incident-2018-02-06.md") == date(2018, 2, 6)
    assert in_name("2024-core-node-incidents.md") is None
    assert in_name("12018-02-067.md") is None
    assert in_name("2018-99-99.md") is None


@pytest.mark.parametrize(
    "body",
    ["| Authors | x |\n| Date    | 2022-04-20 |\n", "**Date:** April 20, 2022\n", "- Incident date: 20 April 2022",
     "Date of the incident: 2022-04-20 (UTC)"],
)  # fmt: skip
def test_a_labelled_day_in_the_first_lines_counts(body: str) -> None:
    assert labelled("# Title\n\n" + body) == date(2022, 4, 20)


@pytest.mark.parametrize(
    "body", ["Update: 2022-04-20", "On 2022-04-20 it broke.", "\n" * 40 + "Date: 2022-04-20", "Date: soon"]
)
def test_other_days_do_not(body: str) -> None:
    assert labelled(body) is None
