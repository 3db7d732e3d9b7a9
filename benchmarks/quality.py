"""How good rankings are: success and recall at k, mean reciprocal rank, each with its interval. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from golden_queries.intervals import interval


@dataclass(frozen=True, slots=True)
class Answer:
    """One query's ranking, best first, the documents that answer it, and what it took by the clock and the processor.

    Times are in milliseconds.
    """

    ranked: Sequence[str]
    expected: Collection[str]
    took_ms: float = 0.0
    processor_ms: float = 0.0

    def success(self, k: int) -> float:
        """Return 1 if an expected document is among the first k, else 0."""
        return float(any(name in self.expected for name in self.ranked[:k]))

    def recall(self, k: int) -> float:
        """Return the share of the expected documents among the first k."""
        return len(set(self.ranked[:k]) & set(self.expected)) / len(self.expected)

    def reciprocal(self) -> float:
        """Return one over the rank of the first expected document, 0 where none was ranked."""
        return next((1 / at for at, name in enumerate(self.ranked, start=1) if name in self.expected), 0.0)


MEASURES: dict[str, Callable[[Answer], float]] = {
    "success@1": lambda answer: answer.success(1),
    "success@3": lambda answer: answer.success(3),
    "success@5": lambda answer: answer.success(5),
    "recall@1": lambda answer: answer.recall(1),
    "recall@3": lambda answer: answer.recall(3),
    "recall@5": lambda answer: answer.recall(5),
    "MRR": Answer.reciprocal,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `n` queries and the bootstrap interval around it."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """Write it as 0.947 [0.908, 0.985]."""
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def figure(values: Sequence[float]) -> Figure:
    """Return the mean of at least one value and its interval."""
    around = interval(values)
    if around is None:
        raise ValueError("There is nothing to take the mean of.")
    return Figure(sum(values) / len(values), around.low, around.high, around.n)


def figures(answers: Sequence[Answer]) -> dict[str, Figure]:
    """Return every measure over these answers."""
    return {name: figure([measure(answer) for answer in answers]) for name, measure in MEASURES.items()}


def won(ours: Sequence[Answer], theirs: Sequence[Answer], measure: Callable[[Answer], float]) -> Figure:
    """Return by how much ours is ahead, query by query: above 0 throughout means that it is no accident."""
    return figure([measure(one) - measure(other) for one, other in zip(ours, theirs, strict=True)])
