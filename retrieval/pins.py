"""Which document an alert itself names as its runbook. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from domain.document import DocumentMeta, Kind

FOLDER_NAMES = frozenset({"readme", "index", "_index"})
"""Files that go by the name of their folder."""

_SUFFIXES = (".markdown", ".html", ".htm", ".md")


@dataclass(frozen=True, slots=True)
class Names:
    """What the runbooks that somebody can see may be called by, each way with the ids of those it could mean.

    A path is there by its last segment, with all its segments, in lower case and without suffix.
    """

    by_link: Mapping[tuple[str, tuple[str, ...]], Sequence[str]]
    by_file: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
    by_letters: Mapping[str, Sequence[str]]
    by_heading: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, documents: Iterable[tuple[DocumentMeta, Sequence[str]]]) -> Names:
        """Take the documents, each with its headings; those that are no runbooks have no name here."""
        links: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        files: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        letters: dict[str, list[str]] = {}
        titles: dict[str, list[str]] = {}
        for meta, headings in documents:
            if meta.kind is not Kind.RUNBOOK:
                continue
            path = _without_suffix(PurePosixPath(meta.path.casefold()).parts)
            file = path[-1] if path else ""
            files.setdefault(file, []).append((path, meta.id))
            letters.setdefault(_letters(file), []).append(meta.id)
            if meta.link:
                links.setdefault(_split(meta.link)[:2], []).append(meta.id)
            for heading in {_letters(heading) for heading in headings}:
                titles.setdefault(heading, []).append(meta.id)
        return cls(links, files, letters, titles)

    def pinned(self, runbook: str) -> str:
        """Return the id of the runbook that a `runbook_url` names, or "" where none or several could be meant.

        In this order: the document whose link it is; the one that shares the most of the end of its path; the one
        that its anchor names, by its file's name or by a heading.
        """
        host, segments, anchor = _split(runbook)
        linked = _only(self.by_link.get((host, segments), ())) if segments or host else ""
        shared = linked or self._nearest(segments)
        if shared or not anchor:
            return shared
        return _only(self.by_letters.get(anchor, ())) or _only(self.by_heading.get(anchor, ()))

    def _nearest(self, segments: tuple[str, ...]) -> str:
        alike = self.by_file.get(segments[-1], ()) if segments else ()
        measured = [(_shared_end(segments, path), name) for path, name in alike]
        most = max((length for length, _ in measured), default=0)
        return _only([name for length, name in measured if length == most])


def _split(url: str) -> tuple[str, tuple[str, ...], str]:
    """Return a URL's host, the segments of its path without suffix, and its anchor, all in lower case."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", (), ""
    segments = tuple(segment for segment in unquote(parts.path).casefold().split("/") if segment)
    return parts.netloc.casefold(), _without_suffix(segments), _letters(unquote(parts.fragment))


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


def _only(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
