"""Golden queries over the real search, with its floors, and `runbook_url` pins switched off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.access import Audience
from domain.document import Hit, Kind
from golden_queries.cases import Case
from golden_queries.recall import Ranked, Scored
from retrieval.query import Query, from_alert, from_text
from retrieval.search import MOST_POSTMORTEMS, MOST_RUNBOOKS, Ranking


class Ranks(Protocol):
    """Ranks documents for a query."""

    def ranking(self, query: Query, audience: Audience, limit: int, *, snapshot: str = "") -> Ranking:
        """Return the best of both lists, with no floor."""


class GoldenSearch:
    """Answers golden cases."""

    def __init__(self, search: Ranks, limit: int = 50, snapshot: str = "") -> None:
        """Rank `limit` documents of each kind in a snapshot, "" for the live one; show what is above the floors."""
        self._search = search
        self._limit = limit
        self._snapshot = snapshot

    def __call__(self, case: Case) -> Ranked:
        """Return what the case's audience would be given."""
        query = from_alert(case.alert) if case.alert else from_text(case.query)
        ranking = self._search.ranking(query, Audience.of(case.groups), self._limit, snapshot=self._snapshot)
        return ranked(ranking)


def ranked(ranking: Ranking) -> Ranked:
    """Return what a search gave, by document id."""
    return Ranked(
        runbooks=_scored(ranking.runbooks),
        postmortems=_scored(ranking.postmortems),
        shown_runbooks=_shown(ranking.runbooks, ranking.floors.runbook, MOST_RUNBOOKS),
        shown_postmortems=_shown(ranking.postmortems, ranking.floors.postmortem, MOST_POSTMORTEMS),
        twins=ranking.twins,
        floors={Kind.RUNBOOK: ranking.floors.runbook, Kind.POSTMORTEM: ranking.floors.postmortem},
    )


def _scored(hits: Sequence[Hit]) -> Scored:
    return tuple((hit.meta.id, hit.score) for hit in hits)


def _shown(hits: Sequence[Hit], floor: float, most: int) -> tuple[str, ...]:
    return tuple(hit.meta.id for hit in hits if hit.score >= floor)[:most]
