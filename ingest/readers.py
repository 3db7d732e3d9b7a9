"""Who may read a document: its own `allow` within its source's, and nobody where neither says."""

from __future__ import annotations

from domain.access import EVERYONE, Readers, narrowed


def readers_of(source: Readers, document: Readers | None) -> Readers:
    """Return the readers of a document; `document` is None where its front matter names none."""
    return narrowed(source, source if document is None else document)


def objection(source: Readers, document: Readers | None) -> str:
    """Return what is to be reported of a document's `allow`, or "": it widens its source's, or leaves nobody."""
    if not document:
        return ""
    if not readers_of(source, document):
        return "none of the groups in its `allow` is a reader of its source, so nobody may read it"
    if EVERYONE not in source and not document <= source:
        return "its `allow` names groups beyond its source's; they were left out"
    return ""
