"""Measuring a search: ranks, leaks, abstention, past incidents, and the report."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden_queries.cases import Case, Match
from golden_queries.recall import Ranked, Report, Scored, judge, measure

CASE = Case(
    id="a",
    alert=None,
    query="x",
    groups=frozenset({"everyone"}),
    expected=("runbooks/a.md",),
    match=Match.ANY,
    at=3,
    past=None,
    must=False,
    forbidden=(),
    tags=(),
    why="",
    origin="here",
)


def _scored(*docs: str) -> Scored:
    return tuple((doc, 1.0 - place / 100) for place, doc in enumerate(docs))


RANKED = Ranked(
    runbooks=_scored("runbooks/b.md", "runbooks/a.md", "runbooks/c.md", "runbooks/d.md"),
    postmortems=_scored("postmortems/x.md", "postmortems/y.md"),
    shown_runbooks=("runbooks/b.md", "runbooks/a.md"),
    shown_postmortems=("postmortems/x.md",),
)


def _case(**changes: Any) -> Case:
    return replace(CASE, **changes)


def test_each_expected_document_is_ranked_within_its_own_list() -> None:
    outcome = judge(_case(expected=("runbooks/a.md", "postmortems/x.md")), RANKED)
    assert outcome.ranks == (2, 1)
    assert [doc for doc, _ in outcome.retrieved][:5] == [
        "runbooks/b.md",
        "runbooks/a.md",
        "runbooks/c.md",
        "runbooks/d.md",
        "postmortems/x.md",
    ]


def test_a_document_that_is_nowhere_has_no_rank() -> None:
    assert judge(_case(expected=("runbooks/gone.md",)), RANKED).ranks == (None,)


@pytest.mark.parametrize(
    ("expected", "match", "at", "found"),
    [
        (("runbooks/a.md",), Match.ANY, 2, True),
        (("runbooks/a.md",), Match.ANY, 1, False),
        (("runbooks/a.md", "runbooks/d.md"), Match.ANY, 3, True),
        (("runbooks/a.md", "runbooks/d.md"), Match.ALL, 3, False),
        (("runbooks/a.md", "runbooks/d.md"), Match.ALL, 4, True),
    ],
)
def test_a_case_asks_for_any_or_for_all_within_its_depth(
    expected: tuple[str, ...], match: Match, at: int, found: bool
) -> None:
    assert judge(_case(expected=expected, match=match, at=at), RANKED).found is found


def test_ndcg_takes_each_list_by_itself() -> None:
    outcome = judge(_case(expected=("runbooks/a.md", "postmortems/x.md")), RANKED)
    assert outcome.ndcg == pytest.approx((1 / math.log2(3) + 1) / 2)
    assert judge(_case(expected=("runbooks/b.md", "postmortems/x.md")), RANKED).ndcg == pytest.approx(1.0)


def test_a_forbidden_document_is_a_leak_wherever_it_stands() -> None:
    deep = replace(RANKED, runbooks=(*RANKED.runbooks, *_scored(*(f"runbooks/{n}.md" for n in range(50)))))
    for doc in ("runbooks/49.md", "postmortems/y.md"):
        outcome = judge(_case(forbidden=(doc,)), deep)
        assert outcome.leaked == (doc,)
        assert outcome.found
        assert not outcome.passed


def test_a_document_that_is_shown_but_not_ranked_leaks_too() -> None:
    outcome = judge(_case(forbidden=("runbooks/z.md",)), replace(RANKED, shown_runbooks=("runbooks/z.md",)))
    assert outcome.leaked == ("runbooks/z.md",)


def test_an_unanswerable_case_passes_when_no_runbook_would_be_shown() -> None:
    case = _case(expected=())
    assert judge(case, replace(RANKED, shown_runbooks=())).passed
    assert not judge(case, RANKED).passed


def test_an_answerable_case_abstains_by_the_list_it_expects() -> None:
    nothing = replace(RANKED, shown_postmortems=())
    assert judge(_case(expected=("postmortems/x.md",)), nothing).abstained
    assert not judge(_case(expected=("runbooks/a.md",)), nothing).abstained


@pytest.mark.parametrize(
    ("past", "shown", "counts"),
    [
        (None, ("postmortems/x.md",), {"n": 0, "right": 0, "wrong": 0}),
        (("postmortems/x.md",), ("postmortems/x.md",), {"n": 1, "right": 1, "wrong": 0}),
        (("postmortems/x.md",), ("postmortems/x.md", "postmortems/y.md"), {"n": 1, "right": 0, "wrong": 1}),
        (("postmortems/x.md",), (), {"n": 1, "right": 0, "wrong": 0}),
        ((), (), {"n": 1, "right": 1, "wrong": 0}),
        ((), ("postmortems/x.md",), {"n": 1, "right": 0, "wrong": 1}),
    ],
)
def test_last_time_is_right_when_it_shows_only_what_it_may(
    past: tuple[str, ...] | None, shown: tuple[str, ...], counts: dict[str, int]
) -> None:
    report = measure([_case(past=past)], lambda _: replace(RANKED, shown_postmortems=shown), "s")
    assert report.as_json()["past"] == counts
    assert report.outcomes[0].passed is (counts["wrong"] == 0)


def test_the_report_keeps_unanswerable_cases_apart_and_gives_every_n() -> None:
    answers = {
        "first": RANKED,
        "second": RANKED,
        "lost": replace(RANKED, shown_runbooks=()),
        "silent": replace(RANKED, shown_runbooks=()),
        "talks": RANKED,
    }
    cases = [
        _case(id="first", expected=("runbooks/b.md",)),
        _case(id="second", expected=("runbooks/a.md",), forbidden=("postmortems/y.md",)),
        _case(id="lost", expected=("runbooks/gone.md", "runbooks/c.md")),
        _case(id="silent", expected=()),
        _case(id="talks", expected=()),
    ]
    report = measure(cases, lambda case: answers[case.id], "snapshot-1").as_json()
    ndcg_lost = 0.5 / (1 + 1 / math.log2(3))
    expected = {
        "success@1": 1 / 3,
        "success@3": 1.0,
        "success@5": 1.0,
        "recall@1": 1 / 3,
        "recall@3": (1 + 1 + 0.5) / 3,
        "recall@5": (1 + 1 + 0.5) / 3,
        "mrr": (1 + 1 / 2 + 1 / 3) / 3,
        "ndcg@10": (1 + 1 / math.log2(3) + ndcg_lost) / 3,
    }
    assert (report["snapshot"], report["n"], report["leaks"]) == ("snapshot-1", 3, 1)
    assert report["abstention"] == {"n": 2, "right": 1, "wrong": 1}
    assert {name: report[name] for name in expected} == pytest.approx(expected)
    assert [(query["id"], query["rank"]) for query in report["queries"]] == [
        ("first", 1),
        ("second", 2),
        ("lost", 3),
        ("silent", None),
        ("talks", None),
    ]
    assert report["queries"][0]["retrieved"][0] == {"doc": "runbooks/b.md", "score": 1.0}
    assert json.loads(json.dumps(report)) == report


def test_a_run_without_answerable_cases_gives_no_figures() -> None:
    report = measure([_case(expected=())], lambda _: RANKED, "s").as_json()
    assert report["n"] == 0
    assert report["success@1"] is None
    assert report["ndcg@10"] is None


def test_the_search_is_asked_once_for_each_case_in_order() -> None:
    asked: list[str] = []

    def search(case: Case) -> Ranked:
        asked.append(case.id)
        return RANKED

    measure([_case(id="a"), _case(id="b")], search, "s")
    assert asked == ["a", "b"]


@given(
    st.permutations([f"runbooks/{n}.md" for n in range(8)]),
    st.permutations([f"postmortems/{n}.md" for n in range(8)]),
    st.sets(st.sampled_from([f"{s}/{n}.md" for s in ("runbooks", "postmortems") for n in range(10)]), min_size=1),
)
def test_every_figure_of_any_report_lies_between_nought_and_one(
    runbooks: list[str], postmortems: list[str], expected: set[str]
) -> None:
    ranked = Ranked(_scored(*runbooks), _scored(*postmortems))
    report = Report("s", (judge(_case(expected=tuple(sorted(expected))), ranked),)).as_json()
    figures = {name: value for name, value in report.items() if "@" in name or name == "mrr"}
    assert len(figures) == 8
    assert all(0.0 <= value <= 1.0 + 1e-12 for value in figures.values())


def test_a_collapsed_near_duplicate_counts_as_its_twin() -> None:
    ranked = replace(RANKED, twins={"copies/a.md": "runbooks/a.md", "postmortems/x2.md": "postmortems/x.md"})
    outcome = judge(_case(expected=("copies/a.md",), past=("postmortems/x2.md",)), ranked)
    assert outcome.ranks == (2,)
    assert outcome.found
    assert outcome.past_wrong == ()
    assert judge(_case(expected=("copies/a.md",), past=()), ranked).past_wrong == ("postmortems/x.md",)


def test_two_expected_twins_are_one_document_to_ndcg() -> None:
    ranked = replace(RANKED, twins={"copies/b.md": "runbooks/b.md"})
    outcome = judge(_case(expected=("runbooks/b.md", "copies/b.md"), match=Match.ALL), ranked)
    assert outcome.ranks == (1, 1)
    assert outcome.found
    assert outcome.ndcg == 1.0


def test_a_forbidden_document_that_was_collapsed_was_read_all_the_same() -> None:
    ranked = replace(RANKED, twins={"runbooks/secret.md": "runbooks/a.md"})
    assert judge(_case(forbidden=("runbooks/secret.md",)), ranked).leaked == ("runbooks/secret.md",)
