"""From chunks to a snapshot: embeds, weighs words, and writes points. This is what ingest is handed as its index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from uuid import NAMESPACE_URL, uuid5

from domain.document import Chunk, DocumentMeta
from retrieval import payload
from retrieval.access_filter import ROLE
from retrieval.embed import Embedder
from retrieval.index import BATCH, DOCUMENT_WORDS, HEADING_WORDS, PASSAGE, PASSAGE_WORDS, TITLE, Index, Point
from retrieval.pins import FOLDER_NAMES
from retrieval.sparse import SPARSE_VERSION, TermWeights, name_parts

POINTS_VERSION = "points-1"
"""Changes whenever what is embedded or stored of a chunk or a document does."""

PASSAGE_TERMS = TermWeights(average_length=100)
DOCUMENT_TERMS = TermWeights(average_length=300)
HEADING_TERMS = TermWeights(average_length=20)

Progress = Callable[[int, int], None]
"""Told after each batch how many chunks of how many are done."""


class Indexer:
    """Builds snapshots of an index with one embedding model."""

    def __init__(self, index: Index, embedder: Embedder) -> None:
        """Take the index to write to and the model that embeds."""
        self._index = index
        self._embedder = embedder

    @property
    def fingerprint(self) -> str:
        """Names all that shapes a snapshot beside its documents: model, sparse weights, stored fields."""
        return f"{self._embedder.fingerprint}/{SPARSE_VERSION}/{POINTS_VERSION}"

    def build(self, snapshot_id: str, chunks: Sequence[Chunk], progress: Progress | None = None) -> None:
        """Write a snapshot of these chunks; `progress` hears how many of them are done.

        Raises IndexUnavailable.
        """
        self._index.build(snapshot_id, self._batches(chunks, progress or _silent))

    def drop(self, snapshot_id: str) -> None:
        """Forget a snapshot."""
        self._index.drop(snapshot_id)

    def _batches(self, chunks: Sequence[Chunk], progress: Progress) -> Iterator[list[Point]]:
        batch: list[Point] = []
        done = 0
        ordered = sorted(chunks, key=lambda chunk: (chunk.meta.id, chunk.ordinal))
        for _, group in groupby(ordered, key=lambda chunk: chunk.meta.id):
            for point in self._document(list(group)):
                batch.append(point)
                done += point.payload[ROLE] == payload.CHUNK_ROLE
                if len(batch) == BATCH:
                    yield batch
                    batch = []
                    progress(done, len(chunks))
        if batch:
            yield batch
            progress(done, len(chunks))

    def _document(self, chunks: list[Chunk]) -> Iterator[Point]:
        meta = chunks[0].meta
        headings = tuple(dict.fromkeys(heading for chunk in chunks for heading in chunk.headings))
        name = title_text(meta)
        yield Point(
            id=str(uuid5(NAMESPACE_URL, meta.id)),
            payload=payload.of_document(meta, headings),
            dense={TITLE: self._embedder.passage(name)},
            sparse={
                DOCUMENT_WORDS: DOCUMENT_TERMS.document(" ".join((name, *(chunk.text for chunk in chunks)))),
                HEADING_WORDS: HEADING_TERMS.document(" ".join((name, *headings))),
            },
        )
        for chunk in chunks:
            yield Point(
                id=chunk.id,
                payload=payload.of_chunk(chunk),
                dense={PASSAGE: self._embedder.passage(f"{chunk.breadcrumb}\n{chunk.text}")},
                sparse={PASSAGE_WORDS: PASSAGE_TERMS.document(" ".join((meta.title, *chunk.headings, chunk.text)))},
            )


def title_text(meta: DocumentMeta) -> str:
    """Return what a document is called: its title and the words of its file's name.

    A README goes by its folder, since its own name says nothing.
    """
    path = PurePosixPath(meta.path)
    stem = path.parent.name if path.stem.lower() in FOLDER_NAMES else path.stem
    split = " ".join(name_parts(stem))
    titled = " ".join(name_parts(meta.title))
    return meta.title if split.lower() == titled.lower() else f"{meta.title} {split}".strip()


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
