"""What one audience can see of a snapshot as a whole: what its runbooks are called, and how often its words occur.

Inverse document frequency is taken from here, so a document that may not be read moves no score. Kept per
(snapshot, audience, what is withheld): a published snapshot does not change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from domain.access import Audience
from domain.document import DocumentMeta
from domain.errors import Leak
from retrieval.access_filter import Scope
from retrieval.index import DOCUMENT_WORDS, Index, Point
from retrieval.payload import DOCUMENT_ROLE, document_of
from retrieval.pins import Names
from retrieval.sparse import Frequencies
from retrieval.truth import Truth

_KEPT = 64
_VECTORS = (DOCUMENT_WORDS,)


@dataclass(frozen=True, slots=True)
class View:
    """What the readable runbooks are called, and in how many of the readable documents each word stands."""

    names: Names
    frequencies: Frequencies


class Views:
    """Views of an index, each read once."""

    def __init__(self, index: Index) -> None:
        """Take the index to look at."""
        self._index = index
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # many who come at once let one of them read
        self._kept: OrderedDict[tuple[str, str, frozenset[str]], View] = OrderedDict()

    def view(self, snapshot: str, audience: Audience, truth: Truth) -> View:
        """Return what this audience can see of a snapshot; every document in it is checked against the record.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        key = (snapshot, audience.key, truth.withheld)
        if known := self._known(key):
            return known
        with self._reading:
            if known := self._known(key):
                return known
            view = self._read(snapshot, audience, truth)
            with self._lock:
                self._kept[key] = view
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return view

    def _known(self, key: tuple[str, str, frozenset[str]]) -> View | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def forget(self) -> None:
        """Read every view anew: readers have changed."""
        with self._lock:
            self._kept.clear()

    def _read(self, snapshot: str, audience: Audience, truth: Truth) -> View:
        scope = Scope(audience, role=DOCUMENT_ROLE, without=truth.withheld)
        found = [(point, refuse_leaks(point, audience)) for point in self._index.read(snapshot, scope, _VECTORS)]
        allowed = truth.allowed([meta.id for _, meta in found])
        seen = [(point, meta) for point, meta in found if meta.id in allowed]
        return View(
            Names.of((meta, point.payload["headings"]) for point, meta in seen),
            Frequencies.over(point.sparse.get(DOCUMENT_WORDS, {}) for point, _ in seen),
        )


def refuse_leaks(point: Point, audience: Audience) -> DocumentMeta:
    """Return the document of a point that came back from the index.

    Raises Leak when its own payload says that this audience may not read it: then the filter did not hold.
    """
    meta = document_of(point.payload)
    if not audience.may_read(meta.readers):
        raise Leak("The index returned a document outside the audience.", mend="Report this as a defect.")
    return meta
