"""Bring the index up to date with its sources: read everything, and build a new snapshot where anything changed.

A snapshot is always built whole, beside the live one, so documents that are gone are gone from it and a failure
leaves the live one as it was. It is cheap all the same: the vectors of chunks that did not change come from the
index's own cache. Only one sync may run at a time; whoever calls sees to that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from domain.document import Chunk, DocumentMeta
from domain.errors import BadSettings, MiddlewatchError
from domain.snapshot import Problem, Published, Snapshot
from ingest.chunking import CHUNKER_VERSION, chunk
from ingest.sources import Reading, Redact, SourceSpec, read

Progress = Callable[[int, int], None]
"""Told how many chunks of how many are in the index."""


class Index(Protocol):
    """Where chunks are made findable."""

    @property
    def fingerprint(self) -> str:
        """Names all that shapes a snapshot beside its chunks; reading it loads no model."""

    def build(self, snapshot_id: str, chunks: Sequence[Chunk], progress: Progress) -> None:
        """Write a snapshot of these chunks and no others."""

    def drop(self, snapshot_id: str) -> None:
        """Forget a snapshot, half-built or whole; nothing happens where there is none."""


class Catalogue(Protocol):
    """The record of snapshots and of the documents in each."""

    def live(self) -> Snapshot | None:
        """Return the snapshot that answers queries."""

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        """Return the documents of a snapshot."""

    def publish(self, published: Published) -> None:
        """Record a snapshot and make it the live one, in one transaction."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of what turns files into chunks: part of a snapshot's fingerprint."""

    redaction: str
    chunker: str = CHUNKER_VERSION

    def fingerprint(self, index: str) -> str:
        """Return the fingerprint of snapshots in an index whose own fingerprint is `index`."""
        return f"{index}/chunker-{self.chunker}/redaction-{self.redaction}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sync works with."""

    index: Index
    catalogue: Catalogue
    redact: Redact
    versions: Versions


class Outcome(StrEnum):
    """What a sync came to."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync found and did. `snapshot` is the live one after it.

    `documents` counts documents by source, `chunks` those of the whole snapshot. The other counts compare documents
    with the snapshot that was live before.
    """

    outcome: Outcome
    snapshot: str
    documents: Mapping[str, int]
    chunks: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = field(default=())

    def as_text(self) -> str:
        """Return the report on one line; the problems are only counted."""
        total = sum(self.documents.values())
        what = f"{self.added} added, {self.changed} changed, {self.removed} removed, {self.unchanged} unchanged"
        text = f"{self.outcome.value.capitalize()} {self.snapshot}: {total} documents ({what}), {self.chunks} chunks"
        return f"{text}, {len(self.problems)} problems." if self.problems else f"{text}."


def silent(done: int, total: int) -> None:
    """Tell nobody how far a sync has come."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to sync. `full` builds anew even if nothing changed; `source` narrows the report to one source."""

    full: bool = False
    source: str = ""
    progress: Progress = silent


_PLAIN = Options()


def sync(sources: Sequence[SourceSpec], parts: Parts, now: datetime, options: Options = _PLAIN) -> Report:
    """Read all sources and, where anything differs from the live snapshot, build and publish a new one.

    Every source is read, whichever is asked for: a snapshot holds them all. Where nothing changed, the index is asked
    for nothing but its fingerprint. The commit a document was read at does not count as a change of it.

    Raises BadSettings when a source cannot be read at all or none holds a document: the live snapshot stays.
    Raises what index and catalogue raise; then the half-built snapshot is dropped and the live one stays.
    """
    readings = _read(sources, parts.redact)
    metas = tuple(document.meta for reading in readings.values() for document in reading.documents)
    metas = tuple(sorted(metas, key=lambda meta: meta.id))
    content, fingerprint = manifest(metas), parts.versions.fingerprint(parts.index.fingerprint)
    live = parts.catalogue.live()
    before = parts.catalogue.documents(live.id) if live else ()
    if live and not options.full and (live.content, live.fingerprint) == (content, fingerprint):
        return _report(Outcome.UNCHANGED, live, (before, metas), readings, options.source)
    chunks = tuple(
        piece for reading in readings.values() for document in reading.documents for piece in chunk(document)
    )
    commits = {name: reading.commit for name, reading in readings.items() if reading.commit}
    identity = snapshot_id(now, content, fingerprint)
    with ExitStack() as undo:
        undo.callback(parts.index.drop, identity)
        parts.index.build(identity, chunks, options.progress)
        undo.pop_all()
    snapshot = Snapshot(identity, now, content, fingerprint, len(metas), len(chunks), commits)
    _publish(parts, Published(snapshot, metas))
    return _report(Outcome.PUBLISHED, snapshot, (before, metas), readings, options.source)


def _read(sources: Sequence[SourceSpec], redact: Redact) -> dict[str, Reading]:
    """Read each source, by name."""
    if len({spec.name for spec in sources}) < len(sources):
        raise BadSettings("Two sources have the same name.", mend="Give each of the [[sources]] its own `name`.")
    readings = {spec.name: read(spec, redact) for spec in sources}
    if not any(reading.documents for reading in readings.values()):
        raise BadSettings(
            "The sources hold no document that can be read; the index stays as it was.",
            reason="no-documents",
            mend="Check `path` and `exclude` of the [[sources]] in the settings.",
        )
    return readings


def _publish(parts: Parts, published: Published) -> None:
    """Record the snapshot. Where that fails it is dropped, unless the record says that it is live after all."""
    try:
        parts.catalogue.publish(published)
    except MiddlewatchError:
        live = parts.catalogue.live()
        if live is None or live.id != published.snapshot.id:
            parts.index.drop(published.snapshot.id)
        raise


def manifest(metas: Iterable[DocumentMeta]) -> str:
    """Return a hash over everything that is known of the documents but the commit they were read at."""
    digest = hashlib.sha256()
    for meta in sorted(metas, key=lambda meta: meta.id):
        known = asdict(meta) | {"readers": sorted(meta.readers), "commit": ""}
        digest.update(json.dumps(known, sort_keys=True, default=str).encode() + b"\n")
    return digest.hexdigest()


def snapshot_id(now: datetime, content: str, fingerprint: str) -> str:
    """Return an id that sorts by time and tells two snapshots of one moment apart."""
    short = hashlib.sha256(f"{content} {fingerprint}".encode()).hexdigest()[:8]
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{short}"


def _report(
    outcome: Outcome,
    snapshot: Snapshot,
    documents: tuple[Sequence[DocumentMeta], Sequence[DocumentMeta]],
    readings: Mapping[str, Reading],
    source: str,
) -> Report:
    """Compare the documents before and after: those of one source, or of all for ""."""
    old, new = (
        {meta.id: replace(meta, commit="") for meta in metas if source in ("", meta.source)} for metas in documents
    )
    asked = {name: reading for name, reading in readings.items() if source in ("", name)}
    same = sum(old.get(name) == meta for name, meta in new.items())
    return Report(
        outcome=outcome,
        snapshot=snapshot.id,
        documents={name: len(reading.documents) for name, reading in asked.items()},
        chunks=snapshot.chunks,
        added=len(new.keys() - old.keys()),
        changed=len(new.keys() & old.keys()) - same,
        removed=len(old.keys() - new.keys()),
        unchanged=same,
        problems=tuple(problem for reading in asked.values() for problem in reading.problems),
    )
