"""Stale cases: documents that a case names and that are not in the snapshot, with where they may have gone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golden_queries.cases import Case


@dataclass(frozen=True, slots=True)
class Stale:
    """A case names a document under `key` (expected, past or forbidden) that is not there.

    `moved_to` is the document of the same content, else the only one of the same file name, else "".
    """

    case: str
    key: str
    document: str
    moved_to: str = ""

    @property
    def text(self) -> str:
        """One line for a person."""
        hint = f"; it may be {self.moved_to} now" if self.moved_to else ""
        return f"{self.case}: {self.key} {self.document} is not in the snapshot{hint}"


def stale(
    cases: Sequence[Case], documents: Mapping[str, str], before: Mapping[str, str] | None = None
) -> tuple[Stale, ...]:
    """Return what the cases name in vain.

    `documents` maps each document of the snapshot to its content hash; `before` does so for an older snapshot in
    which the lost documents still were, so that a moved one is known by its content.
    """
    found: list[Stale] = []
    for case in cases:
        for key, name in _named(case):
            if name not in documents:
                found.append(Stale(case.id, key, name, moved(name, documents, before or {})))
    return tuple(found)


def _named(case: Case) -> Iterator[tuple[str, str]]:
    for key, names in (("expected", case.expected), ("past", case.past or ()), ("forbidden", case.forbidden)):
        for name in names:
            yield key, name


def moved(name: str, documents: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Return where a document that is not there may be now: the same content, else the only one of its file name."""
    content = before.get(name, "")
    same = sorted(other for other, hashed in documents.items() if content and hashed == content)
    if same:
        return same[0]
    file = name.rsplit("/", 1)[-1]
    alike = [other for other in documents if other.rsplit("/", 1)[-1] == file]
    return alike[0] if len(alike) == 1 else ""
