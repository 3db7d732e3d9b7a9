"""Floors: the score below which a document is not shown. Pure.

Scores move with how the documents are written, so a document is held against those around it: a past incident to how
far it stands out from the others that the audience may read, a runbook to its score and to that, both together.
`docs/decisions` has the figures, in the record on what ranks a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from domain.document import Hit
from retrieval.query import Query

NAMED = 0.62
"""What a runbook's score, and how far it lies above those around it, must come to for an alert with a name."""

NAMELESS = 0.52
"""The same for an alert without a name, and for words."""

RUNBOOKS_AROUND = 0.25
"""What a runbook scores that has nothing to do with the query: the least that others are taken to score."""

STANDS_OUT = 0.16
"""How far a past incident's score must lie above that of the incidents around it."""

INCIDENTS_AROUND = 0.20
"""What an incident scores that has nothing to do with the query: the least that others are taken to score."""

_FIRST, _LAST = 3, 10
"""The places whose scores count as those around: the best few may all be right."""


@dataclass(frozen=True, slots=True)
class Floors:
    """The score below which a document is not shown, for each list."""

    runbook: float = (NAMELESS + RUNBOOKS_AROUND) / 2
    postmortem: float = INCIDENTS_AROUND + STANDS_OUT


def floors_of(query: Query, runbooks: Sequence[Hit], postmortems: Sequence[Hit]) -> Floors:
    """Return the floors of a query's answers; the lists are what its audience may read, best first."""
    together = NAMED if query.named else NAMELESS
    return Floors(
        (together + max(RUNBOOKS_AROUND, _around(runbooks))) / 2,
        max(INCIDENTS_AROUND, _around(postmortems)) + STANDS_OUT,
    )


def _around(hits: Sequence[Hit]) -> float:
    scores = [hit.score for hit in islice(hits, _FIRST, _LAST)]
    return sum(scores) / len(scores) if scores else 0.0
