"""Golden queries over the real search, with its floors, and `runbook_url` pins switched off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import structlog

from domain.access import Audience
from domain.document import Hit
from golden_queries.cases import Case, load
from golden_queries.recall import Ranked, Scored, measure
from retrieval.query import Query, from_alert, from_text
from retrieval.search import MOST_POSTMORTEMS, MOST_RUNBOOKS, Ranking
from worker.telemetry import Metrics

log = structlog.get_logger()


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
        return Ranked(
            runbooks=_scored(ranking.runbooks),
            postmortems=_scored(ranking.postmortems),
            shown_runbooks=_shown(ranking.runbooks, ranking.floors.runbook, MOST_RUNBOOKS),
            shown_postmortems=_shown(ranking.postmortems, ranking.floors.postmortem, MOST_POSTMORTEMS),
            twins=ranking.twins,
        )


def _scored(hits: Sequence[Hit]) -> Scored:
    return tuple((hit.meta.id, hit.score) for hit in hits)


def _shown(hits: Sequence[Hit], floor: float, most: int) -> tuple[str, ...]:
    return tuple(hit.meta.id for hit in hits if hit.score >= floor)[:most]


def nightly_check(paths: Sequence[Path], search: GoldenSearch, snapshot: str, metrics: Metrics) -> None:
    """Run the golden queries and tell what they came to: in the log, and as gauges."""
    report = measure(load(paths), search, snapshot)
    content = report.as_json()
    metrics.set("middlewatch_golden_cases", len(report.outcomes))
    metrics.set("middlewatch_golden_leaks", report.leaks)
    if content["n"]:
        metrics.set("middlewatch_golden_success_at_3", content["success@3"])
    summary = {name: content[name] for name in ("n", "success@1", "success@3", "leaks", "abstention", "past")}
    log.info("the golden queries were run", action="golden", snapshot=snapshot, **summary)
