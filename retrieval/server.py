"""The index on a Qdrant server, through qdrant-client; one collection per snapshot, exact search.

Where no server is given, qdrant-client's own `:memory:` mode stands in: the same contract, one process, small corpora.
A snapshot is readable once an alias points at its collection, so a half-built one is never read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from domain.errors import IndexUnavailable
from domain.renewed import Renewed
from retrieval.access_filter import DOCUMENT, READERS, Scope, read_filter
from retrieval.index import (
    DENSE,
    KEYWORDS,
    SPARSE,
    Leg,
    Point,
    Proposal,
    dimensions_of,
    missing,
    past_ties,
    point_of,
)

MEMORY = ":memory:"
_PREFIX = "middlewatch-"
_LIVE = "-live"
# No graph is built, so every search is exact.
_NO_GRAPH = models.HnswConfigDiff(m=0)
_PAGE = 1000


class ServerIndex:
    """Snapshots as collections `middlewatch-<snapshot>`, each with an alias once it is complete."""

    def __init__(self, url: str, api_key: Callable[[], str] = str, *, timeout: int = 10) -> None:
        """Take the server's URL or `:memory:`, what gives its API key, and how many seconds one call may take.

        The key is asked for before every call; a new one is used from then on.
        """
        self._memory = url == MEMORY
        self._guard = threading.RLock() if self._memory else nullcontext()
        self._url, self._timeout = url, timeout
        self._opened = Renewed(api_key, self._open)

    @property
    def _client(self) -> QdrantClient:
        return self._opened.client()

    def _open(self, key: str) -> QdrantClient:
        if self._memory:
            return QdrantClient(MEMORY, force_disable_check_same_thread=True)
        return QdrantClient(url=self._url, api_key=key or None, timeout=self._timeout, check_compatibility=False)

    def build(self, snapshot: str, batches: Iterable[Sequence[Point]]) -> None:
        """Write a collection, then point its alias at it in one step."""
        self.drop(snapshot)
        name, created = _PREFIX + snapshot, False
        for batch in batches:
            if not created:
                self._create(name, dimensions_of(batch))
                created = True
            points = [_stored(point) for point in batch]
            with self._calling(snapshot):
                self._client.upsert(name, points, wait=True)
        if not created:
            self._create(name, 1)
        alias = models.CreateAlias(collection_name=name, alias_name=name + _LIVE)
        with self._calling(snapshot):
            self._client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])

    def drop(self, snapshot: str) -> None:
        """Delete a snapshot's collection, and its alias with it."""
        with self._calling(snapshot):
            if self._client.collection_exists(_PREFIX + snapshot):
                self._client.delete_collection(_PREFIX + snapshot)

    def snapshots(self) -> tuple[str, ...]:
        """Return the complete snapshots, sorted."""
        with self._calling(""):
            aliases = [alias.alias_name for alias in self._client.get_aliases().aliases]
        ours = (name for name in aliases if name.startswith(_PREFIX) and name.endswith(_LIVE))
        return tuple(sorted(name.removeprefix(_PREFIX).removesuffix(_LIVE) for name in ours))

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        """Return the best points of each leg within the scope, and all that tie with the last."""
        allowed = read_filter(models, scope)
        batch = self._query(snapshot, [_request(leg, allowed, limit + 1) for leg in legs])

        def ask(leg: Leg, count: int) -> list[Proposal]:
            return self._query(snapshot, [_request(leg, allowed, count)])[0]

        return [past_ties(partial(ask, leg), rows, limit) for leg, rows in zip(legs, batch, strict=True)]

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        """Return every point within the scope, with these of its vectors."""
        allowed = read_filter(models, scope)
        points: list[Point] = []
        offset: Any = None
        while True:
            with self._calling(snapshot):
                records, offset = self._client.scroll(
                    _PREFIX + snapshot + _LIVE,
                    scroll_filter=allowed,
                    limit=_PAGE,
                    offset=offset,
                    with_payload=True,
                    with_vectors=list(vectors),
                )
            points.extend(point_of(record) for record in records)
            if offset is None:
                return points

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _create(self, name: str, dimensions: int) -> None:
        dense = models.VectorParams(size=dimensions, distance=models.Distance.DOT, hnsw_config=_NO_GRAPH)
        with self._calling(name):
            self._client.create_collection(
                name,
                vectors_config=dict.fromkeys(DENSE, dense),
                sparse_vectors_config={vector: models.SparseVectorParams() for vector in SPARSE},
                hnsw_config=_NO_GRAPH,
            )
            for key in () if self._memory else KEYWORDS:
                tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=key == READERS)
                self._client.create_payload_index(name, key, tenant, wait=True)

    def _query(self, snapshot: str, requests: list[models.QueryRequest]) -> list[list[Proposal]]:
        with self._calling(snapshot):
            answers = self._client.query_batch_points(_PREFIX + snapshot + _LIVE, requests)
        return [[_proposal(row) for row in answer.points] for answer in answers]

    @contextmanager
    def _calling(self, snapshot: str) -> Iterator[None]:
        try:
            with self._guard:
                yield
        except UnexpectedResponse as error:
            if error.status_code == 404:
                raise missing(snapshot) from error
            raise IndexUnavailable(
                f"Qdrant answered with status {error.status_code}.", mend="Check its API key and its log."
            ) from error
        except ApiException as error:
            raise IndexUnavailable(
                "Qdrant did not answer.", mend="Check that it runs and that [store] qdrant_url is right."
            ) from error
        except ValueError as error:  # how `:memory:` says that a collection is not there
            raise missing(snapshot) from error


def _stored(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {name: vector.tolist() for name, vector in point.dense.items()}
    vectors.update({name: _sparse(terms) for name, terms in point.sparse.items() if terms})
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def _sparse(terms: Any) -> models.SparseVector:
    return models.SparseVector(indices=list(terms.keys()), values=list(terms.values()))


def _request(leg: Leg, allowed: Any, limit: int) -> models.QueryRequest:
    looked_for: Any = leg.vector.tolist() if isinstance(leg.vector, np.ndarray) else _sparse(leg.vector)
    return models.QueryRequest(
        query=models.NearestQuery(nearest=looked_for),
        using=leg.using,
        filter=allowed,
        limit=limit,
        with_payload=[DOCUMENT],
    )


def _proposal(row: models.ScoredPoint) -> Proposal:
    return Proposal(str(row.id), (row.payload or {})[DOCUMENT], row.score)
