"""Scores, computed here in double precision from a document's own points and from nothing else. Pure.

A document's score is a weighted mean of up to five likenesses to the query, each absolute and in [0, 1]: it does
not depend on what else was found, so absent documents move nothing. A sixth, how well the alert's name fits the
document's title or one of its headings, can only raise it: not every runbook is called what its alert is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt

from domain.document import Chunk, DocumentMeta, Hit, Kind, Passage
from retrieval.embed import Vector
from retrieval.index import DOCUMENT_WORDS, HEADING_WORDS, PASSAGE, PASSAGE_WORDS, TITLE, Point
from retrieval.indexer import PASSAGE_TERMS, title_text
from retrieval.payload import chunk_of
from retrieval.sparse import Terms, best_possible, coverage, share


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each likeness counts: meaning and words of the best passage, words of the whole, what it is called.

    `name` counts beside the mean of the others, whose weight is 1.
    """

    passage: float
    passage_words: float
    document_words: float
    title: float
    heading_words: float
    name: float

    @property
    def total(self) -> float:
        """What a perfect document would score before it is divided by this."""
        return self.of_a_passage + self.document_words + self.title + self.heading_words

    @property
    def of_a_passage(self) -> float:
        """What a perfect passage would score before it is divided by this."""
        return self.passage + self.passage_words


WEIGHTS: Mapping[Kind, Weights] = {
    Kind.RUNBOOK: Weights(
        passage=1.0, passage_words=0.75, document_words=0.5, title=0.5, heading_words=0.25, name=0.75
    ),
    Kind.POSTMORTEM: Weights(
        passage=1.0, passage_words=1.0, document_words=1.0, title=0.25, heading_words=0.25, name=0.0
    ),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A query as the index is asked it: its vector, and its terms with their inverse document frequency.

    `best` is the most that its terms can score. `name` holds the terms of the alert's name alone.
    """

    vector: Vector
    terms: Terms
    best: float
    name: Terms

    @classmethod
    def of(cls, vector: Vector, terms: Terms, name: Terms | None = None) -> Sought:
        """Put a query together."""
        return cls(vector, terms, best_possible(terms), name or {})


Postings = Mapping[int, Sequence[tuple[int, float]]]
"""For each term, the passages that it stands in, by place, and its weight in each: most of a query are in none."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A document as it lies in the index: what its own point holds, and its passages in order.

    `vectors` has the title's in its first row, then one row a passage; it is never multiplied together with another
    document's, since the last bits of a product depend on the shapes. `names` are the terms of what it, and each of
    its parts, is called.
    """

    meta: DocumentMeta
    words: Terms
    heading_words: Terms
    chunks: tuple[Chunk, ...]
    vectors: npt.NDArray[np.float64]
    passage_words: Postings
    names: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, meta: DocumentMeta, whole: Point, points: Sequence[Point]) -> Stored:
        """Put a document together from its own point and those of its chunks."""
        ordered = sorted(points, key=lambda point: point.payload["ordinal"])
        chunks = tuple(chunk_of(point.id, point.payload, meta) for point in ordered)
        called = dict.fromkeys((title_text(meta), *(heading for chunk in chunks for heading in chunk.headings)))
        return cls(
            meta,
            whole.sparse.get(DOCUMENT_WORDS, {}),
            whole.sparse.get(HEADING_WORDS, {}),
            chunks,
            np.stack([whole.dense[TITLE], *(point.dense[PASSAGE] for point in ordered)]).astype(np.float64),
            _postings([point.sparse.get(PASSAGE_WORDS, {}) for point in ordered]),
            tuple(frozenset(PASSAGE_TERMS.query(name)) for name in called),
        )


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a document resembles a query, each figure in [0, 1]; the first two by passage, in the document's order."""

    passages: tuple[float, ...]
    passage_words: tuple[float, ...]
    document_words: float
    title: float
    heading_words: float
    name: float


def likeness(document: Stored, sought: Sought) -> Likeness:
    """Compare a document, point by point, with what is sought."""
    title, *passages = cosines(document.vectors, sought.vector)
    terms, best = sought.terms, sought.best
    return Likeness(
        passages=tuple(passages),
        passage_words=_coverages(terms, best, document),
        document_words=coverage(terms, best, document.words),
        title=title,
        heading_words=coverage(terms, best, document.heading_words),
        name=max((share(sought.name, called) for called in document.names), default=0.0),
    )


def _postings(passages: Sequence[Terms]) -> Postings:
    found: dict[int, list[tuple[int, float]]] = {}
    for place, terms in enumerate(passages):
        for term, weight in terms.items():
            found.setdefault(term, []).append((place, weight))
    return found


def _coverages(terms: Terms, best: float, document: Stored) -> tuple[float, ...]:
    """Return the `coverage` of each passage, with the sums in the same order."""
    found = [0.0] * len(document.chunks)
    for term, weight in terms.items():
        for place, stored in document.passage_words.get(term, ()):
            found[place] += weight * stored
    return tuple([one / best if best else 0.0 for one in found])


def scored(document: Stored, like: Likeness, *, pinned: bool = False) -> Hit:
    """Return a document with its score and those of its passages."""
    weights = WEIGHTS[document.meta.kind]
    total = (
        weights.passage * max(like.passages, default=0.0)
        + weights.passage_words * max(like.passage_words, default=0.0)
        + weights.document_words * like.document_words
        + weights.title * like.title
        + weights.heading_words * like.heading_words
    )
    passages = tuple(
        Passage(chunk, (weights.passage * meaning + weights.passage_words * words) / weights.of_a_passage)
        for chunk, meaning, words in zip(document.chunks, like.passages, like.passage_words, strict=True)
    )
    return Hit(document.meta, raised(total / weights.total, like.name, weights.name), passages, pinned)


def raised(mean: float, name: float, weight: float) -> float:
    """Return the mean of the other likenesses with that of the name; a name that fits worse takes nothing away."""
    return max(mean, (mean + weight * name) / (1 + weight))


def confirmed(documents: Mapping[str, Stored], found: Mapping[str, Likeness], limit: int) -> frozenset[str]:
    """Return the documents that hold one of the best `limit` points of any likeness, by exact score, then id.

    The engine's own order near its limit depends on how it sums; this does not.
    """
    columns: tuple[list[tuple[float, str, str]], ...] = ([], [], [], [], [])
    passages, words, wholes, titles, headings = columns
    for name, like in found.items():
        ids = [chunk.id for chunk in documents[name].chunks]
        passages += zip(like.passages, ids, repeat(name))
        words += zip(like.passage_words, ids, repeat(name))
        wholes.append((like.document_words, name, name))
        titles.append((like.title, name, name))
        headings.append((like.heading_words, name, name))
    return frozenset(name for column in columns for name in _best(column, limit))


def _best(column: Sequence[tuple[float, str, str]], limit: int) -> list[str]:
    """Return whose the best `limit` entries are: by score, ties by id."""
    if len(column) <= limit:
        return [name for _, _, name in column]
    last = sorted([score for score, _, _ in column], reverse=True)[limit - 1]
    above = [name for score, _, name in column if score > last]
    tied = sorted([(identity, name) for score, identity, name in column if score == last])
    return above + [name for _, name in tied[: limit - len(above)]]


def cosines(rows: npt.NDArray[np.float64], vector: Vector) -> list[float]:
    """Return the cosine of each row with a vector, at least 0, summed in double precision in a fixed order."""
    found: list[float] = (rows * vector).sum(axis=1).tolist()
    return [max(0.0, cosine) for cosine in found]


def in_order(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return hits by falling score, ties by document id."""
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.meta.id)))
