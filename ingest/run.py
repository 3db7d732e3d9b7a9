"""Bring the index up to date with its sources: read everything, and build a new snapshot where anything changed.

A snapshot is always built whole, beside the live one, so documents that are gone are gone from it and a failure
leaves the live one as it was. It is cheap all the same: the vectors of chunks that did not change come from the
index's own cache. It goes live only if the gate lets it. It is on record from before it is built until it is
forgotten, so that whatever a killed sync leaves behind is found by the next one. Only one sync may run at a time;
whoever calls sees to that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol

from domain.access import Ruling
from domain.document import Chunk, DocumentMeta
from domain.errors import BadSettings
from domain.snapshot import Judgement, Published, Record, Snapshot, State
from ingest.chunking import CHUNKER_VERSION, chunk
from ingest.report import Changes, Outcome, Report
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

    def live_record(self) -> Record | None:
        """Return the record of the snapshot that answers queries."""

    def same(self, content: str, fingerprint: str) -> Record | None:
        """Return the newest finished snapshot of exactly these documents, built in exactly this way."""

    def unfinished(self) -> tuple[str, ...]:
        """Return the snapshots that were begun and came to no end."""

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        """Return the documents of a snapshot."""

    def rule(self, rulings: Mapping[str, Ruling]) -> None:
        """Let these rulings hold at once, in every snapshot: they narrow what it was built with, and never widen it."""

    def begin(self, published: Published) -> None:
        """Record a snapshot that is about to be built."""

    def publish(self, snapshot_id: str, judgement: Judgement, now: datetime) -> None:
        """Make a snapshot the live one, in one transaction."""

    def refuse(self, snapshot_id: str, judgement: Judgement) -> None:
        """Record that a snapshot may not go live."""

    def forget(self, snapshot_id: str) -> None:
        """Take a snapshot that is not live off the record."""


class Gate(Protocol):
    """Says whether a snapshot may go live."""

    @property
    def policy(self) -> str:
        """A hash over what snapshots are judged by. Raises where that cannot be read."""

    def judge(self, snapshot: Snapshot, live: Snapshot | None) -> Judgement:
        """Run the golden queries on a snapshot that is built and not live."""


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
    """What a sync works with; the gate is asked for only where something is built."""

    index: Index
    catalogue: Catalogue
    redact: Redact
    versions: Versions
    gate: Callable[[], Gate]


def silent(done: int, total: int) -> None:
    """Tell nobody how far a sync has come."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to sync. `full` builds anew even if nothing changed; `source` narrows the report to one source."""

    full: bool = False
    source: str = ""
    progress: Progress = silent


_PLAIN = Options()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the sources hold now, and the hashes it is known by."""

    readings: Mapping[str, Reading]
    metas: tuple[DocumentMeta, ...]
    content: str
    fingerprint: str

    def snapshot(self, now: datetime, chunks: int) -> Snapshot:
        """Return the snapshot that this makes."""
        commits = {name: reading.commit for name, reading in self.readings.items() if reading.commit}
        identity = snapshot_id(now, self.content, self.fingerprint)
        return Snapshot(identity, now, self.content, self.fingerprint, len(self.metas), chunks, commits)

    def is_in(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot would give the same answers."""
        return (snapshot.content, snapshot.fingerprint) == (self.content, self.fingerprint)


