"""The sync of the sources as one job: one at a time in the whole installation, and told in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from domain.errors import Unavailable
from ingest.run import Options, Parts, Progress, Report, silent, sync
from ingest.sources import SourceSpec
from worker.telemetry import Metrics

log = structlog.get_logger()

_LOCK = "ingest"
_LEASE = timedelta(minutes=5)


class Locks(Protocol):
    """Locks that one process holds against all others."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a lock; False: somebody else has it."""

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Hold a lock for longer."""

    def release(self, name: str, owner: str) -> None:
        """Give a lock back."""


class Busy(Unavailable):
    """Another process is ingesting."""

    reason = "ingest-running"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who ingests, with which locks, by which clock."""

    locks: Locks
    owner: str
    clock: Callable[[], datetime]


class Ingesting:
    """Syncs the sources, if nobody else does."""

    def __init__(self, sources: Sequence[SourceSpec], parts: Parts, holder: Holder, metrics: Metrics) -> None:
        """Everything is given; `wiring` chooses it."""
        self._sources = sources
        self._parts = parts
        self._holder = holder
        self._metrics = metrics

    def run(self, *, full: bool = False, source: str = "", progress: Progress = silent) -> Report:
        """Sync, and return what it came to.

        Raises:
            Busy: another process is ingesting.
            BadSettings: a source cannot be read at all; the live snapshot stays.
        """
        holder = self._holder
        if not holder.locks.acquire(_LOCK, holder.owner, holder.clock(), _LEASE):
            raise Busy("Another process is ingesting.", mend="Wait for it; after a crash its lock ends in 5 minutes.")
        try:
            report = sync(self._sources, self._parts, holder.clock(), Options(full, source, self._holding(progress)))
        finally:
            holder.locks.release(_LOCK, holder.owner)
        self._tell(report)
        return report

    def scheduled(self) -> None:
        """Sync on schedule: where there is nothing to sync, or somebody does, that is not a failure."""
        if not self._sources:
            return
        try:
            self.run()
        except Busy:
            log.info("another process is ingesting", action="ingest_busy")

    def _holding(self, progress: Progress) -> Progress:
        """Hold the lock for as long as there is progress."""

        def told(done: int, total: int) -> None:
            self._holder.locks.renew(_LOCK, self._holder.owner, self._holder.clock(), _LEASE)
            progress(done, total)

        return told

    def _tell(self, report: Report) -> None:
        for source, count in report.documents.items():
            problems = sum(problem.path.split("/", 1)[0] == source for problem in report.problems)
            self._metrics.set("middlewatch_ingest_documents", count, source=source)
            self._metrics.set("middlewatch_ingest_problems", problems, source=source)
        log.info("the sources are synced", action="ingest", outcome=report.outcome.value, snapshot=report.snapshot)


def report_json(report: Report) -> dict[str, Any]:
    """Return the object that `ingest --json` prints."""
    return {
        "outcome": report.outcome.value,
        "snapshot": report.snapshot,
        "documents": dict(report.documents),
        "chunks": report.chunks,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "problems": [{"path": problem.path, "reason": problem.reason} for problem in report.problems],
    }
