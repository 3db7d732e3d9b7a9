"""Why documents are where they are, in the words that `golden explain`, `search --explain` and pytest print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.access import Audience
from domain.document import Kind
from golden_queries.cases import Case
from golden_queries.explain import Explanation, Facts, Scores, explain
from golden_queries.listing import listing
from golden_queries.recall import LISTED, Outcome, Ranked, Scored, Search, judge
from golden_queries.stale import moved
from retrieval.explain import Explainer, Score
from retrieval.query import Query, from_alert, from_text
from worker.index.golden import Catalogue, hashes, held, older


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, who asks, and the documents that are to be within the first `at` of their list."""

    query: Query
    audience: Audience
    expected: tuple[str, ...]
    at: int = 3


@dataclass(frozen=True, slots=True)
class Reasons:
    """What came up, why each expected document is where it is, and the scores of all of them, taken apart."""

    ranked: Ranked
    whys: tuple[Explanation, ...]
    scores: Mapping[str, Score]

    def table(self, kinds: tuple[Kind, ...], most: int = LISTED) -> Iterator[str]:
        """Return the ranked lists, a line each."""
        expected = [why.document for why in self.whys]
        made_of = {name: _scores(score) for name, score in self.scores.items()}
        yield from listing(self.ranked, kinds, expected, made_of, most)

    def parts(self, doc: str) -> dict[str, float]:
        """Return what each likeness adds to a document's score."""
        return {part.name: part.adds for part in self.scores[doc].parts} if doc in self.scores else {}

    def expected(self) -> list[dict[str, Any]]:
        """Return each expected document with its rank, the word and the text, as JSON takes it."""
        return [{"doc": why.document, "rank": why.place, "why": why.why.value, "text": why.text} for why in self.whys]

    def lines(self) -> Iterator[str]:
        """Return the reasons, a line each, and below each what the score is made of and where it was found."""
        for why in self.whys:
            yield f"expected {why.text}"
            if (score := self.scores.get(why.document)) is not None:
                yield f"  {score.as_text()}"
                yield f"  best passage: {score.passage}"


@dataclass(frozen=True, slots=True)
class Explained:
    """A case, how it went, and the reasons."""

    outcome: Outcome
    reasons: Reasons

    def as_text(self) -> str:
        """Return what failed, the reasons and the ranked lists, a line each."""
        return "\n".join(self._lines())

    def as_json(self) -> dict[str, Any]:
        """Return the object that `golden explain --json` prints."""
        outcome, reasons = self.outcome, self.reasons
        return {
            "id": outcome.case.id,
            "passed": outcome.passed,
            "audience": sorted(outcome.case.audience.groups),
            "expected": reasons.expected(),
            "retrieved": [
                {"doc": doc, "score": score, "parts": reasons.parts(doc)} for doc, score in outcome.retrieved
            ],
            "shown": [*reasons.ranked.shown_runbooks, *reasons.ranked.shown_postmortems],
            "floors": {kind.value: floor for kind, floor in reasons.ranked.floors.items()},
            "leaked": list(outcome.leaked),
            "past_wrong": list(outcome.past_wrong),
        }

    def _lines(self) -> Iterator[str]:
        outcome, case = self.outcome, self.outcome.case
        wanted = f"{case.match.value} of {len(case.expected)} within the first {case.at}" if case.expected else "none"
        verdict = "passed" if outcome.passed else "not passed"
        yield f"{case.id}: {verdict}; wanted {wanted}; as {', '.join(sorted(case.audience.groups))}"
        ranked = self.reasons.ranked
        yield from (f"leaked: {doc}" for doc in outcome.leaked)
        if not case.answerable and not outcome.abstained:
            yield f"shown, and nothing may be: {', '.join((*ranked.shown_runbooks, *ranked.shown_postmortems))}"
        yield from (f"last time may not show {doc}" for doc in outcome.past_wrong)
        yield from self.reasons.lines()
        yield from self.reasons.table(_kinds(outcome, ranked))


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
        query = from_alert(case.alert) if case.alert else from_text(case.query)
        asked = Asked(query, case.audience, case.expected, case.at)
        return Explained(judge(case, ranked), self.reasons(asked, ranked, snapshot))

    def reasons(self, asked: Asked, ranked: Ranked, snapshot: str) -> Reasons:
        """Say why each expected document is where it is in what was ranked on this snapshot.

        What the audience may not read is told as that, and without a score: only who runs the installation asks here.
        """
        listed = {doc for kind in Kind for doc, _ in ranked.of(kind)[:LISTED]}
        rivals = {doc: _rival(ranked.twins.get(doc, doc), asked.at, ranked) for doc in asked.expected}
        names = listed | set(asked.expected) | {rival for rival in rivals.values() if rival}
        scores = self._explainer.scores(asked.query, asked.audience, snapshot, sorted(names))
        documents = self._documents(snapshot)
        lost = [doc for doc in asked.expected if doc not in documents]
        before = held(self._catalogue, older(self._catalogue, snapshot)) if lost else {}
        whys = [
            explain(
                Facts(
                    document=doc,
                    ingested=doc in documents,
                    readable=doc in scores,
                    place=_place(ranked.twins.get(doc, doc), ranked),
                    at=asked.at,
                    own=_scores(scores[doc]) if doc in scores else None,
                    rival=_scores(scores[rivals[doc]]) if rivals[doc] in scores else None,
                    moved_to=moved(doc, documents, before) if doc in lost else "",
                )
            )
            for doc in asked.expected
        ]
        return Reasons(ranked, tuple(whys), scores)

    def _documents(self, snapshot: str) -> dict[str, str]:
        if self._held[0] != snapshot:
            self._held = (snapshot, hashes(self._catalogue, snapshot))
        return self._held[1]


def _scores(score: Score) -> Scores:
    return Scores(score.document, score.total, score.meaning, score.words)


def _kinds(outcome: Outcome, ranked: Ranked) -> tuple[Kind, ...]:
    """Return the lists that a case is judged by."""
    counted = {doc for doc, _ in outcome.retrieved}
    kinds = [kind for kind in Kind if ranked.of(kind) and ranked.of(kind)[0][0] in counted]
    if outcome.case.past is not None and Kind.POSTMORTEM not in kinds:
        kinds.append(Kind.POSTMORTEM)
    return tuple(kinds)


def _place(doc: str, ranked: Ranked) -> int | None:
    ranking = _list_of(doc, ranked)
    return next((place for place, (found, _) in enumerate(ranking, start=1) if found == doc), None)


def _rival(doc: str, at: int, ranked: Ranked) -> str:
    """Return the document that holds the last wanted rank of the list that a document would be in."""
    ranking = _list_of(doc, ranked)
    return ranking[min(at, len(ranking)) - 1][0] if ranking else ""


def _list_of(doc: str, ranked: Ranked) -> Scored:
    source = doc.split("/", 1)[0]
    beside = {other.split("/", 1)[0] for other, _ in ranked.postmortems}
    return ranked.of(Kind.POSTMORTEM if source in beside else Kind.RUNBOOK)
