"""Sparse vectors: BM25 term weights (Robertson & Zaragoza 2009), with nothing in them but the text itself.

The average length is a constant, so a text's weights do not depend on its neighbours; the inverse document
frequency is left out here and multiplied in at query time, over what the audience may read only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import qdrant_edge

Terms = Mapping[int, float]
"""Weight by term; a term is the 32-bit hash of a stemmed word."""

SPARSE_VERSION = "bm25-1"
"""Changes whenever the words of a text or their weights do."""

K1 = 1.2
B = 0.75

_WORD = re.compile(r"[^\W_](?:[\w\-]*[^\W_])?")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")


def name_parts(name: str) -> list[str]:
    """Split a name at its case, digits, hyphens and underscores: KubeCPUOvercommit is Kube, CPU, Overcommit."""
    return _PART.findall(name)


def words(text: str) -> list[str]:
    """Return the words of a text; a compound name gives its parts and then the whole, joined."""
    found: list[str] = []
    for word in _WORD.findall(text):
        parts = name_parts(word)
        found.extend(parts)
        if len(parts) > 1:
            found.append("".join(parts))
    return found


class TermWeights:
    """BM25 weights of documents of about `average_length` words; English stems and stop words."""

    def __init__(self, average_length: float) -> None:
        """Take the constant that lengths are compared with."""
        self._model = qdrant_edge.Bm25(qdrant_edge.Bm25Config(k=K1, b=B, avg_len=average_length))

    def document(self, text: str) -> Terms:
        """Return each term's saturated, length-normalised frequency; at most `K1 + 1`."""
        vector = self._model.embed_document(" ".join(words(text)))
        return dict(zip(vector.indices, vector.values, strict=True))

    def query(self, text: str) -> tuple[int, ...]:
        """Return the terms of a query, each once, in a fixed order."""
        return tuple(sorted(self._model.embed_query(" ".join(words(text))).indices))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many of `documents` each term stands: what inverse document frequency is made of."""

    documents: int
    containing: Mapping[int, int]

    @classmethod
    def over(cls, documents: Iterable[Iterable[int]]) -> Frequencies:
        """Count the terms of these documents."""
        containing: dict[int, int] = {}
        total = 0
        for terms in documents:
            total += 1
            for term in terms:
                containing[term] = containing.get(term, 0) + 1
        return cls(total, containing)

    def weigh(self, terms: Terms) -> Terms:
        """Return each term's own factor times its inverse document frequency, in order of the terms."""
        return {term: factor * self._idf(self.containing.get(term, 0)) for term, factor in sorted(terms.items())}

    def _idf(self, containing: int) -> float:
        return math.log(1 + (self.documents - containing + 0.5) / (containing + 0.5))


def best_possible(query: Terms) -> float:
    """Return the BM25 of a document that no document can beat: every term of the query, saturated."""
    return sum(query.values()) * (K1 + 1)


def coverage(query: Terms, best: float, document: Terms) -> float:
    """Return how much of the query's weight a document covers, in [0, 1]: BM25 over the best possible BM25.

    The sum runs in the query's own order, so the result is the same to the last bit wherever it is computed.
    """
    found = 0.0
    for term, weight in query.items():
        if term in document:
            found += weight * document[term]
    return found / best if best else 0.0


def share(query: Terms, words: Container[int]) -> float:
    """Return what share of the query's weight stands among these words, in [0, 1], however often."""
    total = sum(query.values())
    return sum([weight for term, weight in query.items() if term in words]) / total if total else 0.0
