"""The sync of the sources as one job: one at a time in the whole installation, and told in numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from domain.errors import MiddlewatchError, Unavailable
from ingest.report import Report
from ingest.run import Options, Parts, Progress, silent, sync
from ingest.sources import SourceSpec
from worker.telemetry import Metrics

log = structlog.get_logger()

_LOCK = "ingest"


class Locks(Protocol):
    """Locks that one process holds against all others."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a lock; False: somebody else has it."""

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Hold a lock for longer."""

    def release(self, name: str, owner: str) -> None:
        """Give a lock back."""


class Busy(Unavailable):
    """Another process is changing the index."""

    reason = "ingest-running"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who changes the index, with which locks, by which clock; a dead one loses its lock after `lease`."""

    locks: Locks
    owner: str
    clock: Callable[[], datetime]
    lease: timedelta

    @contextmanager
    def alone(self) -> Iterator[Callable[[], None]]:
        """Be the only one to change the index; what is given raises Busy once that no longer holds.

        Raises:
            Busy: another process is at it.
        """
        if not self.locks.acquire(_LOCK, self.owner, self.clock(), self.lease):
            raise _busy(self.lease)
        ended, lost = threading.Event(), threading.Event()
        keeper = threading.Thread(target=self._keep, args=(ended, lost), name="keep-lock", daemon=True)
        keeper.start()

        def check() -> None:
            if lost.is_set():
                raise _busy(self.lease)

        try:
            yield check
        finally:
            ended.set()
            keeper.join()
            self.locks.release(_LOCK, self.owner)

    def _keep(self, ended: threading.Event, lost: threading.Event) -> None:
        """Hold the lock for longer, again and again; a database that is away for a moment is asked again."""
        while not ended.wait(self.lease.total_seconds() / 4):
            try:
                if not self.locks.renew(_LOCK, self.owner, self.clock(), self.lease):
                    lost.set()
            except MiddlewatchError as error:
                log.warning("the lock could not be renewed", action="ingest_lock", reason=error.reason)


def _busy(lease: timedelta) -> Busy:
    seconds = lease.total_seconds()
    return Busy("Another process is ingesting.", mend=f"Wait for it; after a crash its lock ends in {seconds:.0f} s.")


class Ingesting:
    """Syncs the sources, if nobody else does."""

    def __init__(self, sources: Sequence[SourceSpec], parts: Parts, holder: Holder, metrics: Metrics) -> None:
        """Everything is given; `wiring` chooses it."""
        self._sources = sources
        self._parts = parts
        self._holder = holder
        self._metrics = metrics
        self.calling: Callable[[SourceSpec], None] = lambda spec: None
        """Hears of each source that is about to be read, and may refuse it."""

    def run(self, *, full: bool = False, source: str = "", progress: Progress = silent) -> Report:
        """Sync, and return what it came to.

        Raises:
            Busy: another process is ingesting.
            BadSettings: a source cannot be read at all; the live snapshot stays.
        """
        with self._holder.alone() as check:

            def told(done: int, total: int) -> None:
                check()
                progress(done, total)

            for spec in self._sources:
                if not source or spec.name == source:
                    self.calling(spec)
            report = sync(self._sources, self._parts, self._holder.clock(), Options(full, source, told))
        self._tell(report)
        return report

    def asked(self, source: str, again: Callable[[str, timedelta], None]) -> None:
        """Sync on schedule (no `source`), or because a source was pushed to; no sources, nothing to do.

        That somebody else syncs is no failure. It may have read the source before the push, so a push asks `again`
        for later; the schedule comes by itself.
        """
        if not self._sources:
            return
        try:
            self.run()
        except Busy:
            log.info("another process is ingesting", action="ingest_busy")
            if source:
                again(source, self._holder.lease)

    def _tell(self, report: Report) -> None:
        for source, count in report.documents.items():
            problems = sum(problem.path.split("/", 1)[0] == source for problem in report.problems)
            self._metrics.set("middlewatch_ingest_documents", count, source=source)
            self._metrics.set("middlewatch_ingest_problems", problems, source=source)
        log.info("the sources are synced", action="ingest", outcome=report.outcome.value, snapshot=report.snapshot)
        if not report.guarded:
            log.warning("no golden query guards the index", action="index_unguarded", snapshot=report.snapshot)


def report_json(report: Report) -> dict[str, Any]:
    """Return the object that `ingest --json` prints."""
    return {
        "outcome": report.outcome.value,
        "snapshot": report.snapshot,
        "refused": report.refused,
        "held": report.held,
        "guarded": report.guarded,
        "documents": dict(report.documents),
        "chunks": report.chunks,
        **asdict(report.changes),
        "problems": [{"path": problem.path, "reason": problem.reason} for problem in report.problems],
        "verdict": asdict(report.judgement) if report.judgement else None,
    }
