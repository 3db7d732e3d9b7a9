"""The cases that come with the program: enough of them, over documents that are there, half of the past ones empty."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from golden_queries.baseline import Baseline
from golden_queries.cases import Case, load
from worker.settings import with_environment

ROOT = Path(__file__).parents[3]
SAMPLES = load([ROOT / "golden_queries" / "cases"])
CORPUS = load([ROOT / "tests" / "data" / "past_corpus.yaml"])
TODAY = date(2026, 11, 21)


def _named(case: Case) -> set[str]:
    return {*case.expected, *(case.past or ()), *case.forbidden}


def test_the_samples_are_guarded_by_enough_cases_of_each_kind() -> None:
    assert len(SAMPLES) >= 20
    assert sum(bool(case.forbidden) for case in SAMPLES) >= 10
    assert sum(not case.answerable for case in SAMPLES) >= 5
    assert sum(case.must for case in SAMPLES) >= 5
    assert all(case.gates(TODAY) for case in SAMPLES), "no shipped case is set aside"


def test_the_baseline_was_accepted_from_these_cases() -> None:
    baseline = Baseline.read(ROOT / "golden_queries" / "baseline.yaml")
    assert baseline is not None
    assert baseline.metrics["success@3"].n == sum(case.answerable for case in SAMPLES)
    assert baseline.metrics["abstention.right"].n == sum(not case.answerable for case in SAMPLES)
    assert baseline.metrics["past.wrong"].n == sum(case.past is not None for case in SAMPLES)
    assert set(baseline.must) == {case.id for case in SAMPLES if case.must}


def test_each_document_that_a_case_names_is_in_the_samples() -> None:
    gone = {name for case in SAMPLES for name in _named(case) if not (ROOT / "samples" / name).is_file()}
    assert gone == set()


def test_a_hundred_cases_say_what_last_time_may_show_and_half_of_them_nothing() -> None:
    past = [case for case in (*SAMPLES, *CORPUS) if case.past is not None]
    assert len(past) >= 100
    assert sum(case.past == () for case in CORPUS) * 2 >= len(CORPUS)
    assert 0.4 <= sum(case.past == () for case in past) / len(past) <= 0.6
    readers = [case for case in CORPUS if case.past == () and case.forbidden]
    assert len(readers) >= 10, "the same alert with other readers"


def test_each_document_that_a_past_case_names_is_in_the_public_corpus() -> None:
    named = with_environment({}).get("MIDDLEWATCH_TEST_SHARED")
    corpus = (Path(named) if named else ROOT.parent / "shared") / "corpus"
    if not corpus.is_dir():
        pytest.skip("the public corpus is not here; MIDDLEWATCH_TEST_SHARED names the folder that holds it")
    files = {name: corpus / name.replace("registries/", "postmortems/", 1) for case in CORPUS for name in _named(case)}
    assert {name for name, file in files.items() if not file.is_file()} == set()
