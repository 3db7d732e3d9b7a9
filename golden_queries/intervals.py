"""How sure a figure is: percentile bootstrap intervals over the cases. Pure; the same cases give the same interval.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. Cases are drawn with replacement, so
an interval says how much the figure hangs on which cases were written, and nothing of cases nobody thought of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from golden_queries.figures import MEASURES
from golden_queries.recall import Outcome

LEVEL = 0.95
RESAMPLES = 2000
SEED = 20240301


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a mean lies with probability `LEVEL`, over `n` cases."""

    low: float
    high: float
    n: int


def interval(values: Sequence[float], seed: int = SEED) -> Interval | None:
    """Return the interval of the mean of these values; None of no values."""
    if not values:
        return None
    draws = np.random.default_rng(seed).integers(0, len(values), size=(RESAMPLES, len(values)))
    means = np.asarray(values, dtype=np.float64)[draws].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), len(values))


def intervals(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    """Return the interval of every figure that is over any case."""
    found = {name: interval(measure.values(outcomes)) for name, measure in MEASURES.items()}
    return {name: each for name, each in found.items() if each is not None}
