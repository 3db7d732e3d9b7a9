"""One incident through the pipeline as one channel would see it; nothing is stored or posted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.alert import Incident
from domain.summary import Summary
from worker.decide import Decision
from worker.desk import Changes, recent_changes
from worker.pipeline import Library, Summarizer
from worker.route import Channel
from worker.runs import Run
from worker.slack.card import Card
from worker.slack.message import Message, compose


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the channel would be shown, and what became of the language model's attempt."""

    summary: Summary
    message: Message
    snapshot: str
    model_outcome: str


class Rehearse:
    """Takes an incident through the same collaborators as the pipeline does."""

    def __init__(
        self, library: Library, summarizer: Summarizer, changes: Changes, clock: Callable[[], datetime]
    ) -> None:
        """Every collaborator is given; `wiring` chooses them."""
        self._library = library
        self._summarizer = summarizer
        self._changes = changes
        self._clock = clock

    def __call__(self, incident: Incident, channel: Channel) -> Rehearsal:
        """Return what the channel would be shown."""
        run = Run("rehearsal", self._clock(), incident, channel, Decision.NEW)
        evidence = self._library.evidence(incident, channel.audience, run)
        first = self._summarizer.first(incident, evidence)
        attempt = self._summarizer.improved(incident, evidence, first)
        summary = run.asked(attempt) or first
        card = Card(
            incident=incident,
            summary=summary,
            now=self._clock(),
            changes=recent_changes(self._changes, incident, channel.audience),
            notes=tuple(run.notes),
            headings=run.headings,
        )
        return Rehearsal(summary, compose(card), run.snapshot, attempt.outcome.value)
