"""What an index snapshot is made of, what the golden queries said of it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

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


class State(StrEnum):
    """What became of a snapshot. Only the live one answers queries; a kept one was live, or may become it."""

    BUILDING = "building"
    LIVE = "live"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Loss:
    """A golden query that a snapshot does not answer as it must, why, and the documents whose change did it."""

    query: str
    why: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the golden queries said of a snapshot.

    `guarded` is false where none is configured. `scores` are the figures of the run, each with its n. `policy` is a
    hash over what it was judged by: cases, baseline and limits. `leaks` counts forbidden documents that were found.
    """

    passed: bool
    guarded: bool
    faults: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    leaks: int = 0
    scores: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A snapshot as it stands on record. `held` says why it was taken back, "" where it was not."""

    snapshot: Snapshot
    state: State
    judgement: Judgement | None = None
    published_at: datetime | None = None
    held: str = ""
