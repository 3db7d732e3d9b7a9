"""The story of an incident: decide, retrieve, summarize, deliver, remember."""

from __future__ import annotations

from typing import Protocol

from domain.access import Audience
from domain.alert import Incident
from domain.document import Evidence
from domain.summary import Summary
from summarizer.summarize import Attempt
from worker.decide import SUMMARIZING, Decision
from worker.pressure.turns import not_yet
from worker.route import Channel
from worker.runs import Run, Runs
from worker.telling import Telling


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

    def kept(self, incident: Incident, channel: Channel) -> Summary | None:
        """Return the last summary shown, where the channel may still read everything it cites."""

    def deliver(self, summary: Summary, run: Run) -> None:
        """Post the message of the run's channel, or edit the one that is there."""

    def settle(self, run: Run) -> None:
        """Keep that the language model had nothing to add."""


class Pipeline:
    """Takes an incident to every channel that is to know of it."""

    def __init__(self, library: Library, summarizer: Summarizer, desk: Desk, runs: Runs, telling: Telling) -> None:
        """Every collaborator is given; `wiring` chooses them."""
        self._library = library
        self._summarizer = summarizer
        self._desk = desk
        self._runs = runs
        self._telling = telling

    def handle(self, incident: Incident) -> None:
        """Tell every channel, and only then ask the model: no first message waits for an answer to another.

        One that fails, or whose turn comes later, keeps no other from knowing; the retryable is raised."""
        told = self._telling.of(incident)
        runs = [self._runs.begin(incident, channel, decision) for channel, decision in told.now]
        with self._runs.recorded(runs):
            for stage in (self._tell, self._improve):
                for run in runs:
                    with run.going_on():
                        stage(run)
        failures = [run.failure for run in runs if run.failure]
        failures += [not_yet(wait_s) for wait_s in sorted({told.wait_s, *(run.wait_s for run in runs)} - {0.0})]
        if failures:
            raise min(failures, key=lambda failure: not failure.retryable)

    def _tell(self, run: Run) -> None:
        with run.step("retrieve"):
            run.evidence = self._library.evidence(run.incident, run.channel.audience, run)
        with run.step("summarize"):
            kept = None if run.decision in SUMMARIZING else self._desk.kept(run.incident, run.channel)
            run.first = kept or self._summarizer.first(run.incident, run.evidence)
        run.owed = self._telling.owed(run.incident, run.channel, run.decision)
        if run.decision is not Decision.OWED:
            with run.step("deliver"):
                self._desk.deliver(run.first, run)

    def _improve(self, run: Run) -> None:
        if run.owed and not run.failure:
            run.wait_s = self._telling.wait_s(run.incident, run.channel, run.decision)
        if run.failure or run.first is None or run.wait_s or run.decision not in SUMMARIZING:
            return
        with run.step("model"):
            better = run.asked(self._summarizer.improved(run.incident, run.evidence, run.first))
        owed, run.owed = run.owed, False
        if better is not None:
            with run.step("edit"):
                self._desk.deliver(better, run)
        elif owed:
            self._desk.settle(run)
