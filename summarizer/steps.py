"""What a step is, and which of a runbook's steps are worth a place in a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from summarizer.source import Span

REAL, VAGUE, POINTER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it stands: its sentence, the commands that belong to it, and the title that is its condition.

    `rank` is 0 for something to do, 1 for an observation, 2 for a bare link. `fixes` tells mending from looking.
    """

    words: str
    span: Span
    commands: tuple[Span, ...]
    condition: Span | None
    rank: int
    fixes: bool
    silences: bool
    destructive: bool


def _unlike(steps: Sequence[Step]) -> list[Step]:
    """Drop a step that stands inside another, or says the same words; the one with commands stays."""
    kept: dict[str, Step] = {}
    for step in steps:
        other = kept.get(step.words)
        if other is None or (step.commands and not other.commands):
            kept[step.words] = step
    return sorted(kept.values(), key=lambda step: step.span)


def chosen(steps: Sequence[Step], most: int) -> list[Step]:
    """Choose the steps worth a place, best first: looking and mending in turn, in the runbook's order.

    Observations and bare links only stand in where there is nothing to do; what silences the alert comes last.
    """
    unique = _unlike(steps)
    best = min((step.rank for step in unique), default=REAL)
    pool = [step for step in unique if step.rank == best]
    loud = [step for step in pool if not step.silences]
    looks = [step for step in loud if not step.fixes]
    mends = [step for step in loud if step.fixes]
    mend_places = max(min(len(mends), most // 2), most - len(looks))
    kept = sorted([*looks[: most - min(len(mends), mend_places)], *mends[:mend_places]], key=lambda step: step.span)
    quiet = [step for step in pool if step.silences]
    return [*kept, *quiet][:most]
