"""Which document an alert itself names as its runbook. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from domain.document import DocumentMeta, Kind
from retrieval.view import View

FOLDER_NAMES = frozenset({"readme", "index", "_index"})
"""Files that go by the name of their folder."""

_SUFFIXES = (".markdown", ".html", ".htm", ".md")


def pinned(runbook: str, view: View) -> str:
    """Return the id of the readable runbook that a `runbook_url` names, or "" where none or several could be meant.

    In this order: the document whose link it is; the one that shares the most of the end of its path; the one that
    its anchor names, by its file's name or by a heading.
    """
    runbooks = [meta for meta in view.documents.values() if meta.kind is Kind.RUNBOOK]
    host, segments, anchor = _split(runbook)
    if segments or host:
        linked = _only(meta.id for meta in runbooks if meta.link and _split(meta.link)[:2] == (host, segments))
        if linked:
            return linked
    shared = _best(runbooks, lambda meta: _shared_end(segments, _name(meta)))
    if shared or not anchor:
        return shared
    by_name = _only(meta.id for meta in runbooks if _letters(_name(meta)[-1]) == anchor)
    return by_name or _only(
        meta.id for meta in runbooks if anchor in {_letters(heading) for heading in view.headings[meta.id]}
    )


def _split(url: str) -> tuple[str, tuple[str, ...], str]:
    """Return a URL's host, the segments of its path without suffix, and its anchor, all in lower case."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", (), ""
    segments = tuple(segment for segment in unquote(parts.path).casefold().split("/") if segment)
    return parts.netloc.casefold(), _without_suffix(segments), _letters(unquote(parts.fragment))


def _name(meta: DocumentMeta) -> tuple[str, ...]:
    return _without_suffix(PurePosixPath(meta.path.casefold()).parts)


def _without_suffix(segments: tuple[str, ...]) -> tuple[str, ...]:
    if not segments:
        return segments
    suffix = next((suffix for suffix in _SUFFIXES if segments[-1].endswith(suffix)), "")
    last = segments[-1].removesuffix(suffix)
    return (*segments[:-1], last) if last not in FOLDER_NAMES or len(segments) == 1 else segments[:-1]


def _shared_end(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    shared = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _best(runbooks: Iterable[DocumentMeta], measure: Callable[[DocumentMeta], int]) -> str:
    measured = [(measure(meta), meta.id) for meta in runbooks]
    most = max((length for length, _ in measured), default=0)
    return _only(name for length, name in measured if length == most) if most else ""


def _only(found: Iterable[str]) -> str:
    names = list(found)
    return names[0] if len(names) == 1 else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
