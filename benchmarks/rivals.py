"""What one would take off the shelf, over the same documents and with the same embedding model.

Each is built from the texts as they are published and asked with the alert's own words: name, summary, description.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import qdrant_edge
from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter

from benchmarks.corpus import Case, Corpus, Ranker
from domain.document import Document, Kind
from retrieval.embed import Embedder
from retrieval.sparse import Frequencies, Terms

HYBRID_SHARE = 0.5
"""How much of the hybrid's score is meaning; the rest is words."""


@dataclass(frozen=True, slots=True)
class Built:
    """A retriever that is ready to be asked: the processor's seconds its ingest took, and the bytes it keeps."""

    rank: Ranker
    seconds: float
    bytes: int


def timed(build: Callable[[], tuple[Ranker, int]]) -> Built:
    """Build a retriever and take the processor's time."""
    start = time.process_time()
    rank, size = build()
    return Built(rank, time.process_time() - start, size)


class Words:
    """BM25 over texts, with Qdrant's tokeniser, stemmer and defaults, and the inverse document frequency of these."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Weigh the words of each text."""
        self._model = qdrant_edge.Bm25()
        self._terms: list[Terms] = []
        for text in texts:
            vector = self._model.embed_document(text)
            self._terms.append(dict(zip(vector.indices, vector.values, strict=True)))
        self._seen = Frequencies.over(self._terms)
        self.bytes = sum(8 * len(terms) for terms in self._terms)

    def scores(self, query: str) -> list[float]:
        """Return the score of each text."""
        weights = self._seen.weigh(dict.fromkeys(self._model.embed_query(query).indices, 1.0))
        return [sum(weight * terms.get(term, 0.0) for term, weight in weights.items()) for terms in self._terms]


class Pieces:
    """Pieces of documents with a vector each, asked exactly."""

    def __init__(self, documents: Iterable[Document], split: Callable[[str], list[str]], embedder: Embedder) -> None:
        """Cut the documents and embed the pieces."""
        self._embedder = embedder
        pieces = [(document.meta.id, piece) for document in documents for piece in split(document.text) if piece]
        self.names = [name for name, _ in pieces]
        self.texts = [piece for _, piece in pieces]
        self._vectors = np.stack([embedder.passage(piece) for piece in self.texts])
        self.bytes = self._vectors.nbytes + sum(len(piece.encode()) for piece in self.texts)

    def scores(self, query: str) -> list[float]:
        """Return the cosine of each piece."""
        found: list[float] = (self._vectors @ self._embedder.query(query)).tolist()
        return found


def bm25_by_document(corpus: Corpus) -> Built:
    """BM25 over whole documents under their titles."""

    def build() -> tuple[Ranker, int]:
        names = {kind: [document.meta.id for document in corpus.of(kind)] for kind in Kind}
        words = {kind: Words(f"{one.meta.title} {one.text}" for one in corpus.of(kind)) for kind in Kind}
        size = sum(each.bytes for each in words.values())
        return lambda case: best_first(names[case.kind], words[case.kind].scores(case.text)), size

    return timed(build)


def langchain_recipe(corpus: Corpus, embedder: Embedder) -> Built:
    """LangChain's own recipe: RecursiveCharacterTextSplitter at 1000 with 200 of overlap, the nearest vectors."""

    def build() -> tuple[Ranker, int]:
        split = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_text
        pieces = {kind: Pieces(corpus.of(kind), split, embedder) for kind in Kind}
        size = sum(each.bytes for each in pieces.values())
        return lambda case: best_first(pieces[case.kind].names, pieces[case.kind].scores(case.text)), size

    return timed(build)


def heading_hybrid(corpus: Corpus, embedder: Embedder) -> Built:
    """Sections by heading, at most 1500 with 200 of overlap; meaning and words, each scaled to [0, 1], half and half.

    The way of Aurora, an assistant for incidents, and of Weaviate's relative score fusion, which it stands on.
    """

    def build() -> tuple[Ranker, int]:
        pieces = {kind: Pieces(corpus.of(kind), by_heading, embedder) for kind in Kind}
        words = {kind: Words(pieces[kind].texts) for kind in Kind}

        def rank(case: Case) -> list[str]:
            meaning = scaled(pieces[case.kind].scores(case.text))
            matched = scaled(words[case.kind].scores(case.text))
            pairs = zip(meaning, matched, strict=True)
            return best_first(
                pieces[case.kind].names, [HYBRID_SHARE * one + (1 - HYBRID_SHARE) * other for one, other in pairs]
            )

        return rank, sum(each.bytes for each in (*pieces.values(), *words.values()))

    return timed(build)


def by_heading(text: str) -> list[str]:
    """Cut a Markdown text at its headings, and what is too long again."""
    headings = MarkdownHeaderTextSplitter([("#", "1"), ("##", "2"), ("###", "3")], strip_headers=False)
    again = RecursiveCharacterTextSplitter(chunk_size=1500, chunk_overlap=200)
    return [piece for section in headings.split_text(text) for piece in again.split_text(section.page_content)]


def scaled(scores: list[float]) -> list[float]:
    """Scale scores to [0, 1]; all alike are 0."""
    low, span = min(scores), max(scores) - min(scores)
    return [(score - low) / span if span else 0.0 for score in scores]


def best_first(names: Iterable[str], scores: Iterable[float]) -> list[str]:
    """Return each name once, by the best of its scores."""
    best: dict[str, float] = {}
    for name, score in zip(names, scores, strict=True):
        best[name] = max(score, best.get(name, score))
    return in_order(best)


def in_order(scores: Mapping[str, float]) -> list[str]:
    """Return names by falling score, ties by name."""
    return sorted(scores, key=lambda name: (-scores[name], name))
