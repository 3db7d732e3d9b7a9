"""A case is added to a file: nothing else of the file changes, and what is written reads back as it was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, Status
from golden_queries.adding import append, file_for, free_id, row_of
from golden_queries.cases import BadCase, load, read

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = "# Cases of the storage team.\n\n- id: first   # oldest\n  query: x\n  expected: [runbooks/a/disk.md]\n# end"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40)


def _alert(**labels: str) -> Alert:
    return Alert("f", Status.FIRING, {"alertname": "DiskFull"} | labels, {"summary": "It's full: 97%, # now"}, NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(BEFORE, encoding="utf-8")
    return tmp_path / "a.yaml"


def test_the_other_cases_and_comments_stay_byte_for_byte(file: Path) -> None:
    said = {"id": "new", "expected": ["runbooks/a/disk.md"], "past": [], "must": True, "why": "", "at": 0}
    case = append(file, row_of(_alert(partition="7"), said))
    text = file.read_text(encoding="utf-8")
    assert text.startswith(BEFORE + "\n")
    assert "  past: []\n" in text
    assert "why" not in text.removeprefix(BEFORE)
    assert (case.id, case.past, case.must, case.at) == ("new", (), True, 3)
    assert case.origin == f"{file}, case 2"
    assert [each.id for each in read(file)] == ["first", "new"]
    assert case.alert is not None
    assert case.alert.labels["partition"] == "7"
    assert case.alert.annotations == {"summary": "It's full: 97%, # now"}


@given(value=WORDS, name=st.from_regex(r"[a-zA-Z_]{1,9}", fullmatch=True))
def test_whatever_an_alert_says_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, value: str, name: str
) -> None:
    file = tmp_path_factory.mktemp("add") / "a.yaml"
    case = append(file, row_of(_alert(**{name: value}), {"id": "x", "expected": []}))
    assert case.alert is not None
    assert case.alert.labels[name] == value


def test_a_list_that_is_indented_is_continued_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("  - id: a\n    query: x\n    expected: []\n", encoding="utf-8")
    append(file, row_of(_alert(), {"id": "b", "expected": []}))
    assert [case.id for case in read(file)] == ["a", "b"]


def test_json_lines_get_one_line_more(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": "a", "query": "x", "expected": []}), encoding="utf-8")
    append(file, row_of(_alert(), {"id": "b", "expected": []}))
    assert [case.id for case in read(file)] == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["- {id: a, query: x, expected: []}\n...\n", "cases: []\n", "[{id: a, query: x, expected: []}]\n"]
)
def test_a_file_that_cannot_be_added_to_stays_as_it_was(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadCase):
        append(file, row_of(_alert(), {"id": "b", "expected": []}))
    assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def test_it_goes_where_its_neighbours_are_else_into_a_file_of_its_folder(tmp_path: Path) -> None:
    for name, doc in (("one", "runbooks/storage/a.md"), ("two", "runbooks/network/b.md")):
        (tmp_path / f"{name}.yaml").write_text(f"- {{id: {name}, query: x, expected: [{doc}]}}\n", encoding="utf-8")
    cases = load([tmp_path])
    assert file_for(["runbooks/network/c.md"], cases, tmp_path) == tmp_path / "two.yaml"
    assert file_for(["runbooks/mail/queue.md"], cases, tmp_path) == tmp_path / "mail.yaml"
    assert file_for([], cases, tmp_path) == tmp_path / "unanswerable.yaml"


def test_an_id_is_made_of_the_alerts_name_and_is_never_taken() -> None:
    assert free_id("OrdersDbDown", ()) == "orders-db-down"
    assert free_id("OrdersDbDown", {"orders-db-down", "orders-db-down-2"}) == "orders-db-down-3"
    assert free_id("!!!", ()) == "case"
