"""Candidates: what the index proposes for a query within an audience, put together as whole documents and scored."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access import Audience
from domain.document import Hit, Kind
from retrieval.access_filter import Scope
from retrieval.documents import Documents
from retrieval.embed import Embedder
from retrieval.index import DOCUMENT_WORDS, HEADING_WORDS, PASSAGE, PASSAGE_WORDS, TITLE, Index, Leg
from retrieval.indexer import PASSAGE_TERMS
from retrieval.query import Query
from retrieval.rescore import WEIGHTS, Sought, Stored, confirmed, likeness, scored
from retrieval.truth import ReadersOfRecord, Truth
from retrieval.view import View, Views

PROPOSED = 24
"""How many points each leg proposes; all that tie with the last come along. 200 give the same first five."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One search: the snapshot, who reads, what they can see of it, and what the record says they may."""

    snapshot: str
    audience: Audience
    view: View
    truth: Truth


class Finder:
    """Finds documents of one index with one embedding model. It is told who reads, every time."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        """Take the index and the model it was built with."""
        self._index = index
        self._embedder = embedder
        self._views = Views(index)
        self._documents = Documents(index)

    def reading(self, snapshot: str, audience: Audience, record: ReadersOfRecord) -> Reading:
        """Open a snapshot for an audience, by the record of who may read what.

        Raises IndexMissing, IndexUnavailable, StoreUnavailable, Leak.
        """
        truth = Truth(record, snapshot, audience)
        return Reading(snapshot, audience, self._views.view(snapshot, audience, truth), truth)

    def sought(self, query: Query, view: View) -> Sought:
        """Return the query's vector and its terms, weighed over what can be seen."""
        factors: dict[int, float] = {}
        for text, factor in query.words:
            for term in PASSAGE_TERMS.query(text):
                factors[term] = max(factor, factors.get(term, 0.0))
        name = dict.fromkeys(PASSAGE_TERMS.query(query.name), 1.0)
        weigh = view.frequencies.weigh
        return Sought.of(self._embedder.query(query.meaning), weigh(factors), weigh(name))

    def found(self, reading: Reading, kind: Kind, sought: Sought) -> list[Hit]:
        """Return the candidates of one kind with their scores, in no particular order; none for a query without a word.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        if not sought.terms:
            return []
        scope = Scope(reading.audience, kind, without=reading.truth.withheld)
        proposals = self._index.propose(reading.snapshot, scope, _legs(kind, sought, reading.view), PROPOSED)
        documents = self._read(reading, {point.document_id for leg in proposals for point in leg})
        likenesses = {name: likeness(document, sought) for name, document in documents.items()}
        kept = confirmed(documents, likenesses, PROPOSED)
        return [scored(documents[name], likenesses[name]) for name in kept]

    def document(self, reading: Reading, document_id: str, sought: Sought) -> Hit | None:
        """Return one document, pinned, with its passages scored; None when it cannot be seen."""
        document = self._read(reading, {document_id}).get(document_id)
        return None if document is None else scored(document, likeness(document, sought), pinned=True)

    def forget(self) -> None:
        """Look at the index anew: the readers in it have changed."""
        self._views.forget()
        self._documents.forget()

    def _read(self, reading: Reading, ids: set[str]) -> dict[str, Stored]:
        return self._documents.read(reading.snapshot, reading.audience, ids)


def _legs(kind: Kind, sought: Sought, view: View) -> list[Leg]:
    weights = WEIGHTS[kind]
    seen = {term: weight for term, weight in sought.terms.items() if term in view.frequencies.containing}
    legs = [Leg(PASSAGE, sought.vector)]
    if weights.title:
        legs.append(Leg(TITLE, sought.vector))
    if seen:
        legs += [Leg(PASSAGE_WORDS, seen), Leg(DOCUMENT_WORDS, seen)]
        legs += [Leg(HEADING_WORDS, seen)] if weights.heading_words else []
    return legs