def sync(sources: Sequence[SourceSpec], parts: Parts, now: datetime, options: Options = _PLAIN) -> Report:
    """Read all sources and, where anything differs from the live snapshot, build a new one and publish it if it may.

    Who may read what holds from the moment the sources are read, whatever becomes of the snapshot. Every source is
    read, whichever is asked for: a snapshot holds them all. Where nothing changed, the index is asked
    for nothing but its fingerprint. The commit a document was read at does not count as a change of it. Documents
    that were refused or taken back are not built again, unless what they are judged by has changed.

    Raises BadSettings when a source cannot be read at all or none holds a document: the live snapshot stays.
    Raises what index, catalogue and gate raise; then the half-built snapshot is dropped and the live one stays.
    """
    _clear(parts)
    found = _read(sources, parts)
    parts.catalogue.rule({name: why for reading in found.readings.values() for name, why in reading.rulings.items()})
    live = parts.catalogue.live_record()
    before = parts.catalogue.documents(live.snapshot.id) if live else ()
    standing = None if options.full else _standing(parts, live, found)
    record = standing or _built(parts, live, found, (now, options.progress))
    asked = {name: reading for name, reading in found.readings.items() if options.source in ("", name)}
    sides = ([meta for meta in metas if options.source in ("", meta.source)] for metas in (before, found.metas))
    refused = record.state is not State.LIVE
    return Report(
        outcome=Outcome.REFUSED if refused else Outcome.UNCHANGED if standing else Outcome.PUBLISHED,
        snapshot=(live.snapshot.id if live else "") if refused else record.snapshot.id,
        documents={name: len(reading.documents) for name, reading in asked.items()},
        chunks=record.snapshot.chunks,
        changes=Changes.between(*sides),
        problems=tuple(problem for reading in asked.values() for problem in reading.problems),
        judgement=record.judgement,
        refused=record.snapshot.id if refused else "",
        held=record.held,
    )


def _clear(parts: Parts) -> None:
    """Drop what a sync that was killed left behind."""
    for snapshot in parts.catalogue.unfinished():
        parts.index.drop(snapshot)
        parts.catalogue.forget(snapshot)


def _read(sources: Sequence[SourceSpec], parts: Parts) -> _Found:
    """Read each source."""
    if len({spec.name for spec in sources}) < len(sources):
        raise BadSettings("Two sources have the same name.", mend="Give each of the [[sources]] its own `name`.")
    readings = {spec.name: read(spec, parts.redact) for spec in sources}
    metas = tuple(document.meta for reading in readings.values() for document in reading.documents)
    if not metas:
        raise BadSettings(
            "The sources hold no document that can be read; the index stays as it was.",
            reason="no-documents",
            mend="Check `path` and `exclude` of the [[sources]] in the settings.",
        )
    metas = tuple(sorted(metas, key=lambda meta: meta.id))
    return _Found(readings, metas, manifest(metas), parts.versions.fingerprint(parts.index.fingerprint))


def _standing(parts: Parts, live: Record | None, found: _Found) -> Record | None:
    """Return the snapshot of these documents that settles what becomes of them; None: build one."""
    if live and found.is_in(live.snapshot):
        return live
    same = parts.catalogue.same(found.content, found.fingerprint)
    if same is None or same.held:
        return same
    refused = same.judgement if same.state is State.REFUSED else None
    return same if refused and refused.policy == parts.gate().policy else None


def _built(parts: Parts, live: Record | None, found: _Found, how: tuple[datetime, Progress]) -> Record:
    """Build a snapshot, have it judged, and publish it or not."""
    _ = parts.gate().policy  # golden queries that cannot be read are told of before anything is built
    now, progress = how
    pieces = (chunk(document) for reading in found.readings.values() for document in reading.documents)
    chunks = tuple(piece for document in pieces for piece in document)
    snapshot = found.snapshot(now, len(chunks))
    parts.catalogue.begin(Published(snapshot, found.metas))
    with ExitStack() as undo:
        undo.callback(parts.catalogue.forget, snapshot.id)
        undo.callback(parts.index.drop, snapshot.id)
        parts.index.build(snapshot.id, chunks, progress)
        judgement = parts.gate().judge(snapshot, live.snapshot if live else None)
        undo.pop_all()
    if not judgement.passed:
        parts.catalogue.refuse(snapshot.id, judgement)
        return Record(snapshot, State.REFUSED, judgement)
    parts.catalogue.publish(snapshot.id, judgement, now)
    return Record(snapshot, State.LIVE, judgement, now)


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
