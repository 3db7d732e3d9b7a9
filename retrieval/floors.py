"""Floors: the score below which a document is not shown. Pure.

A runbook is held to a fixed score: how far the first stands before the rest told no more than the score itself. A
past incident is held to how far it stands out from the others that the audience may read, since their scores move with
how the incidents are written. `docs/decisions` has the figures, in the record on what ranks a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from domain.document import Hit
from retrieval.query import Query

NAMED = 0.48
"""What a runbook must score for an alert with a name."""

NAMELESS = 0.42
"""What a runbook must score for an alert without a name, and for words."""

STANDS_OUT = 0.16
"""How far a past incident's score must lie above that of the incidents around it."""

BACKGROUND = 0.18
"""What an incident scores that has nothing to do with the query: the least that others are taken to score."""

_FIRST, _LAST = 3, 10
"""The places among the past incidents whose scores count as the background: the best few may all be right."""


@dataclass(frozen=True, slots=True)
class Floors:
    """The score below which a document is not shown, for each list."""

    runbook: float = NAMELESS
    postmortem: float = BACKGROUND + STANDS_OUT


def floors_of(query: Query, postmortems: Sequence[Hit]) -> Floors:
    """Return the floors of a query's answers; `postmortems` are those that its audience may read, best first."""
    around = [hit.score for hit in islice(postmortems, _FIRST, _LAST)]
    background = sum(around) / len(around) if around else 0.0
    return Floors(NAMED if query.named else NAMELESS, max(BACKGROUND, background) + STANDS_OUT)
