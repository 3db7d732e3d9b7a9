"""The metrics, against tables worked out by hand, and within their bounds for any ranks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden_queries import metrics

RANKS = st.lists(st.one_of(st.none(), st.integers(1, 50)), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("ranks", "success_1", "success_3", "recall_1", "recall_3", "recall_5", "mrr"),
    [
        # one expected document
        ([1], 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        ([3], 0.0, 1.0, 0.0, 1.0, 1.0, 1 / 3),
        ([4], 0.0, 0.0, 0.0, 0.0, 1.0, 1 / 4),
        ([None], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        # two: success asks for any of them, recall for the share
        ([1, 4], 1.0, 1.0, 0.5, 0.5, 1.0, 1.0),
        ([None, 2], 0.0, 1.0, 0.0, 0.5, 0.5, 1 / 2),
        # both lists have a first place
        ([1, 1], 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        ([None, None], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_the_metrics_agree_with_a_table_worked_out_by_hand(
    ranks: list[int | None],
    success_1: float,
    success_3: float,
    recall_1: float,
    recall_3: float,
    recall_5: float,
    mrr: float,
) -> None:
    assert metrics.success_at(ranks, 1) == success_1
    assert metrics.success_at(ranks, 3) == success_3
    assert metrics.recall_at(ranks, 1) == recall_1
    assert metrics.recall_at(ranks, 3) == recall_3
    assert metrics.recall_at(ranks, 5) == recall_5
    assert metrics.reciprocal_rank(ranks) == pytest.approx(mrr)


@pytest.mark.parametrize(
    ("ranks", "gain"),
    [
        ([1], 1.0),  # 1 / log2(2)
        ([3], 0.5),  # 1 / log2(4)
        ([7], 1 / 3),  # 1 / log2(8)
        ([10], 1 / math.log2(11)),
        ([11], 0.0),  # beyond the cut
        ([1, 3, None], 1.5),
    ],
)
def test_the_gain_of_a_rank_is_discounted_by_the_logarithm(ranks: list[int | None], gain: float) -> None:
    assert metrics.gain_at(ranks, 10) == pytest.approx(gain)


def test_the_ideal_ranking_puts_every_expected_document_first() -> None:
    assert metrics.ideal_gain_at(3, 10) == pytest.approx(1 + 1 / math.log2(3) + 0.5)
    assert metrics.ideal_gain_at(25, 10) == metrics.ideal_gain_at(10, 10)


def test_a_mean_over_nothing_is_no_number() -> None:
    assert metrics.mean([]) is None
    assert metrics.mean([0.0, 1.0]) == 0.5


@given(RANKS, st.integers(1, 20))
def test_every_metric_stays_between_nought_and_one(ranks: list[int | None], k: int) -> None:
    for value in (metrics.success_at(ranks, k), metrics.recall_at(ranks, k), metrics.reciprocal_rank(ranks)):
        assert 0.0 <= value <= 1.0


@given(st.sets(st.integers(1, 50), min_size=1, max_size=12), st.integers(1, 20))
def test_no_ranking_of_one_list_gains_more_than_the_ideal(ranks: set[int], k: int) -> None:
    assert metrics.gain_at(sorted(ranks), k) <= metrics.ideal_gain_at(len(ranks), k) + 1e-12


@given(RANKS, st.integers(1, 20))
def test_a_deeper_cut_never_finds_less(ranks: list[int | None], k: int) -> None:
    assert metrics.success_at(ranks, k) <= metrics.success_at(ranks, k + 1)
    assert metrics.recall_at(ranks, k) <= metrics.recall_at(ranks, k + 1)


@given(RANKS, st.integers(1, 20))
def test_recall_is_never_above_success(ranks: list[int | None], k: int) -> None:
    assert metrics.recall_at(ranks, k) <= metrics.success_at(ranks, k)
