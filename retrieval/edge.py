"""The index in this process: Qdrant's engine as a library (qdrant-edge-py), exact search.

A published snapshot is a directory that nobody writes to again. The engine allows one opener, and a second one
breaks the first; so each process opens its own copy, and several workers and commands run beside each other.
"""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as qdrant

from domain.errors import IndexUnavailable
from retrieval.access_filter import DOCUMENT, Scope, read_filter
from retrieval.copies import Copies
from retrieval.index import DENSE, KEYWORDS, SPARSE, Leg, Point, Proposal, dimensions_of, missing, past_ties, point_of

_EXACT = qdrant.SearchParams(exact=True)
_MEND_DISK = "Check the space and the rights of the data directory."
_KEPT_OPEN = 2
_PAGE = 100_000


class EdgeIndex:
    """Snapshots as directories under `data_dir/index`, opened as copies under `data_dir/open`."""

    def __init__(self, data_dir: Path) -> None:
        """Take the directory that holds all data of this installation."""
        self._root = data_dir / "index"
        self._copies = Copies(data_dir / "open")
        self._open: OrderedDict[str, _Opened] = OrderedDict()
        self._lock = threading.Lock()

    def build(self, snapshot: str, batches: Iterable[Sequence[Point]]) -> None:
        """Write a snapshot beside the others, then move it into its place in one step."""
        building = self._building(snapshot)
        try:
            self.drop(snapshot)
            self._root.mkdir(parents=True, exist_ok=True)
            _write(building, batches)
            building.rename(self._root / snapshot)
        except OSError as error:
            raise IndexUnavailable("The index could not be written.", mend=_MEND_DISK) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def drop(self, snapshot: str) -> None:
        """Remove a snapshot's directory. A process that has it open keeps its copy."""
        with self._lock:
            self._open.pop(snapshot, None)
        shutil.rmtree(self._root / snapshot, ignore_errors=True)
        shutil.rmtree(self._building(snapshot), ignore_errors=True)
        self._copies.remove(snapshot)

    def snapshots(self) -> tuple[str, ...]:
        """Return the published snapshots, sorted."""
        if not self._root.is_dir():
            return ()
        return tuple(sorted(path.name for path in self._root.iterdir() if not path.name.startswith(".")))

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        """Return the best points of each leg within the scope, and all that tie with the last."""
        opened = self._opened(snapshot)
        allowed = read_filter(qdrant, scope)

        def ask(leg: Leg, count: int) -> list[Proposal]:
            with _engine():
                return opened.proposals(opened.shard.query(_request(leg, allowed, count)), scope)

        with _engine():
            requests = qdrant.QueryBatchRequest([_request(leg, allowed, limit + 1) for leg in legs])
            first = [opened.proposals(rows, scope) for rows in opened.shard.query_batch(requests)]
        return [past_ties(partial(ask, leg), found, limit) for leg, found in zip(legs, first, strict=True)]

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        """Return every point within the scope, with these of its vectors."""
        shard = self._opened(snapshot).shard
        allowed = read_filter(qdrant, scope)
        points: list[Point] = []
        offset: Any = None
        while True:
            request = qdrant.ScrollRequest(
                offset=offset, limit=_PAGE, filter=allowed, with_payload=True, with_vector=list(vectors)
            )
            with _engine():
                records, offset = shard.scroll(request)
            points.extend(point_of(record) for record in records)
            if offset is None:
                return points

    def close(self) -> None:
        """Close what is open and remove this process's copies."""
        with self._lock:
            opened = list(self._open.values())
            self._open.clear()
        for one in opened:
            one.shard.close()
        self._copies.close()

    def _building(self, snapshot: str) -> Path:
        return self._root / f".building-{snapshot}"

    def _opened(self, snapshot: str) -> _Opened:
        with self._lock:
            if snapshot not in self._open:
                self._open[snapshot] = _Opened(self._loaded(snapshot))
            self._open.move_to_end(snapshot)
            while len(self._open) > _KEPT_OPEN:
                oldest, _ = self._open.popitem(last=False)
                self._copies.remove(oldest)
            return self._open[snapshot]

    def _loaded(self, snapshot: str) -> qdrant.EdgeShard:
        published = self._root / snapshot
        if not snapshot or not published.is_dir():
            raise missing(snapshot)
        try:
            copy = self._copies.make(published)
        except OSError as error:
            raise IndexUnavailable("The index could not be copied.", mend=_MEND_DISK) from error
        with _engine():
            return qdrant.EdgeShard.load(str(copy))


