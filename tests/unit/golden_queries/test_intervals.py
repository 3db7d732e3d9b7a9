"""Bootstrap intervals, and the metrics against an independent implementation of them."""

from __future__ import annotations

import random
from dataclasses import replace

import ir_measures
import pytest

from golden_queries.gate import CANARY
from golden_queries.intervals import interval, intervals
from golden_queries.recall import Ranked, judge, measure


def test_an_interval_holds_the_mean_and_its_n() -> None:
    found = interval([1.0] * 80 + [0.0] * 20)
    assert found is not None
    assert found.n == 100
    assert 0.70 < found.low < 0.75 < 0.80 < 0.85 < found.high < 0.90


def test_more_cases_make_it_narrower() -> None:
    few, many = interval([1.0, 1.0, 1.0, 0.0] * 5), interval([1.0, 1.0, 1.0, 0.0] * 50)
    assert few is not None
    assert many is not None
    assert many.high - many.low < (few.high - few.low) / 2


def test_values_that_are_all_the_same_leave_no_doubt_to_show() -> None:
    found = interval([0.5, 0.5])
    assert found is not None
    assert (found.low, found.high) == (0.5, 0.5)


def test_the_same_cases_give_the_same_interval_whatever_was_drawn_before() -> None:
    values = [number / 97 for number in range(97)]
    first = interval(values)
    assert interval(values) == first
    assert interval(values, seed=1) != first


def test_no_case_has_no_interval() -> None:
    assert interval([]) is None
    outcome = judge(replace(CANARY, past=()), Ranked((), ()))
    assert set(intervals([outcome])) >= {"success@1", "mrr", "past.wrong"}
    assert "abstention.right" not in intervals([outcome])


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_agree_with_ir_measures(seed: int) -> None:
    chance = random.Random(seed)
    docs = [f"runbooks/{number}.md" for number in range(40)]
    cases, rankings = [], {}
    for number in range(60):
        wanted = tuple(chance.sample(docs, chance.choice([1, 1, 2, 3])))
        cases.append(replace(CANARY, id=f"q{number}", expected=wanted))
        found = chance.sample(docs, chance.choice([0, 3, 30]))
        rankings[f"q{number}"] = tuple((doc, 1.0 - place / 100) for place, doc in enumerate(found))
    content = measure(cases, lambda case: Ranked(rankings[case.id], ()), "s").as_json()
    truth = {case.id: dict.fromkeys(case.expected, 1) for case in cases}
    given = {name: dict(ranking) for name, ranking in rankings.items()}
    names = {
        **{f"success@{k}": ir_measures.Success @ k for k in (1, 3, 5)},
        **{f"recall@{k}": ir_measures.R @ k for k in (1, 3, 5)},
        "mrr": ir_measures.RR,
        "ndcg@10": ir_measures.nDCG @ 10,
    }
    theirs = ir_measures.calc_aggregate(list(names.values()), truth, given)
    for name, measured in names.items():
        assert content[name] == pytest.approx(theirs[measured], abs=1e-9), name
