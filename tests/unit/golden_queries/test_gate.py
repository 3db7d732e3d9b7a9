"""The gate: what stops an index from going live, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from golden_queries.baseline import BadBaseline, Baseline
from golden_queries.cases import Case, Match, Quarantine
from golden_queries.figures import Figure
from golden_queries.gate import CANARY, GateWord, Policy, Reason, Verdict, check, run
from golden_queries.recall import Ranked, Report

TODAY = date(2026, 3, 1)
POLICY = Policy(min_cases=4, max_drop=0.02)
ASIDE = Quarantine(date(2026, 3, 1), "payments team", "the page is being written")


def case(name: str, **changes: Any) -> Case:
    """Return a case that asks for the document of its own name."""
    plain = replace(CANARY, id=name, query=name, expected=(f"runbooks/{name}.md",), at=3, must=False, match=Match.ANY)
    return replace(plain, **changes)


def search(asked: Case) -> Ranked:
    """Find the document that the query names; "low" is outranked by three others, "lost" is not found at all."""
    docs = ["runbooks/x.md", "runbooks/y.md", "runbooks/z.md", f"runbooks/{asked.query}.md"]
    if asked.query.startswith("lost") or asked == CANARY:
        docs.pop()
    elif not asked.query.startswith("low"):
        docs.reverse()
    scored = tuple((doc, 1 - place / 10) for place, doc in enumerate(docs))
    past = () if asked.past is None else ("postmortems/p.md",)
    return Ranked(scored, (("postmortems/p.md", 0.9),), tuple(docs[:3]), past)


FOUND = tuple(case(name) for name in "abcd")


def verdict(cases: tuple[Case, ...], baseline: Baseline | None = None, **policy: Any) -> Verdict:
    return check(run(cases, search, "s"), baseline, replace(POLICY, **policy), TODAY)


def baseline(cases: tuple[Case, ...] = FOUND) -> Baseline:
    return Baseline.of(run(cases, search, "s"), TODAY)


def reasons(said: Verdict) -> list[Reason]:
    return [failure.reason for failure in said.failures]


def test_it_passes_when_everything_is_found_as_before() -> None:
    said = verdict(FOUND, baseline())
    assert (said.word, said.failures, said.notes, said.holds) == (GateWord.PASSED, (), (), True)


def test_without_any_case_the_index_is_unguarded_and_says_so() -> None:
    said = verdict(())
    assert said.word is GateWord.UNGUARDED
    assert said.holds
    assert "unguarded" in said.notes[0]


def test_too_few_cases_are_refused_with_both_numbers() -> None:
    said = verdict(FOUND[:3], None)
    assert (said.word, said.holds) == (GateWord.TOO_FEW, False)
    assert said.failures[0].text == "3 cases gate, at least 4 must"


def test_cases_that_are_all_set_aside_are_too_few_even_where_no_minimum_is_asked() -> None:
    aside = tuple(replace(each, quarantine=ASIDE) for each in FOUND)
    assert verdict(aside, None, min_cases=0).word is GateWord.TOO_FEW


def test_a_leak_fails_and_cannot_be_overridden() -> None:
    said = verdict((*FOUND, case("e", forbidden=("runbooks/z.md", "runbooks/other.md"))), baseline())
    assert (said.word, reasons(said), said.overridable) == (GateWord.FAILED, [Reason.LEAK], False)
    assert "e: 1 of 2 forbidden documents came up: runbooks/z.md" in said.failures[0].text


def test_a_leak_fails_even_in_a_case_that_is_set_aside_and_even_with_too_few_cases() -> None:
    said = verdict((case("e", forbidden=("runbooks/z.md",), quarantine=ASIDE),))
    assert said.word is GateWord.FAILED
    assert Reason.LEAK in reasons(said)


def test_one_lost_must_case_fails_alone_and_may_be_overridden() -> None:
    said = verdict((*FOUND, case("low1", must=True)), None)
    assert (reasons(said), said.overridable) == ([Reason.MUST_LOST], True)
    assert said.failures[0].text == "low1: a must case, wanted within the first 3, found at rank 4"


def test_a_must_case_that_is_found_nowhere_says_so() -> None:
    assert "found at no rank" in verdict((*FOUND, case("lost1", must=True)), None).failures[0].text


def test_an_unanswerable_must_case_fails_when_something_is_shown() -> None:
    assert reasons(verdict((*FOUND, case("e", must=True, expected=())), None)) == [Reason.MUST_LOST]


def test_a_must_case_of_the_baseline_cannot_be_dropped_silently() -> None:
    before = baseline((*FOUND, case("e", must=True)))
    assert before.must == ("e",)
    assert reasons(verdict((*FOUND, case("e")), before)) == [Reason.MUST_GONE]
    assert reasons(verdict((*FOUND, case("other")), before)) == [Reason.MUST_GONE]


def test_a_fall_beyond_what_is_allowed_fails_with_both_values_and_both_n() -> None:
    said = verdict((*FOUND[:3], replace(FOUND[3], query="low")), baseline())
    fell = {failure.subject: failure.text for failure in said.failures}
    assert set(fell) == {"success@1", "success@3", "recall@1", "recall@3", "mrr"}
    assert fell["success@1"] == ("success@1 fell from 1.000 (n=4) to 0.750 (n=4), by 0.250; 0.020 is allowed")


def test_a_fall_of_exactly_what_is_allowed_holds() -> None:
    now = (*FOUND[:3], replace(FOUND[3], query="lost"))
    assert verdict(now, baseline(), max_drop=0.25).word is GateWord.PASSED
    assert verdict(now, baseline(), max_drop=0.24).word is GateWord.FAILED


def test_a_gain_is_no_failure() -> None:
    before = baseline((*FOUND[:3], replace(FOUND[3], query="lost")))
    assert verdict(FOUND, before).word is GateWord.PASSED


def test_fewer_cases_than_the_baseline_has_are_not_compared_but_refused() -> None:
    said = verdict(FOUND, baseline((*FOUND, case("e"))))
    assert set(reasons(said)) == {Reason.SHRUNK}
    assert "over 4 cases, the baseline is over 5" in said.failures[0].text


def test_more_cases_than_the_baseline_has_are_compared() -> None:
    assert verdict((*FOUND, case("e")), baseline()).word is GateWord.PASSED
    assert Reason.FELL in reasons(verdict((*FOUND, case("lost2")), baseline()))


def test_a_wrong_last_time_counts_when_there_is_more_of_it() -> None:
    before = baseline((*FOUND, case("e", past=("postmortems/p.md",))))
    fell = {failure.subject for failure in verdict((*FOUND, case("e", past=())), before).failures}
    assert fell == {"past.right", "past.wrong"}


def test_showing_nothing_at_all_is_no_way_through() -> None:
    def silent(asked: Case) -> Ranked:
        return replace(search(asked), shown_runbooks=())

    said = check(run(FOUND, silent, "s"), baseline(), POLICY, TODAY)
    assert [failure.subject for failure in said.failures] == ["abstention.wrong"]


def test_a_case_set_aside_is_told_and_does_not_gate_up_to_its_day() -> None:
    low = case("low1", must=True, quarantine=ASIDE)
    said = verdict((*FOUND, low), baseline())
    assert (said.word, said.configured, said.gating) == (GateWord.PASSED, 5, 4)
    assert said.notes == ("low1: set aside until 2026-03-01 by payments team: the page is being written; it fails",)


def test_a_quarantine_that_is_over_gates_again() -> None:
    over = replace(ASIDE, until=date(2026, 2, 28))
    said = verdict((*FOUND, case("low1", must=True, quarantine=over)), None)
    assert reasons(said) == [Reason.MUST_LOST]
    assert "its quarantine ended on 2026-02-28, it gates again; it fails" in said.notes[0]


def test_setting_a_case_aside_does_not_count_as_taking_it_away() -> None:
    aside = (*FOUND, replace(case("e", must=True), query="lost", quarantine=ASIDE))
    assert verdict(aside, baseline((*FOUND, case("e", must=True)))).word is GateWord.PASSED


def test_a_search_that_finds_what_cannot_exist_fails_the_gate() -> None:
    def obliging(asked: Case) -> Ranked:
        return Ranked(tuple((doc, 1.0) for doc in asked.expected), ())

    said = check(run(FOUND, obliging, "s"), None, POLICY, TODAY)
    assert (reasons(said), said.overridable) == ([Reason.CANARY], False)


def test_a_report_without_the_canary_fails_the_gate() -> None:
    bare = Report("s", run(FOUND, search, "s").outcomes)
    assert reasons(check(bare, None, POLICY, TODAY)) == [Reason.CANARY]


def test_without_a_baseline_nothing_is_compared_and_that_is_told() -> None:
    said = verdict(FOUND)
    assert said.word is GateWord.PASSED
    assert "No baseline" in said.notes[0]


def test_a_baseline_reads_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "new" / "baseline.yaml"
    written = baseline((*FOUND, case("e", must=True, past=("postmortems/p.md",))))
    written.write(file)
    assert Baseline.read(file) == written
    assert written.metrics["past.right"] == Figure(1.0, 1)
    assert "abstention.right" not in written.metrics
    assert [found.name for found in file.parent.iterdir()] == ["baseline.yaml"]


def test_rounding_in_the_file_is_no_fall(tmp_path: Path) -> None:
    cases = (*FOUND, case("low1"), case("lost1"), case("lost2"))
    baseline(cases).write(tmp_path / "b.yaml")
    assert verdict(cases, Baseline.read(tmp_path / "b.yaml"), max_drop=0.0).word is GateWord.PASSED


def test_a_baseline_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert Baseline.read(tmp_path / "b.yaml") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "metrics: {mrr: {value: 2, n: 1}}", "metrics: {mrr: 1}", "metrics: {luck: {value: 1, n: 1}}", "a: ["],
)
def test_a_baseline_that_is_none_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadBaseline) as caught:
        Baseline.read(tmp_path / "b.yaml")
    assert caught.value.mend
