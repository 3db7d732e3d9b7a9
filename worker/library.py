"""What the documents say, as one audience may read it; a fault costs the documents, never the message."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Protocol

import structlog

from domain.access import Audience, Readers
from domain.alert import Alert, Incident
from domain.document import Evidence
from domain.errors import IndexMismatch, IndexMissing, IndexUnavailable, Leak, StoreUnavailable
from domain.snapshot import Snapshot
from worker.runs import Run
from worker.slack.card import headings_of
from worker.telemetry import Metrics

log = structlog.get_logger()

AT_ONCE = 2
"""How many searches run in a process: one computes, so that more only keep each other, and senders, waiting."""

_NOTES = {
    IndexMissing.reason: "No documents are indexed yet: run `middlewatch ingest`.",
    IndexMismatch.reason: "The index was built by another embedding model: run `middlewatch ingest --full`.",
    Leak.reason: "The documents are withheld: a check of who may read them failed. Operators were told.",
}
_UNSEARCHED = "The documents could not be searched; this message is without them."


class Catalogue(Protocol):
    """Which snapshot is live, and who may read what is in it."""

    def live(self) -> Snapshot | None:
        """Return the snapshot that answers queries."""

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is in the snapshot."""


class LiveReaders:
    """The readers of record of the live snapshot, whichever that is when they are asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Ask this catalogue."""
        self._catalogue = catalogue

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is there; one that is absent is for nobody."""
        live = self._catalogue.live()
        return self._catalogue.readers(live.id, document_ids) if live else {}


class Search(Protocol):
    """Finds documents."""

    def evidence(self, alert: Alert, audience: Audience) -> Evidence:
        """Return what the audience may read that answers the alert."""


class Library:
    """Searches for the lead alert of an incident."""

    def __init__(self, search: Callable[[], Search], metrics: Metrics, at_once: int = AT_ONCE) -> None:
        """`search` gives the search, which is built when it is first asked for.

        `at_once` is how many may run.
        """
        self._search = search
        self._metrics = metrics
        self._room = BoundedSemaphore(at_once)

    def evidence(self, incident: Incident, audience: Audience, run: Run) -> Evidence:
        """Return what this audience may read for the incident; on a fault none, with a note on the message."""
        try:
            with self._room:
                evidence = replace(self._search().evidence(incident.lead, audience), audience=audience)
        except (IndexMissing, IndexMismatch, IndexUnavailable, StoreUnavailable, Leak) as error:
            if isinstance(error, Leak):
                log.error("the index gave a document outside the audience; nothing of it is shown", action="leak")
                self._metrics.count("middlewatch_leaks_total")
            else:
                log.error("the documents could not be searched", action="search_failed", reason=error.reason)
            run.notes.append(_NOTES.get(error.reason, _UNSEARCHED))
            return Evidence()
        run.snapshot, run.headings = evidence.snapshot, headings_of(evidence)
        run.passages = [p.chunk.id for hit in (*evidence.runbooks, *evidence.postmortems) for p in hit.passages]
        return evidence
