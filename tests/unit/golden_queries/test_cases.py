"""Reading golden cases: what is accepted, and how a mistake is told."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from domain.access import Audience
from domain.alert import Status
from golden_queries.cases import BadCase, Match, Quarantine, load, read

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or ROOT.parent / "shared")  # noqa: TID251 -- where the public data lies

WHOLE = """
- id: orders-volume-filling
  alert:
    labels: {alertname: OrdersDbVolumeFillingUp, service: orders-db, partition: 7}
    annotations: {summary: "86% full"}
    startsAt: 2026-11-18T03:02:11Z
  groups: [payments]
  expected: [runbooks/databases/orders-db-volume-filling.md]
  match: all
  at: 1
  past: [postmortems/2025-03-11-orders-db-disk-full.md]
  must: true
  forbidden: [runbooks/security/leaked-credential.md]
  tags: [storage]
  why: "Asked for after the March outage"
- id: in-words
  query: baskets are gone
  expected: []
"""


def _file(folder: Path, content: str, name: str = "cases.yaml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def _refusal(folder: Path, content: str, name: str = "cases.yaml") -> str:
    with pytest.raises(BadCase) as caught:
        load([_file(folder, content, name)])
    return str(caught.value)


def test_it_reads_every_key_of_a_case(tmp_path: Path) -> None:
    case, _ = read(_file(tmp_path, WHOLE))
    assert case.alert is not None
    assert case.alert.name == "OrdersDbVolumeFillingUp"
    assert case.alert.labels["partition"] == "7"
    assert case.alert.status is Status.FIRING
    assert case.alert.starts_at.isoformat() == "2026-11-18T03:02:11+00:00"
    assert case.audience == Audience.of({"payments"})
    assert case.expected == ("runbooks/databases/orders-db-volume-filling.md",)
    assert (case.match, case.at, case.must, case.tags) == (Match.ALL, 1, True, ("storage",))
    assert case.past == ("postmortems/2025-03-11-orders-db-disk-full.md",)
    assert case.forbidden == ("runbooks/security/leaked-credential.md",)


def test_a_case_that_says_little_asks_as_everyone_and_within_three(tmp_path: Path) -> None:
    _, case = read(_file(tmp_path, WHOLE))
    assert case.audience == Audience.of(())
    assert (case.at, case.match, case.past, case.must) == (3, Match.ANY, None, False)
    assert not case.answerable


def test_jsonl_takes_the_same_keys(tmp_path: Path) -> None:
    line = {"id": "a", "query": "slow", "expected": ["runbooks/a.md"], "source": "kube-prometheus"}
    (case,) = read(_file(tmp_path, json.dumps(line) + "\n\n", "cases.jsonl"))
    assert case.tags == ("kube-prometheus",)


def test_a_folder_is_read_to_the_bottom_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    _file(tmp_path / "b", "- {id: two, query: x, expected: []}")
    _file(tmp_path, "- {id: one, query: x, expected: []}", "a.yaml")
    _file(tmp_path, "not a case", "notes.txt")
    assert [case.id for case in load([tmp_path])] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- {id: a, query: x, expectd: []}", "(a): expected is missing"),
        ("- {id: a, query: x, expected: [], expectd: []}", "unknown key 'expectd', did you mean 'expected'?"),
        ("- {id: a, query: x, expected: [], colour: red}", "unknown key 'colour'."),
        ("- {id: a, expected: []}", "either an alert or a query"),
        ("- {id: a, query: x, alert: {labels: {}}, expected: []}", "either an alert or a query"),
        ("- {query: x, expected: []}", "case 1: id is missing"),
        ("- {id: a, query: x, expected: [VolumeFilling.md]}", "is not SOURCE/relative/path"),
        ("- {id: a, query: x, expected: [/runbooks/a.md]}", "is not SOURCE/relative/path"),
        ("- {id: a, query: x, expected: [r/a.md], forbidden: [r/a.md]}", "both wanted and forbidden"),
        ("- {id: a, query: x, expected: [], at: 0}", "at: Input should be greater than or equal to 1"),
        ("- {id: a, query: x, expected: [], match: some}", "match: Input should be 'any' or 'all'"),
        ("- {id: a, alert: {annotations: {}}, expected: []}", "alert.labels is missing"),
        ("- {id: a, query: x, expected: []}\n- just words", "case 2: a case is a table"),
        ("id: a\nquery: x\nexpected: []", "it must be a list of cases"),
        ("- {id: a", "it is not YAML near line"),
        ("", "there is no case in it"),
        ("[]", "there is no case in it"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_the_case(tmp_path: Path, content: str, said: str) -> None:
    message = _refusal(tmp_path, content)
    assert "cases.yaml" in message
    assert said in message


def test_a_broken_jsonl_line_is_told_by_its_file(tmp_path: Path) -> None:
    assert "cases.jsonl: a line is not JSON" in _refusal(tmp_path, '{"id": \n', "cases.jsonl")


def test_a_jsonl_mistake_names_the_line(tmp_path: Path) -> None:
    good = '{"id": "a", "query": "x", "expected": []}\n'
    assert "line 2 (b): expected is missing" in _refusal(tmp_path, good + '{"id": "b", "query": "x"}', "cases.jsonl")


def test_the_same_id_in_two_files_names_both_places(tmp_path: Path) -> None:
    _file(tmp_path, "- {id: a, query: x, expected: []}", "one.yaml")
    _file(tmp_path, "- {id: b, query: x, expected: []}\n- {id: a, query: x, expected: []}", "two.yaml")
    with pytest.raises(BadCase, match=r"two\.yaml, case 2: the id 'a' is taken by .*one\.yaml, case 1") as caught:
        load([tmp_path])
    assert not caught.value.retryable


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCase, match="no such file or folder"):
        load([tmp_path / "gone"])


def test_a_file_that_is_not_text_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadCase, match=r"cases\.yaml: cannot be read"):
        load([path])


@pytest.mark.parametrize(
    ("name", "count", "answerable"),
    [("dev", 131, 131), ("dev_noname", 131, 131), ("dev_norunbook", 32, 0), ("dev_postmortem", 15, 15)],
)
def test_the_public_data_sets_load_whole(name: str, count: int, answerable: int) -> None:
    path = SHARED / "corpus" / "golden" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip("the public corpus is not here; set MIDDLEWATCH_TEST_SHARED to its folder")
    cases = load([path])
    assert len(cases) == count
    assert sum(case.answerable for case in cases) == answerable


def test_a_case_is_set_aside_with_a_day_an_owner_and_a_reason(tmp_path: Path) -> None:
    row = "- {id: a, query: x, expected: [], quarantine: {until: 2026-03-01, owner: payments, why: page moves}}"
    file = tmp_path / "a.yaml"
    file.write_text(row, encoding="utf-8")
    (case,) = read(file)
    assert case.quarantine == Quarantine(date(2026, 3, 1), "payments", "page moves")
    assert not case.gates(date(2026, 3, 1))
    assert case.gates(date(2026, 3, 2))


@pytest.mark.parametrize("lacking", ["until", "owner", "why"])
def test_a_quarantine_without_all_three_is_refused(tmp_path: Path, lacking: str) -> None:
    aside = {"until": "2026-03-01", "owner": "payments", "why": "page moves"}
    del aside[lacking]
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": "a", "query": "x", "expected": [], "quarantine": aside}), encoding="utf-8")
    with pytest.raises(BadCase, match=f"quarantine.{lacking}"):
        read(file)
