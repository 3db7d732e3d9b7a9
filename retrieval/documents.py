"""Whole documents from the index, kept in memory: a published snapshot does not change, reading it costs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from domain.access import Audience
from domain.document import DocumentMeta
from retrieval.access_filter import Scope
from retrieval.index import DENSE, PASSAGE, SPARSE, Index, Point
from retrieval.rescore import Stored
from retrieval.view import refuse_leaks

_KEPT = 8000


class Documents:
    """The documents of an index by id. A kept one is given out only to an audience that its own readers allow."""

    def __init__(self, index: Index) -> None:
        """Take the index to read from."""
        self._index = index
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Stored] = OrderedDict()

    def read(self, snapshot: str, audience: Audience, ids: Iterable[str]) -> dict[str, Stored]:
        """Return those of these documents that the audience may read.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        wanted = set(ids)
        found = self._known(snapshot, audience, wanted)
        if rest := wanted - found.keys():
            scope = Scope(audience, documents=frozenset(rest))
            fresh = _assembled(self._index.read(snapshot, scope, (*DENSE, *SPARSE)), audience)
            self._keep(snapshot, fresh)
            found.update(fresh)
        return found

    def forget(self) -> None:
        """Read every document anew: readers have changed."""
        with self._lock:
            self._kept.clear()

    def _known(self, snapshot: str, audience: Audience, ids: Iterable[str]) -> dict[str, Stored]:
        with self._lock:
            known = {name: self._kept[snapshot, name] for name in ids if (snapshot, name) in self._kept}
            for name in known:
                self._kept.move_to_end((snapshot, name))
        return {name: document for name, document in known.items() if audience.may_read(document.meta.readers)}

    def _keep(self, snapshot: str, documents: dict[str, Stored]) -> None:
        with self._lock:
            for name, document in documents.items():
                self._kept[snapshot, name] = document
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def _assembled(points: Iterable[Point], audience: Audience) -> dict[str, Stored]:
    wholes: dict[str, tuple[DocumentMeta, Point]] = {}
    passages: dict[str, list[Point]] = {}
    for point in points:
        meta = refuse_leaks(point, audience)
        if PASSAGE in point.dense:
            passages.setdefault(meta.id, []).append(point)
        else:
            wholes[meta.id] = (meta, point)
    return {name: Stored.of(meta, whole, passages.get(name, ())) for name, (meta, whole) in wholes.items()}
