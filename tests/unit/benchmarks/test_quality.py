from __future__ import annotations

import pytest

from benchmarks.quality import MEASURES, Answer, figure, figures, won


def test_success_asks_for_one_of_the_expected_and_recall_for_all() -> None:
    answer = Answer(["a", "b", "c"], {"b", "x"})
    assert [answer.success(k) for k in (1, 2)] == [0, 1]
    assert [answer.recall(k) for k in (1, 3)] == [0, 0.5]
    assert answer.reciprocal() == 0.5


def test_what_was_not_ranked_counts_as_nothing() -> None:
    answer = Answer([], {"a"})
    assert {measure(answer) for measure in MEASURES.values()} == {0}


def test_a_figure_lies_in_its_interval_and_names_its_n() -> None:
    found = figures([Answer(["a"], {"a"}), Answer(["b"], {"a"}), Answer(["a"], {"a"})])["success@1"]
    assert found.low <= found.mean <= found.high
    assert found.mean == pytest.approx(2 / 3)
    assert found.n == 3


def test_there_is_no_figure_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        figure([])


def test_who_is_ahead_is_told_query_by_query() -> None:
    ours = [Answer(["a"], {"a"})] * 3
    theirs = [Answer(["b", "a"], {"a"})] * 3
    ahead = won(ours, theirs, Answer.reciprocal)
    assert (ahead.mean, ahead.low, ahead.high) == (0.5, 0.5, 0.5)
