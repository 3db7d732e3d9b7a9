"""Why a golden case went as it did, in the words that `golden explain` and pytest print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.document import Kind
from golden_queries.cases import Case
from golden_queries.explain import Explanation, Facts, Scores, explain
from golden_queries.recall import LISTED, Outcome, Ranked, Scored, Search, judge
from retrieval.explain import Explainer, Score
from retrieval.query import from_alert, from_text
from worker.golden import Catalogue, hashes, older, stale_cases


@dataclass(frozen=True, slots=True)
class Explained:
    """A case, how it went, and why each expected document is where it is; `shown` is what a message would show."""

    outcome: Outcome
    whys: tuple[Explanation, ...]
    shown: tuple[str, ...]
    scores: dict[str, Score]

    def as_text(self) -> str:
        """Return the ranked list and the reasons, a line each."""
        return "\n".join(self._lines())

    def as_json(self) -> dict[str, Any]:
        """Return the object that `golden explain --json` prints."""
        outcome = self.outcome
        return {
            "id": outcome.case.id,
            "passed": outcome.passed,
            "audience": sorted(outcome.case.audience.groups),
            "expected": [
                {"doc": why.document, "rank": rank, "why": why.why.value, "text": why.text}
                for why, rank in zip(self.whys, outcome.ranks, strict=True)
            ],
            "retrieved": [{"doc": doc, "score": score, "parts": self._parts(doc)} for doc, score in outcome.retrieved],
            "shown": list(self.shown),
            "leaked": list(outcome.leaked),
            "past_wrong": list(outcome.past_wrong),
        }

    def _parts(self, doc: str) -> dict[str, float]:
        return {part.name: part.adds for part in self.scores[doc].parts} if doc in self.scores else {}

    def _lines(self) -> Iterator[str]:
        outcome, case = self.outcome, self.outcome.case
        wanted = f"{case.match.value} of {len(case.expected)} within the first {case.at}" if case.expected else "none"
        verdict = "passed" if outcome.passed else "not passed"
        yield f"{case.id}: {verdict}; wanted {wanted}; as {', '.join(sorted(case.audience.groups))}"
        for place, (doc, score) in enumerate(outcome.retrieved, start=1):
            mark = "*" if doc in case.expected else " "
            parts = f"  {self.scores[doc].as_text()}" if doc in self.scores else ""
            yield f"{mark}{place:3}. {score:.3f}  {doc}{parts}"
        if not outcome.retrieved:
            yield "  nothing was ranked"
        yield from (f"expected {why.text}" for why in self.whys)
        if not case.answerable and not outcome.abstained:
            yield f"shown, and nothing may be: {', '.join(self.shown)}"
        yield from (f"leaked: {doc}" for doc in outcome.leaked)
        yield from (f"last time may not show {doc}" for doc in outcome.past_wrong)


class Explaining:
    """Runs single cases and says why."""

    def __init__(self, search: Search, explainer: Explainer, catalogue: Catalogue) -> None:
        """Take the search that is measured, what takes a score apart, and what is ingested."""
        self._search = search
        self._explainer = explainer
        self._catalogue = catalogue
        self._held: tuple[str, dict[str, str]] = ("", {})

    def __call__(self, case: Case, snapshot: str) -> Explained:
        """Run one case on a snapshot, which must be the one that the search answers from."""
        ranked = self._search(case)
        outcome = judge(case, ranked)
        query = from_alert(case.alert) if case.alert else from_text(case.query)
        asked = {*case.expected, *(doc for doc, _ in outcome.retrieved), *(_rivals(case, ranked))}
        scores = self._explainer.scores(query, case.audience, snapshot, sorted(asked))
        documents = self._documents(snapshot)
        lost = stale_cases([case], self._catalogue, snapshot, older(self._catalogue, snapshot))
        moved = {each.document: each.moved_to for each in lost}
        whys = tuple(
            explain(
                Facts(
                    document=doc,
                    ingested=doc in documents,
                    readable=doc in scores,
                    place=rank,
                    at=case.at,
                    own=_scores(scores.get(doc)),
                    rival=_scores(scores.get(_rival(doc, case.at, ranked))),
                    moved_to=moved.get(doc, ""),
                )
            )
            for doc, rank in zip(case.expected, outcome.ranks, strict=True)
        )
        return Explained(outcome, whys, (*ranked.shown_runbooks, *ranked.shown_postmortems), scores)

    def _documents(self, snapshot: str) -> dict[str, str]:
        if self._held[0] != snapshot:
            self._held = (snapshot, hashes(self._catalogue, snapshot))
        return self._held[1]


def _scores(score: Score | None) -> Scores | None:
    return Scores(score.document, score.total, score.meaning, score.words) if score else None


def _rivals(case: Case, ranked: Ranked) -> set[str]:
    return {_rival(doc, case.at, ranked) for doc in case.expected} - {""}


def _rival(doc: str, at: int, ranked: Ranked) -> str:
    """Return the document that holds the last wanted rank of the list that a document would be in."""
    ranking = _list_of(doc, ranked)
    return ranking[min(at, len(ranking)) - 1][0] if ranking else ""


def _list_of(doc: str, ranked: Ranked) -> Scored:
    source = doc.split("/", 1)[0]
    beside = {other.split("/", 1)[0] for other, _ in ranked.postmortems[:LISTED]}
    return ranked.of(Kind.POSTMORTEM if source in beside else Kind.RUNBOOK)
