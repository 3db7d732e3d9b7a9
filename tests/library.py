"""A small library for retrieval tests: documents with chunks, an embedder without a model, and readers of record."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date

import numpy as np

from domain.access import Readers
from domain.document import Chunk, DocumentMeta, Kind
from retrieval.embed import Vector
from retrieval.sparse import words

DIMENSIONS = 48


class WordEmbedder:
    """Embeds a text as the sum of a fixed random direction for each of its words: alike texts, alike vectors."""

    fingerprint = "words-1"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def passage(self, text: str) -> Vector:
        self.embedded.append(text)
        return self.query(text)

    def query(self, text: str) -> Vector:
        total = np.zeros(DIMENSIONS)
        for word in words(text):
            seed = int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:8], "big")
            total += np.random.default_rng(seed).normal(size=DIMENSIONS)
        length = float(np.linalg.norm(total)) or 1.0
        return (total / length).astype(np.float32)


class Shelf:
    """Readers of record, as a database would keep them; `of` may be changed behind the index's back."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.of: dict[str, Readers] = {chunk.meta.id: chunk.meta.readers for chunk in chunks}
        self.taken: set[str] = set()
        self.behind: set[str] = set()

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        return {name: self.of[name] for name in document_ids if name in self.of and name not in self.taken}

    def withheld(self, snapshot: str) -> frozenset[str]:
        return frozenset(self.taken | self.behind)


def document(name: str, *paragraphs: str, readers: Iterable[str] = ("everyone",), **more: object) -> list[Chunk]:
    """Return the chunks of a document `SOURCE/path.md`, one a paragraph; "Heading: text" stands under a heading."""
    source, _, path = name.partition("/")
    kind = Kind.POSTMORTEM if source == "postmortems" else Kind.RUNBOOK
    title = str(more.pop("title", "") or path.rsplit("/", 1)[-1].removesuffix(".md"))
    meta = DocumentMeta(
        id=name,
        source=source,
        path=path,
        kind=kind,
        title=title,
        readers=frozenset(readers),
        date=date(2024, 3, 1),
        content_hash=hashlib.sha256("\n".join(paragraphs).encode()).hexdigest(),
        **more,  # type: ignore[arg-type]
    )
    chunks, start = [], 0
    for ordinal, paragraph in enumerate(paragraphs):
        heading, colon, _ = paragraph.partition(": ")
        identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}#{start}#{paragraph}"))
        headings = (heading,) if colon else ()
        chunks.append(Chunk(identity, meta, ordinal, start, start + len(paragraph), paragraph, headings))
        start += len(paragraph) + 2
    return chunks
