"""Sources only one person may see: found as that person, shown to that person alone, kept nowhere.

The answer holds what the person may read and the message's channel may not. Whoever is not known to be a member of
the workspace gets the same words as somebody for whom there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from domain.access import Audience, Readers
from domain.alert import Incident
from domain.document import Evidence, Hit
from domain.errors import BadSettings, IndexMissing, Leak, MiddlewatchError
from domain.summary import Summary
from retrieval.query import from_alert
from retrieval.search import MOST_POSTMORTEMS, MOST_RUNBOOKS, Search
from worker.membership import Held, Person
from worker.route import Channel
from worker.slack.card import Card, headings_of
from worker.slack.message import Message, compose
from worker.slack.private import Press
from worker.store.messages import Message as Posted
from worker.store.messages import Place
from worker.telemetry import Metrics

log = structlog.get_logger()

NOTHING = "Nothing more for you."
LEAD = "Only you can see this: sources that you may read and this channel may not."
_LOOKED_AT = 50


class Incidents(Protocol):
    """The incidents of record."""

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident, or None."""


class Messages(Protocol):
    """What channels were told."""

    def last(self, place: Place) -> Posted | None:
        """Return a channel's message about an incident, or None."""


class People(Protocol):
    """Slack's record of people."""

    def person(self, user_id: str) -> Person:
        """Return what somebody is."""


class ReadersOfRecord(Protocol):
    """Who may read which document, in the snapshot that is live."""

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is there."""


class Whisper(Protocol):
    """Slack, to one person."""

    def whisper(self, channel_id: str, user_id: str, message: Message) -> None:
        """Show a message in a channel to one person alone."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the answer comes from; nothing of it is kept."""

    incidents: Incidents
    messages: Messages
    readers: ReadersOfRecord
    search: Callable[[], Search]


@dataclass(frozen=True, slots=True)
class Who:
    """What says who somebody is, what they hold, and who reads a channel."""

    people: People
    holders: Callable[[], Held]
    channel: Callable[[str], Channel]


class Private:
    """Answers one person."""

    def __init__(
        self,
        shelves: Shelves,
        who: Who,
        extract: Callable[[Incident, Evidence], Summary],
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """`extract` makes a summary without a language model: no model is shown what one person may see."""
        self._shelves = shelves
        self._who = who
        self._extract = extract
        self._metrics = metrics
        self._clock = clock

    def answer(self, press: Press, slack: Whisper) -> None:
        """Show the person who pressed the button what they may see beyond the channel.

        Raises:
            Refused, SlackUnavailable: Slack did not take the answer.
        """
        message = self.view(press) if self._stands(press) else None
        self._metrics.count("middlewatch_private_answers_total", outcome="shown" if message else "nothing")
        slack.whisper(press.seen_in, press.user, message or Message(NOTHING, (), ()))

    def view(self, press: Press) -> Message | None:
        """Return what the person may see beyond the channel; None where there is nothing, or on any fault."""
        try:
            return self._view(press)
        except (MiddlewatchError, BadSettings) as error:
            if isinstance(error, Leak):
                self._metrics.count("middlewatch_leaks_total")
            log.warning("a person could not be answered", action="private_failed", reason=error.reason)
            return None

    def _stands(self, press: Press) -> bool:
        """Tell whether the button stands under a message of ours: Slack says where it was pressed."""
        try:
            channel = self._who.channel(press.place.channel_id)
        except BadSettings:
            return False
        message = self._shelves.messages.last(press.place)
        return message is not None and message.ts == press.ts and channel.post_to == press.seen_in

    def _view(self, press: Press) -> Message | None:
        incident = self._shelves.incidents.get(press.place.incident_id)
        if incident is None:
            return None
        person = self._person(press.user)
        if not person.groups:
            return None
        evidence = self._evidence(incident, person, self._who.channel(press.place.channel_id).audience)
        summary = self._extract(incident, evidence)
        if not summary.claims:
            return None
        notes = (LEAD,)
        card = Card(incident, summary, self._clock(), changes_asked=False, notes=notes, headings=headings_of(evidence))
        return compose(card)

    def _person(self, user: str) -> Audience:
        """Return what a person reads as; nobody for whoever is no member."""
        if self._who.people.person(user) is not Person.MEMBER:
            return Audience.nobody()
        held = self._who.holders().get(user)
        return Audience.of(held) if held else Audience.nobody()

    def _evidence(self, incident: Incident, person: Audience, channel: Audience) -> Evidence:
        try:
            ranking = self._shelves.search().ranking(from_alert(incident.lead), person, _LOOKED_AT)
        except IndexMissing:
            return Evidence()
        floors = ranking.floors
        runbooks = [hit for hit in ranking.runbooks if hit.score >= floors.runbook]
        past = [hit for hit in ranking.postmortems if hit.score >= floors.postmortem]
        names = [hit.meta.id for hit in (*runbooks, *past)]
        readers = self._shelves.readers.readers(names) if names else {}

        def hidden(hit: Hit) -> bool:
            who = readers.get(hit.meta.id, frozenset())
            return person.may_read(who) and not channel.may_read(who)

        return Evidence(
            runbooks=tuple(filter(hidden, runbooks))[:MOST_RUNBOOKS],
            postmortems=tuple(filter(hidden, past))[:MOST_POSTMORTEMS],
            snapshot=ranking.snapshot,
        )
