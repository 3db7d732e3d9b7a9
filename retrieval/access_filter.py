"""The only place that turns an audience into a filter of the index.

Qdrant's filters fail open: no filter, `must=[]` and `should=[]` all return everything. So every filter is built
here, from a typed audience, and always demands a reader; nothing else may import the engines' filter classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from domain.access import Audience
from domain.document import Kind

READERS = "readers"
KIND = "kind"
DOCUMENT = "document"
ROLE = "role"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one read may see: an audience, and where it narrows further, a kind, a role and certain documents.

    `without` are documents that the read must not touch, whatever the index says of their readers.
    """

    audience: Audience
    kind: Kind | None = None
    role: str | None = None
    documents: frozenset[str] | None = None
    without: frozenset[str] = frozenset()


class Dialect(Protocol):
    """The filter classes of one engine; both name them, and their arguments, alike."""

    Filter: Any
    FieldCondition: Any
    HasIdCondition: Any
    MatchAny: Any
    MatchValue: Any


def read_filter(dialect: Dialect, scope: Scope, points: frozenset[Any] | None = None) -> Any:
    """Return the engine's filter for a scope; it always demands one of the audience's groups among the readers.

    `points` narrows it further, to points of these ids (the engine in this process; a server names its argument).

    Raises ValueError for an audience without groups: nothing is readable to it, so nobody may ask on its behalf.
    """
    if not scope.audience.groups:
        raise ValueError("An audience without groups may read nothing; do not query for it.")
    must = [_any(dialect, READERS, scope.audience.groups)]
    if scope.kind is not None:
        must.append(dialect.FieldCondition(key=KIND, match=dialect.MatchValue(value=scope.kind.value)))
    if scope.role is not None:
        must.append(dialect.FieldCondition(key=ROLE, match=dialect.MatchValue(value=scope.role)))
    if scope.documents is not None:
        must.append(_any(dialect, DOCUMENT, scope.documents))
    if points is not None:
        must.append(dialect.HasIdCondition(set(points)))
    without = [_any(dialect, DOCUMENT, scope.without)] if scope.without else None
    return dialect.Filter(must=must, must_not=without)


def _any(dialect: Dialect, key: str, values: frozenset[str]) -> Any:
    return dialect.FieldCondition(key=key, match=dialect.MatchAny(any=sorted(values)))
