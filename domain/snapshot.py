"""What an index snapshot is made of, as it is recorded when it goes live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.document import DocumentMeta


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One built index, never changed after it is published.

    `content` is a hash over every document's id, text and metadata; `fingerprint` names everything else
    that shapes the index: embedding model, sparse settings, chunker and redaction versions. Equal in
    both means equal in every answer. `commits` maps each source to the commit it was read at.
    """

    id: str
    built_at: datetime
    content: str
    fingerprint: str
    documents: int
    chunks: int
    commits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a sync could not read, by the name of the file and a reason in words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot together with the documents in it: what is recorded in one transaction."""

    snapshot: Snapshot
    documents: tuple[DocumentMeta, ...]
