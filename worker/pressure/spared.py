"""The language model, spared while we are hard pressed: a message that is quoted word for word is a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from domain.alert import Incident, Severity
from domain.document import Evidence
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from worker.pressure.level import Level, Standing
from worker.telemetry import Metrics


class Ladder(Protocol):
    """The ladder."""

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model."""

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        """Ask the language model for a better one."""


class Spared:
    """A ladder whose upper rungs are for critical incidents alone while there is too much to do."""

    def __init__(self, ladder: Ladder, stands: Callable[[], Standing], metrics: Metrics) -> None:
        """`stands` says how hard pressed we are."""
        self._ladder = ladder
        self._stands = stands
        self._metrics = metrics

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model."""
        return self._ladder.first(incident, evidence)

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        """Ask the language model for a better one, where there is time for it."""
        if incident.severity is not Severity.CRITICAL and self._stands().level is not Level.CALM:
            self._metrics.count("middlewatch_shed_total", sender=incident.sender, what="model")
            return Attempt(Outcome.OFF, "under-pressure")
        return self._ladder.improved(incident, evidence, first)
