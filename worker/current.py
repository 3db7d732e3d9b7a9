"""The language model, left alone where the incident has resolved meanwhile: no queued work for what is over."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from domain.alert import Incident, Status
from domain.document import Evidence
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from worker.pressure.spared import Ladder

log = structlog.get_logger()


class Current:
    """A ladder whose upper rungs are climbed for incidents that still fire."""

    def __init__(self, ladder: Ladder, latest: Callable[[str], Incident | None]) -> None:
        """`latest` returns an incident as it stands now."""
        self._ladder = ladder
        self._latest = latest

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model."""
        return self._ladder.first(incident, evidence)

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        """Ask the language model for a better one, unless the incident is over by now.

        One that has merely changed is asked about: its next run keeps these words and asks no more.
        """
        now = self._latest(incident.id)
        if now is None or now.status is Status.RESOLVED:
            log.info("the incident is over: no model is asked", action="model_not_asked")
            return Attempt(Outcome.OFF, "resolved")
        return self._ladder.improved(incident, evidence, first)
