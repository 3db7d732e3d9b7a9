"""The figures that a gate compares and a report slices: each a mean over cases, never without its n."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from golden_queries import metrics
from golden_queries.recall import LISTED, Outcome


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: which cases it is over, what each adds to its mean, and whether more is better."""

    name: str
    over: Callable[[Outcome], bool]
    value: Callable[[Outcome], float]
    higher_is_better: bool = True

    def of(self, outcomes: Sequence[Outcome]) -> Figure:
        """Return the figure over these outcomes."""
        values = self.values(outcomes)
        return Figure(metrics.mean(values), len(values))

    def values(self, outcomes: Sequence[Outcome]) -> list[float]:
        """Return what each case that counts adds."""
        return [self.value(outcome) for outcome in outcomes if self.over(outcome)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and the number of cases it is over; None where there are none."""

    value: float | None
    n: int


def _answerable(outcome: Outcome) -> bool:
    return outcome.case.answerable


def _unanswerable(outcome: Outcome) -> bool:
    return not outcome.case.answerable


def _says_past(outcome: Outcome) -> bool:
    return outcome.case.past is not None


def _past_right(outcome: Outcome) -> float:
    return float(not outcome.past_wrong and not outcome.past_missed)


RANKING = (
    Measure("success@1", _answerable, lambda outcome: metrics.success_at(outcome.ranks, 1)),
    Measure("success@3", _answerable, lambda outcome: metrics.success_at(outcome.ranks, 3)),
    Measure("success@5", _answerable, lambda outcome: metrics.success_at(outcome.ranks, 5)),
    Measure("recall@1", _answerable, lambda outcome: metrics.recall_at(outcome.ranks, 1)),
    Measure("recall@3", _answerable, lambda outcome: metrics.recall_at(outcome.ranks, 3)),
    Measure("recall@5", _answerable, lambda outcome: metrics.recall_at(outcome.ranks, 5)),
    Measure("mrr", _answerable, lambda outcome: metrics.reciprocal_rank(outcome.ranks)),
    Measure(f"ndcg@{LISTED}", _answerable, lambda outcome: outcome.ndcg),
)
"""How well the expected documents are ranked, over the answerable cases."""

SHOWN = (
    Measure("abstention.right", _unanswerable, lambda outcome: float(outcome.abstained)),
    Measure("abstention.wrong", _answerable, lambda outcome: float(outcome.abstained), higher_is_better=False),
    Measure("past.right", _says_past, _past_right),
    Measure("past.wrong", _says_past, lambda outcome: float(bool(outcome.past_wrong)), higher_is_better=False),
)
"""What a message would show, after the floors, as shares."""

MEASURES = {measure.name: measure for measure in (*RANKING, *SHOWN)}
"""Every figure by name."""

GATED = ("success@1", "success@3", "recall@1", "recall@3", "mrr", *(measure.name for measure in SHOWN))
"""The figures that a gate compares. The two wrong shares and `past.right` keep a floor from being raised or lowered
until one side looks perfect."""
