"""Measure a search against golden cases: run each case, judge what came back, add it up.

Pure: the search is a callable, so that what is measured is whatever the caller wires, in production the
whole of retrieval with pins switched off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.document import Kind
from golden_queries import metrics
from golden_queries.cases import Case, Match

DEPTHS = (1, 3, 5)
LISTED = 10
"""How many documents the report lists for each query, and the depth of nDCG."""

Scored = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search gives for one case, by document id (SOURCE/relative/path).

    `runbooks` and `postmortems` are the two whole rankings, best first, with their scores. `shown_*` are the
    documents of each that a message would show: those above the floor, which `floors` tells. `twins` names, for each
    near-duplicate that was left out, the document that stands for it and counts as it.
    """

    runbooks: Scored
    postmortems: Scored
    shown_runbooks: tuple[str, ...] = ()
    shown_postmortems: tuple[str, ...] = ()
    twins: Mapping[str, str] = field(default_factory=dict)
    floors: Mapping[Kind, float] = field(default_factory=dict)

    def of(self, kind: Kind) -> Scored:
        """Return the whole ranking of one kind."""
        return self.runbooks if kind is Kind.RUNBOOK else self.postmortems

    def shown(self, kind: Kind) -> tuple[str, ...]:
        """Return the documents of one kind that a message would show."""
        return self.shown_runbooks if kind is Kind.RUNBOOK else self.shown_postmortems


Search = Callable[[Case], Ranked]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went.

    `ranks` are those of the expected documents, each within its own list. `abstained` says that no document
    would be shown from the lists that count for the case. `past_wrong` are postmortems that would be shown
    and may not; `past_missed` says that none of those that may be shown would be.
    """

    case: Case
    retrieved: Scored
    ranks: tuple[int | None, ...]
    ndcg: float
    abstained: bool
    leaked: tuple[str, ...]
    past_wrong: tuple[str, ...]
    past_missed: bool

    @property
    def found(self) -> bool:
        """Whether the case's own demand on `expected` holds."""
        if not self.case.answerable:
            return self.abstained
        within = [rank is not None and rank <= self.case.at for rank in self.ranks]
        return all(within) if self.case.match is Match.ALL else any(within)

    @property
    def passed(self) -> bool:
        """Whether everything the case demands holds."""
        return self.found and not self.leaked and not self.past_wrong


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of one run over one snapshot; `canary` is that of the case that must fail, where it was run."""

    snapshot: str
    outcomes: tuple[Outcome, ...]
    canary: Outcome | None = None

    @property
    def answerable(self) -> tuple[Outcome, ...]:
        """The outcomes that the ranking metrics are over."""
        return tuple(outcome for outcome in self.outcomes if outcome.case.answerable)

    @property
    def leaks(self) -> int:
        """How many forbidden documents were retrieved, over all cases."""
        return sum(len(outcome.leaked) for outcome in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `golden run --json` prints; a metric over no case is null."""
        answerable = self.answerable
        depths = {
            f"{name}@{k}": metrics.mean([measure(outcome.ranks, k) for outcome in answerable])
            for name, measure in (("success", metrics.success_at), ("recall", metrics.recall_at))
            for k in DEPTHS
        }
        return {
            "snapshot": self.snapshot,
            "n": len(answerable),
            **depths,
            "mrr": metrics.mean([metrics.reciprocal_rank(outcome.ranks) for outcome in answerable]),
            f"ndcg@{LISTED}": metrics.mean([outcome.ndcg for outcome in answerable]),
            "leaks": self.leaks,
            "abstention": self._abstention(),
            "past": self._past(),
            "queries": [_query(outcome) for outcome in self.outcomes],
        }

    def _abstention(self) -> dict[str, int]:
        """`n` unanswerable cases, those that abstain rightly, and answerable cases that abstain wrongly."""
        unanswerable = [outcome for outcome in self.outcomes if not outcome.case.answerable]
        return {
            "n": len(unanswerable),
            "right": sum(outcome.abstained for outcome in unanswerable),
            "wrong": sum(outcome.abstained for outcome in self.answerable),
        }

    def _past(self) -> dict[str, int]:
        """`n` cases that say what "last time" may show; what is neither right nor wrong shows nothing, and might."""
        said = [outcome for outcome in self.outcomes if outcome.case.past is not None]
        wrong = sum(bool(outcome.past_wrong) for outcome in said)
        missed = sum(outcome.past_missed for outcome in said)
        return {"n": len(said), "right": len(said) - wrong - missed, "wrong": wrong}


def measure(cases: Sequence[Case], search: Search, snapshot: str) -> Report:
    """Run every case through the search and judge what comes back."""
    return Report(snapshot, tuple(judge(case, search(case)) for case in cases))


def judge(case: Case, ranked: Ranked) -> Outcome:
    """Judge what a search gave for one case."""
    standing = tuple(ranked.twins.get(doc, doc) for doc in case.expected)
    kinds = tuple(_kind(doc, ranked) for doc in standing)
    ranks = tuple(_rank(doc, ranked.of(kind)) for doc, kind in zip(standing, kinds, strict=True))
    distinct = {doc: (rank, kind) for doc, rank, kind in zip(standing, ranks, kinds, strict=True)}.values()
    past = None if case.past is None else {ranked.twins.get(doc, doc) for doc in case.past}
    counted = tuple(dict.fromkeys(kinds)) or (Kind.RUNBOOK,)
    shown = (*ranked.shown_runbooks, *ranked.shown_postmortems)
    everything = {doc for doc, _ in (*ranked.runbooks, *ranked.postmortems)} | {*shown, *ranked.twins}
    return Outcome(
        case=case,
        retrieved=tuple(entry for kind in counted for entry in ranked.of(kind)[:LISTED]),
        ranks=ranks,
        ndcg=_ndcg([rank for rank, _ in distinct], [kind for _, kind in distinct]),
        abstained=not any(ranked.shown(kind) for kind in counted),
        leaked=tuple(doc for doc in case.forbidden if doc in everything),
        past_wrong=tuple(doc for doc in ranked.shown_postmortems if past is not None and doc not in past),
        past_missed=bool(case.past) and not ranked.shown_postmortems,
    )


def _kind(doc: str, ranked: Ranked) -> Kind:
    """Return the list that a document is ranked in: a source holds one kind, so its neighbours tell."""
    source = doc.split("/", 1)[0]
    beside = {other.split("/", 1)[0] for other, _ in ranked.postmortems}
    return Kind.POSTMORTEM if source in beside else Kind.RUNBOOK


def _rank(doc: str, ranking: Scored) -> int | None:
    return next((place for place, (found, _) in enumerate(ranking, start=1) if found == doc), None)


def _ndcg(ranks: Sequence[int | None], kinds: Sequence[Kind]) -> float:
    """Return nDCG, where the ideal puts the expected documents of each list first in their list."""
    if not ranks:
        return 0.0
    ideal = sum(metrics.ideal_gain_at(count, LISTED) for count in Counter(kinds).values())
    return metrics.gain_at(ranks, LISTED) / ideal


def _query(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.case.id,
        "rank": metrics.first_rank(outcome.ranks),
        "retrieved": [{"doc": doc, "score": score} for doc, score in outcome.retrieved],
        "passed": outcome.passed,
    }
