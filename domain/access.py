"""Who is reading: the audience, and the one rule that says what it may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EVERYONE = "everyone"
"""The group that every known audience holds; a document for it is open to all channels."""

Readers = frozenset[str]
"""The groups that may read a document. Empty means nobody."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The groups that *all* readers of a channel hold; it is what every read is made as.

    An audience without groups is unknown: nothing is readable to it.
    """

    groups: frozenset[str]

    @classmethod
    def of(cls, groups: Iterable[str]) -> Audience:
        """Return the known audience that holds these groups, and `everyone`."""
        return cls(frozenset(groups) | {EVERYONE})

    @classmethod
    def nobody(cls) -> Audience:
        """Return the audience of a channel whose readers are not known."""
        return cls(frozenset())

    @property
    def key(self) -> str:
        """A stable text for cache keys: audiences have the same key only where they are equal.

        Each name stands behind its length, since a name may hold whatever parts names.
        """
        return "".join(f"{len(group)}:{group}" for group in sorted(self.groups))

    def may_read(self, readers: Readers) -> bool:
        """Tell whether this audience shares a group with a document's readers."""
        return not self.groups.isdisjoint(readers)


def narrowed(source: Readers, document: Readers) -> Readers:
    """Return the readers of a document: its own groups within its source's.

    A source open to `everyone` contains every group; a document can narrow that, never widen it.
    """
    if EVERYONE in source:
        return document
    if EVERYONE in document:
        return source
    return source & document


def without(readers: Readers, revoked: Iterable[str]) -> Readers:
    """Return the readers of a document after groups were revoked from it.

    `everyone` contains every group, so where any group is revoked it no longer counts: what is left is what is
    named, and nobody where nothing is.
    """
    gone = frozenset(revoked)
    return readers - gone - {EVERYONE} if gone else readers


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was applied, in words, and the readers it left."""

    rule: str
    readers: Readers


@dataclass(frozen=True, slots=True)
class Ruling:
    """Who may read a document, and by which rules: each step narrows the one before."""

    steps: tuple[Step, ...]

    @property
    def readers(self) -> Readers:
        """The readers that the last rule left; nobody where there is none."""
        return self.steps[-1].readers if self.steps else frozenset()
