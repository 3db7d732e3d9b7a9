"""The index as retrieval sees it: snapshots of points that are written once and proposed from by scope.

Both adapters, `retrieval.edge` and `retrieval.server`, keep one contract; `tests/integration/retrieval` states it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from domain.errors import IndexMissing
from retrieval.access_filter import DOCUMENT, KIND, READERS, ROLE, Scope
from retrieval.embed import Vector
from retrieval.sparse import Terms

PASSAGE, TITLE = "passage", "title"
DENSE = (PASSAGE, TITLE)
"""Dense vectors: of a chunk under its breadcrumb, and of a document's title."""

PASSAGE_WORDS, DOCUMENT_WORDS, HEADING_WORDS = "passage_words", "document_words", "heading_words"
SPARSE = (PASSAGE_WORDS, DOCUMENT_WORDS, HEADING_WORDS)
"""Sparse vectors: of a chunk, of a whole document, and of its title and headings alone."""

KEYWORDS = (READERS, KIND, ROLE, DOCUMENT)
"""Payload fields that reads filter by."""

BATCH = 128

SERVER_ADVISED_FROM = 20_000
"""Chunks from which a Qdrant server is advised over the index in this process, which compares a query with every one
of them: up to here 95 of 100 queries were measured below 80 ms of the processor (`benchmarks/results/growth.md`)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One entry: a chunk, or a document as a whole. `payload` holds all that its domain values are rebuilt from."""

    id: str
    payload: Mapping[str, Any]
    dense: Mapping[str, Vector] = field(default_factory=dict)
    sparse: Mapping[str, Terms] = field(default_factory=dict)


def point_of(record: Any) -> Point:
    """Return the entry that an adapter reads back, by the record of the engine or of the server's client."""
    vectors: Any = record.vector or {}
    return Point(
        id=str(record.id),
        payload=record.payload or {},
        dense={name: np.asarray(vectors[name], dtype=np.float32) for name in DENSE if name in vectors},
        sparse={
            name: dict(zip(vectors[name].indices, vectors[name].values, strict=True))
            for name in SPARSE
            if name in vectors
        },
    )


@dataclass(frozen=True, slots=True)
class Leg:
    """One way to look for candidates: which vector, and what is looked for."""

    using: str
    vector: Vector | Terms


@dataclass(frozen=True, slots=True)
class Proposal:
    """A point that a leg found, and the engine's own score of it: good for choosing, not for ranking."""

    id: str
    document_id: str
    score: float


class Index(Protocol):
    """Snapshots of points. Every read takes a scope, and with it an audience."""

    def build(self, snapshot: str, batches: Iterable[Sequence[Point]]) -> None:
        """Write a snapshot; it can be read when this returns, wholly, and not before.

        Raises IndexUnavailable.
        """
        ...

    def drop(self, snapshot: str) -> None:
        """Forget a snapshot, or what is left of one that was never finished. Dropping twice is no error."""
        ...

    def snapshots(self) -> tuple[str, ...]:
        """Return the snapshots that can be read, sorted."""
        ...

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        """Return for each leg its best `limit` points within the scope, exactly, and all that tie with the last.

        Raises IndexMissing, IndexUnavailable.
        """
        ...

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        """Return every point within the scope, with these of its vectors, in no particular order.

        Raises IndexMissing, IndexUnavailable.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def missing(snapshot: str) -> IndexMissing:
    """Return the error that says a snapshot is not there."""
    return IndexMissing(f"Index snapshot {snapshot} is not there.", mend="Run `middlewatch ingest` to build one.")


def dimensions_of(batch: Sequence[Point]) -> int:
    """Return the length of the dense vectors in a batch; 1 where it holds none."""
    return next((len(vector) for point in batch for vector in point.dense.values()), 1)


NEARLY = 1e-5
"""Engine scores closer than this share are taken as tied: single precision moves with the order of summing."""

Ask = Callable[[int], list[Proposal]]
"""Asks one leg for its best n points, best first."""


def past_ties(ask: Ask, first: list[Proposal], limit: int) -> list[Proposal]:
    """Return the best `limit` proposals and all that tie with the last of them, reading on as far as needed.

    `first` is what the leg gave when it was asked for `limit + 1`.
    """
    found, asked = first, limit + 1
    while len(found) >= asked and _tied(found[limit - 1], found[-1]):
        asked *= 4
        found = ask(asked)
    if len(found) <= limit:
        return found
    last = found[limit - 1]
    return [proposal for proposal in found if proposal.score >= last.score or _tied(last, proposal)]


def _tied(better: Proposal, worse: Proposal) -> bool:
    return better.score - worse.score <= NEARLY * max(1.0, abs(better.score))
