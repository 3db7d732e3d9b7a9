"""What changed between two runs of the same cases: per query, rank 1 to 7, found or lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from golden_queries.figures import MEASURES, Figure
from golden_queries.metrics import first_rank
from golden_queries.recall import Outcome, Report


class Way(StrEnum):
    """Which way a case went, worst first."""

    LEAKS = "leaks"
    LOST = "lost"
    WORSE = "worse"
    SAME = "same"
    BETTER = "better"
    GAINED = "gained"


@dataclass(frozen=True, slots=True)
class Move:
    """One case in both runs; a rank is None where no expected document was ranked. `first` is what came first.

    `shown` tells whether a message would show anything from the lists that count for the case.
    """

    case: str
    way: Way
    ranks: tuple[int | None, int | None]
    first: tuple[str, str]
    shown: tuple[bool, bool] = (True, True)

    @property
    def text(self) -> str:
        """One line for a person."""
        before, after = ("none" if rank is None else str(rank) for rank in self.ranks)
        change = f"; first was {self.first[0] or 'nothing'}, is {self.first[1] or 'nothing'}"
        told = f"{self.way.value}: {self.case}: rank {before} → {after}"
        if self.shown[0] != self.shown[1]:
            told += "; shown in a message now" if self.shown[1] else "; not shown in a message any more"
        return told + (change if self.first[0] != self.first[1] else "")


def moves(before: Report, after: Report) -> tuple[Move, ...]:
    """Return every case that is in both runs, the worst first, then by id."""
    old = {outcome.case.id: outcome for outcome in before.outcomes}
    found = [_move(old[new.case.id], new) for new in after.outcomes if new.case.id in old]
    return tuple(sorted(found, key=lambda move: (list(Way).index(move.way), move.case)))


def figures(before: Report, after: Report) -> dict[str, tuple[Figure, Figure]]:
    """Return each figure in both runs."""
    return {name: (each.of(before.outcomes), each.of(after.outcomes)) for name, each in MEASURES.items()}


def as_json(before: Report, after: Report) -> dict[str, Any]:
    """Return the object that `golden diff --json` prints."""
    return {
        "before": before.snapshot,
        "after": after.snapshot,
        "metrics": {
            name: {"before": old.value, "after": new.value, "n": new.n}
            for name, (old, new) in figures(before, after).items()
        },
        "leaks": {"before": before.leaks, "after": after.leaks},
        "queries": [
            {"id": move.case, "way": move.way.value, "before": move.ranks[0], "after": move.ranks[1]}
            for move in moves(before, after)
        ],
    }


def _move(old: Outcome, new: Outcome) -> Move:
    ranks = (first_rank(old.ranks), first_rank(new.ranks))
    shown = (not old.abstained, not new.abstained)
    return Move(new.case.id, _way(old, new, ranks), ranks, (_first(old), _first(new)), shown)


def _way(old: Outcome, new: Outcome, ranks: tuple[int | None, int | None]) -> Way:
    if new.leaked and not old.leaked:
        return Way.LEAKS
    if old.passed != new.passed:
        return Way.GAINED if new.passed else Way.LOST
    before, after = (rank or 10**6 for rank in ranks)
    if before == after and new.abstained != old.abstained:
        return Way.WORSE if new.abstained else Way.BETTER
    if before == after:
        return Way.SAME
    return Way.WORSE if after > before else Way.BETTER


def _first(outcome: Outcome) -> str:
    return outcome.retrieved[0][0] if outcome.retrieved else ""