class _Opened:
    """A snapshot that is open. Which document a point belongs to is asked once: reading payloads costs milliseconds."""

    def __init__(self, shard: qdrant.EdgeShard) -> None:
        self.shard = shard
        self._whose: dict[qdrant.PointId, tuple[str, str]] = {}

    def proposals(self, rows: Sequence[qdrant.ScoredPoint], scope: Scope) -> list[Proposal]:
        """Return what the engine found, each point with its document; call it where the engine's errors are turned."""
        if unknown := frozenset(row.id for row in rows if row.id not in self._whose):
            allowed = read_filter(qdrant, scope, unknown)
            name = qdrant.PayloadSelector.Include([DOCUMENT])
            request = qdrant.ScrollRequest(filter=allowed, limit=len(unknown), with_payload=name, with_vector=False)
            records, _ = self.shard.scroll(request)
            self._whose.update({each.id: (str(each.id), (each.payload or {})[DOCUMENT]) for each in records})
        return [Proposal(*self._whose[row.id], row.score) for row in rows]


@contextmanager
def _engine() -> Iterator[None]:
    """Turn the engine's errors into ours: it raises the bare Exception for everything."""
    try:
        yield
    except Exception as error:
        raise IndexUnavailable(
            "The index in this process failed.", mend="`middlewatch ingest --full` builds it anew."
        ) from error


def _write(folder: Path, batches: Iterable[Sequence[Point]]) -> None:
    shard: qdrant.EdgeShard | None = None
    for batch in batches:
        with _engine():
            shard = shard or qdrant.EdgeShard.create(str(folder), _config(dimensions_of(batch)))
            shard.update(qdrant.UpdateOperation.upsert_points([_stored(point) for point in batch]))
    with _engine():
        shard = shard or qdrant.EdgeShard.create(str(folder), _config(1))
        for key in KEYWORDS:
            shard.update(qdrant.UpdateOperation.create_field_index(key, qdrant.PayloadSchemaType.Keyword))
        shard.flush()
        shard.close()


def _config(dimensions: int) -> qdrant.EdgeConfig:
    # Without a write-ahead log: a snapshot is written once, and counts only after it was flushed and moved.
    return qdrant.EdgeConfig(
        vectors={name: qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Dot) for name in DENSE},
        sparse_vectors={name: qdrant.EdgeSparseVectorParams() for name in SPARSE},
        wal_enabled=False,
    )


def _stored(point: Point) -> qdrant.Point:
    vectors: dict[str, Any] = {name: vector.tolist() for name, vector in point.dense.items()}
    for name, terms in point.sparse.items():
        if terms:
            vectors[name] = qdrant.SparseVector(list(terms.keys()), list(terms.values()))
    return qdrant.Point(point.id, vectors, dict(point.payload))


def _request(leg: Leg, allowed: Any, limit: int) -> qdrant.QueryRequest:
    looked_for: Any = leg.vector
    if isinstance(looked_for, np.ndarray):
        looked_for = looked_for.tolist()
    else:
        looked_for = qdrant.SparseVector(list(looked_for.keys()), list(looked_for.values()))
    return qdrant.QueryRequest(
        limit=limit,
        query=qdrant.Query.Nearest(looked_for, using=leg.using),
        filter=allowed,
        params=_EXACT,
        with_payload=False,
    )
