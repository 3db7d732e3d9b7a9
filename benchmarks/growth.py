"""How query time and ingest grow: the corpus again and again, each copy with other words and other vectors.

A copy keeps the structure of its document; one word in ten is another of the corpus's words, its title says which
copy it is, and each of its vectors is the original's with noise added. Nothing but queries is embedded, so a large
index is built in seconds, and the time to embed a chunk is measured apart.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.corpus import ALL, Corpus, OpenToAll
from domain.document import Chunk
from retrieval.edge import EdgeIndex
from retrieval.embed import Embedder, Vector
from retrieval.finder import Finder
from retrieval.indexer import Indexer, title_text
from retrieval.query import Query
from retrieval.search import Search

CHANGED = 0.1
"""The share of words that a copy has otherwise."""

NOISE = 0.25
"""How far a copy's vector lies from the original's: the length of what is added, the original's being 1."""

_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True, slots=True)
class Grown:
    """What was measured at one size; times in milliseconds but for `build_s`: by the clock, and by the processor."""

    chunks: int
    documents: int
    build_s: float
    bytes: int
    times: tuple[float, ...]
    processor: tuple[float, ...]


class NoisyEmbedder:
    """Gives a copy's passage the vector of its original, moved a little; queries go to the model every time."""

    def __init__(self, passages: Embedder, queries: Embedder) -> None:
        """Take what embeds originals, from a cache at best, and what embeds queries, without one."""
        self._passages = passages
        self._queries = queries
        self._originals: dict[str, str] = {}
        self._vectors: dict[str, Vector] = {}

    @property
    def fingerprint(self) -> str:
        """Say that these vectors are no model's."""
        return f"noisy/{self._passages.fingerprint}"

    def learn(self, copy: str, original: str) -> None:
        """Remember which text a copy was made of."""
        self._originals[copy] = original

    def passage(self, text: str) -> Vector:
        """Return the vector of a text, with noise where it is a copy; the same text has the same noise."""
        original = self._originals.get(text, text)
        if original not in self._vectors:
            self._vectors[original] = self._passages.passage(original)
        vector = self._vectors[original]
        if original == text:
            return vector
        noise = np.random.default_rng(crc32(text.encode())).standard_normal(len(vector)).astype(np.float32)
        moved = vector + NOISE * noise / np.linalg.norm(noise)
        return np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)

    def query(self, text: str) -> Vector:
        """Return the vector of a query."""
        return self._queries.query(text)


def copies(corpus: Corpus, times: int, embedder: NoisyEmbedder) -> list[Chunk]:
    """Return the chunks of the corpus `times` over; the first time as they are."""
    words = sorted({word for piece in corpus.chunks for word in _WORD.findall(piece.text)})
    found = list(corpus.chunks)
    for number in range(1, times):
        found.extend(_copied(corpus.chunks, number, words, embedder))
    return found


def _copied(chunks: Sequence[Chunk], number: int, words: Sequence[str], embedder: NoisyEmbedder) -> Iterator[Chunk]:
    draw = random.Random(number)
    for piece in chunks:
        meta = piece.meta
        path = f"{number}/{meta.path}"
        other = replace(
            meta,
            id=f"{meta.source}/{path}",
            path=path,
            title=f"{meta.title} {words[crc32(str(number).encode()) % len(words)]} {number}",
            content_hash=f"{number}-{meta.content_hash}",
        )
        text = _WORD.sub(lambda found: draw.choice(words) if draw.random() < CHANGED else found[0], piece.text)
        copy = replace(piece, id=_uuid(number, piece.id), meta=other, end=piece.start + len(text), text=text)
        embedder.learn(f"{copy.breadcrumb}\n{copy.text}", f"{piece.breadcrumb}\n{piece.text}")
        embedder.learn(title_text(other), title_text(meta))
        yield copy


def _uuid(number: int, original: str) -> str:
    return f"{number:08x}{original[8:]}"


def grow(corpus: Corpus, times: int, embedder: NoisyEmbedder, queries: Sequence[Query]) -> Grown:
    """Build an index of the corpus `times` over, ask it every query once to warm it up, and then with the clock on."""
    chunks = copies(corpus, times, embedder)
    with tempfile.TemporaryDirectory() as folder, closing(EdgeIndex(Path(folder))) as index:
        start = time.perf_counter()
        Indexer(index, embedder).build("grown", chunks)
        built = time.perf_counter() - start
        search = Search(Finder(index, embedder), OpenToAll(), lambda: "grown", lambda text: text)
        timed(search, queries)
        clock, processor = timed(search, queries)
        size = on_disk(Path(folder) / "index")
    return Grown(len(chunks), len({piece.meta.id for piece in chunks}), built, size, clock, processor)


def timed(search: Search, queries: Sequence[Query]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return how many milliseconds each query takes, one after the other: by the clock, and of the processor."""
    clock, processor = [], []
    for query in queries:
        began, used = time.perf_counter(), time.process_time()
        search.ranking(query, ALL)
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return tuple(clock), tuple(processor)


def on_disk(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk; holes in its files take none."""
    return sum(os.lstat(path).st_blocks * 512 for path in folder.rglob("*") if path.is_file())
