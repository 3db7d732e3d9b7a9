"""How good a ranking is: success, recall, reciprocal rank, nDCG. Pure functions over ranks.

A rank is 1 for the first document; None means that the document was not ranked at all. Each function
takes the ranks of a case's expected documents, so relevance is binary.
Source of the definitions: Manning, Raghavan, Schütze, Introduction to Information Retrieval, chapter 8;
nDCG after Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, with the gain of rank r discounted by log2(r + 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Ranks = Sequence[int | None]


def first_rank(ranks: Ranks) -> int | None:
    """Return the best rank, or None where nothing was found."""
    return min((rank for rank in ranks if rank is not None), default=None)


def success_at(ranks: Ranks, k: int) -> float:
    """Return 1.0 where any expected document is among the first `k`, else 0.0."""
    return float(any(rank is not None and rank <= k for rank in ranks))


def recall_at(ranks: Ranks, k: int) -> float:
    """Return the share of the expected documents that are among the first `k`."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Ranks) -> float:
    """Return 1 over the best rank; 0.0 where nothing was found."""
    best = first_rank(ranks)
    return 1 / best if best else 0.0


def gain_at(ranks: Ranks, k: int) -> float:
    """Return the discounted cumulative gain of the expected documents among the first `k`."""
    return sum(1 / math.log2(rank + 1) for rank in ranks if rank is not None and rank <= k)


def ideal_gain_at(count: int, k: int) -> float:
    """Return the gain of a ranking that puts all `count` expected documents first."""
    return gain_at(range(1, min(count, k) + 1), k)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, or None of no values: a figure over nothing is not zero."""
    return sum(values) / len(values) if values else None
