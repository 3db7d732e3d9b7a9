"""Records each run that is over, so that it can be replayed. What could not be recorded fails nothing, and is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog

from domain.errors import MiddlewatchError
from worker.recording import Recording, as_json, packed, with_attempt
from worker.runs import Run
from worker.store.recordings import Kept
from worker.store.runs import RunRecord
from worker.telemetry import Metrics

log = structlog.get_logger()


class Shelf(Protocol):
    """Where recordings are kept."""

    def keep(self, kept: Kept) -> None:
        """Keep a run."""


class Recorder:
    """Keeps what a run was made from."""

    def __init__(
        self, shelf: Shelf, redact: Callable[[str], str], metrics: Metrics, settings: Mapping[str, Any]
    ) -> None:
        """`settings` are those that shaped the questions to the models; `redact` goes over every text once more."""
        self._shelf = shelf
        self._redact = redact
        self._metrics = metrics
        self._settings = dict(settings)

    def __call__(self, run: Run, record: RunRecord) -> None:
        """Record a run."""
        try:
            self._shelf.keep(kept(recorded(run, record, self._settings), self._redact))
        except MiddlewatchError as error:
            self._metrics.count("middlewatch_recordings_total", outcome=error.reason)
            log.error("the run was not recorded", action="not_recorded", reason=error.reason)
            return
        self._metrics.count("middlewatch_recordings_total", outcome="kept")


def recorded(run: Run, record: RunRecord, settings: Mapping[str, Any]) -> Recording:
    """Return all that a run was made from."""
    recording = Recording(
        run_id=run.id,
        at=run.started,
        incident=run.incident,
        channel_id=run.channel.id,
        audience=run.channel.audience,
        decision=run.decision,
        evidence=run.evidence,
        headings=run.headings,
        editions=tuple(run.editions),
        versions=record.versions,
        settings=settings,
    )
    return with_attempt(recording, run.attempt, run.first)


def kept(recording: Recording, redact: Callable[[str], str]) -> Kept:
    """Return a recording as it is kept: redacted and compressed.

    Raises:
        MiddlewatchError: the redactor failed.
    """
    body = packed(as_json(recording, redact))
    documents = recording.documents
    return Kept(recording.run_id, recording.at, recording.incident.id, recording.channel_id, documents, body)
