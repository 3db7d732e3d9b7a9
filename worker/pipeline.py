"""The story of an incident: decide, retrieve, summarize, deliver, remember."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.access import Audience
from domain.alert import Incident
from domain.document import Evidence
from domain.errors import MiddlewatchError
from domain.summary import Summary
from summarizer.summarize import Attempt
from worker.decide import SUMMARIZING, Decision, Shown, decide
from worker.route import Channel, route
from worker.runs import Run, Runs


class Library(Protocol):
    """What the documents say."""

    def evidence(self, incident: Incident, audience: Audience, run: Run) -> Evidence:
        """Return what this audience may read for the incident; a fault is noted in the run, not raised."""


class Summarizer(Protocol):
    """The ladder."""

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model."""

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        """Ask the language model for a better one."""


class Desk(Protocol):
    """The channel's message: one per incident, edited in place."""

    def shown(self, incident: Incident, channel: Channel) -> Shown | None:
        """Return what the channel's message says, None where there is none."""

    def kept(self, incident: Incident, channel: Channel) -> Summary | None:
        """Return the last summary shown, where the channel may still read everything it cites."""

    def deliver(self, incident: Incident, channel: Channel, summary: Summary, run: Run) -> None:
        """Post the message, or edit the one that is there."""


class Pipeline:
    """Takes an incident to every channel that is to know of it."""

    def __init__(
        self, library: Library, summarizer: Summarizer, desk: Desk, runs: Runs, channels: Sequence[Channel]
    ) -> None:
        """Every collaborator is given; `wiring` chooses them."""
        self._library = library
        self._summarizer = summarizer
        self._desk = desk
        self._runs = runs
        self._channels = channels

    def handle(self, incident: Incident) -> None:
        """Tell every channel; one that fails does not keep the others from knowing.

        Raises the MiddlewatchError of a channel, one worth another try first, after every channel had its turn.
        """
        failures: list[MiddlewatchError] = []
        for channel in route(incident, self._channels):
            try:
                self.tell(incident, channel)
            except MiddlewatchError as error:
                failures.append(error)
        if failures:
            raise min(failures, key=lambda error: not error.retryable)

    def tell(self, incident: Incident, channel: Channel) -> Decision:
        """Bring one channel's message up to date, and record the run."""
        decision = decide(incident, self._desk.shown(incident, channel))
        if decision is Decision.REPEAT:
            return decision
        with self._runs.open(incident, channel, decision) as run:
            with run.step("retrieve"):
                evidence = self._library.evidence(incident, channel.audience, run)
            with run.step("summarize"):
                summary = self._desk.kept(incident, channel) if decision not in SUMMARIZING else None
                first = summary or self._summarizer.first(incident, evidence)
            with run.step("deliver"):
                self._desk.deliver(incident, channel, first, run)
            if decision in SUMMARIZING:
                self._improve(run, evidence, first)
        return decision

    def _improve(self, run: Run, evidence: Evidence, first: Summary) -> None:
        with run.step("model"):
            attempt = self._summarizer.improved(run.incident, evidence, first)
        run.asked(attempt)
        if attempt.summary is not None:
            with run.step("edit"):
                self._desk.deliver(run.incident, run.channel, attempt.summary, run)
