"""`golden explain` over a real index."""

from __future__ import annotations

from pathlib import Path

import pytest

CASES = """
- {id: moved, query: disk, expected: [runbooks/storage/disk.md]}
- {id: hidden, query: leaked credential, expected: [runbooks/keys.md]}
- {id: outranked, query: kafka consumer group lag, expected: [runbooks/disk.md], at: 1}
- {id: shown, query: kafka consumer lag, expected: []}
- {id: found, query: kafka consumer lag, expected: [runbooks/kafka.md]}
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    (tmp_path / "cases.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path / "cases.yaml"


def test_the_parts_of_a_score_add_up_to_the_score_of_the_search(golden, cases: Path) -> None:
    for row in golden("explain", "found", cases, "--json").json["retrieved"]:
        assert sum(row["parts"].values()) == pytest.approx(row["score"], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "why"),
    [("moved", "not ingested"), ("hidden", "not readable by this audience"), ("found", "found")],
)
def test_it_says_what_became_of_the_expected_document(golden, cases: Path, name: str, why: str) -> None:
    ran = golden("explain", name, cases, "--json")
    assert ran.code == (0 if why == "found" else 1)
    assert [each["why"] for each in ran.json["expected"]] == [why]


def test_a_document_that_is_outranked_is_told_by_which_and_with_figures(golden, cases: Path) -> None:
    out = golden("explain", "outranked", cases).out
    assert "outranked: not passed; wanted any of 1 within the first 1; as everyone" in out
    assert "outranked by runbooks/kafka.md" in out
    assert "*" in out
    assert "runbooks/keys.md" not in out


def test_what_is_shown_where_nothing_may_be_is_named(golden, cases: Path) -> None:
    assert "shown, and nothing may be: runbooks/kafka.md" in golden("explain", "shown", cases).out


def test_an_unknown_id_is_a_misuse(golden, cases: Path) -> None:
    assert golden("explain", "nobody", cases).code == 2
