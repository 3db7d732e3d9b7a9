"""Why a document scores as it does for a query: the parts of its score, the same that `rescore` adds up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from domain.access import Audience
from retrieval.documents import Documents
from retrieval.embed import Embedder
from retrieval.finder import Finder
from retrieval.index import Index
from retrieval.query import Query
from retrieval.rescore import WEIGHTS, Likeness, Stored, likeness, scored
from retrieval.truth import ReadersOfRecord


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: how alike document and query are in it, in [0, 1], and what it adds to the score."""

    name: str
    likeness: float
    adds: float


@dataclass(frozen=True, slots=True)
class Score:
    """A document's score and its parts, which add up to it; `passage` is where its best passage stands."""

    document: str
    total: float
    parts: tuple[Part, ...]
    passage: str = ""

    @property
    def meaning(self) -> float:
        """What the embedding adds: the meaning of the best passage, and of the title."""
        return sum(part.adds for part in self.parts if part.name in _MEANING)

    @property
    def words(self) -> float:
        """What the words add: those of the best passage, of the whole document, of its headings."""
        return sum(part.adds for part in self.parts if part.name not in _MEANING)

    def as_text(self) -> str:
        """Return the parts on one line, each as what it adds and the likeness behind it."""
        return ", ".join(f"{part.name} {part.adds:.3f} ({part.likeness:.2f})" for part in self.parts)


_MEANING = ("meaning", "title")


class Explainer:
    """Scores documents one by one, as an audience that may read them."""

    def __init__(self, index: Index, embedder: Embedder, record: ReadersOfRecord, redact: Callable[[str], str]) -> None:
        """Take what `Search` is made of."""
        self._finder = Finder(index, embedder)
        self._documents = Documents(index)
        self._record = record
        self._redact = redact

    def scores(self, query: Query, audience: Audience, snapshot: str, documents: Collection[str]) -> dict[str, Score]:
        """Return the scores of those of these documents that the audience may read, wherever they are ranked.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        if not audience.groups or not documents:
            return {}
        reading = self._finder.reading(snapshot, audience, self._record)
        sought = self._finder.sought(query.redacted(self._redact), reading.view)
        readers = self._record.readers(snapshot, documents)
        allowed = [name for name in documents if audience.may_read(readers.get(name, frozenset()))]
        stored = self._documents.read(snapshot, audience, allowed)
        return {name: _score(stored[name], likeness(stored[name], sought)) for name in allowed if name in stored}


def _score(document: Stored, like: Likeness) -> Score:
    weights = WEIGHTS[document.meta.kind]
    rows = (
        ("meaning", max(like.passages, default=0.0), weights.passage),
        ("words", max(like.passage_words, default=0.0), weights.passage_words),
        ("document words", like.document_words, weights.document_words),
        ("title", like.title, weights.title),
        ("heading words", like.heading_words, weights.heading_words),
    )
    parts = [Part(name, value, weight * value / weights.total) for name, value, weight in rows if weight]
    hit = scored(document, like)
    if weights.name and like.name:
        parts.append(Part("alert's name", like.name, hit.score - sum(part.adds for part in parts)))
    best = hit.best[0].chunk.breadcrumb if hit.passages else ""
    return Score(document.meta.id, hit.score, tuple(parts), best)
