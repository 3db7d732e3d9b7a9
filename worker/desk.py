"""The channel's message about an incident: what it says, and what was said. `posting` brings it there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from pydantic import TypeAdapter

from domain.access import Audience
from domain.alert import Change, Incident
from domain.errors import MiddlewatchError, SlackUnavailable
from domain.summary import Summary
from worker.decide import NOTIFYING, SUMMARIZING, Decision, Shown
from worker.posting import Post, Posting, Said
from worker.readers.fit import SUMMARIES, Check, Fit, documents_of, named_in, rests_on
from worker.readers.withhold import withhold
from worker.recording import edition_of
from worker.route import Channel
from worker.runs import Run
from worker.slack.card import Card
from worker.slack.message import Message, compose
from worker.store.messages import Begun, Body, Messages, Place
from worker.store.messages import Message as Posted

CHANGES_WINDOW = timedelta(hours=1)
_SHOWN = TypeAdapter(Shown)


class Changes(Protocol):
    """What somebody did to a service."""

    def before(
        self, audience: Audience, services: Collection[str], at: datetime, window: timedelta
    ) -> tuple[Change, ...]:
        """Return the changes to these services in the window up to `at` that the audience may read."""


@dataclass(frozen=True, slots=True)
class Drawers:
    """Where the desk keeps and finds things, and what it asks before it shows any of them."""

    messages: Messages
    changes: Changes
    check: Check
    finish: Callable[[Message, Place], Message] = lambda message, _: message


class Desk:
    """Brings one channel's message to what it should say."""

    def __init__(self, post: Post, drawers: Drawers, posting: Posting, clock: Callable[[], datetime]) -> None:
        """`posting` brings messages to `post`, replies go there by themselves; `drawers` is where all is remembered."""
        self._post = post
        self._messages = drawers.messages
        self._posting = posting
        self._changes = drawers.changes
        self._check, self._finish = drawers.check, drawers.finish
        self._clock = clock

    def begun(self, incident: Incident, channel: Channel) -> bool:
        """Tell whether the channel has a message about the incident, or may have one."""
        message = self._messages.last(Place(channel.id, incident.id))
        return message is not None and message.state is not Begun.FRESH

    def shown(self, incident: Incident, channel: Channel) -> Shown | None:
        """Return what the channel's message says, None where there is none."""
        message = self._messages.last(Place(channel.id, incident.id))
        if message is None or message.newest is None:
            return None
        memory = message.newest.body.memory
        return replace(_SHOWN.validate_python(memory["shown"]), outdated=self._check.outdated(memory, channel))

    def kept(self, incident: Incident, channel: Channel) -> Summary | None:
        """Return the last summary shown, where the channel may still read all that it names and was made from."""
        message = self._messages.last(Place(channel.id, incident.id))
        if message is None or message.newest is None:
            return None
        memory = message.newest.body.memory
        if not self._check.may_read(self._check.audience(channel), rests_on(memory)):
            return None
        return SUMMARIES.validate_python(memory["summary"])

    def settle(self, run: Run) -> None:
        """Keep that the language model was asked, and had nothing to add to what the message says."""
        place = Place(run.channel.id, run.incident.id)
        message = self._messages.last(place)
        if message and message.newest and message.newest.body.version == run.incident.version:
            memory = message.newest.body.memory
            self._messages.remember(place, message.seq, {**memory, "shown": {**memory["shown"], "owed": False}})

    def deliver(self, summary: Summary, run: Run) -> None:
        """Post the message, or edit the one that is there.

        Raises:
            SlackUnavailable: Slack did not take it, or may have; it is to be tried again.
            Refused: Slack said a final no.
        """
        place = Place(run.channel.id, run.incident.id)
        posted = self._posting.bring(run.channel, place, partial(self._said, summary, run), partial(self._edited, run))
        if posted is not None:
            run.delivered(summary, posted.ts, self._clock(), first=posted.newest is None)
            if posted.newest is not None:
                withhold(self._messages, self._check, run.channel, place)

    def _said(self, summary: Summary, run: Run) -> Said:
        """Return the message as it may be shown at this moment."""
        fit = self._check.fit(summary, run)
        card = self._card(fit.summary, run, fit.audience)
        message = compose(card)
        run.showing = edition_of(card, message, summary.rung.by_model and summary is not run.first, fit.unreadable)
        message = self._finish(message, Place(run.channel.id, run.incident.id))
        given = documents_of(run.evidence)
        if run.decision not in SUMMARIZING and run.decision is not Decision.READERS:
            given |= self._given(Place(run.channel.id, run.incident.id))
        return message, _body(fit, message, run, given)

    def _given(self, place: Place) -> frozenset[str]:
        """Return the documents that the summary which is kept was made from."""
        message = self._messages.last(place)
        return frozenset(message.newest.body.memory.get("given", ())) if message and message.newest else frozenset()

    def _edited(self, run: Run, posted: Posted) -> None:
        if run.decision in NOTIFYING:
            self._notify(run, posted)

    def _notify(self, run: Run, posted: Posted) -> None:
        """Say in the thread what nobody would notice in an edit; once, and again only where it was not said."""
        about = f"{run.decision}:{run.incident.version}"
        if not self._messages.reply_once(posted.place, about, self._clock()):
            return
        words = _REPLIES[run.decision].format(severity=run.incident.severity.value)
        try:
            self._post.reply(run.channel.post_to, posted.ts, words, True)
        except MiddlewatchError as error:
            if not (isinstance(error, SlackUnavailable) and error.ambiguous):
                self._messages.not_replied(posted.place, about)
            raise

    def _card(self, summary: Summary, run: Run, audience: Audience) -> Card:
        incident, channel = run.incident, run.channel
        return Card(
            incident=incident,
            summary=summary,
            now=self._clock(),
            changes=recent_changes(self._changes, incident, audience),
            meant_for=(channel.name or channel.id) if channel.shadow else "",
            run_id=run.id,
            notes=tuple(run.notes),
            headings=run.headings,
        )


def recent_changes(changes: Changes, incident: Incident, audience: Audience) -> tuple[Change, ...]:
    """Return what was done to the incident's services in the hour before it began, as the audience may read it.

    An incident begins with its first alert, which the sender may have told us of later, but not by hours.
    """
    began = min(alert.starts_at for alert in incident.alerts)
    late = min(max(incident.opened_at - began, timedelta(0)), CHANGES_WINDOW)
    return changes.before(audience, incident.services, incident.opened_at, CHANGES_WINDOW + late)


_REPLIES = {
    Decision.WORSE: "This incident got worse (now {severity}): the message above has the new state.",
    Decision.REOPENED: "This incident fires again: the message above has the new state.",
}


def _body(fit: Fit, message: Message, run: Run, given: frozenset[str]) -> Body:
    incident = run.incident
    memory: dict[str, Any] = {
        "shown": _SHOWN.dump_python(Shown.of(incident, owed=run.owed), mode="json"),
        "summary": SUMMARIES.dump_python(fit.summary, mode="json"),
        "given": sorted(given),
        "audience": sorted(fit.audience.groups),
    }
    documents = tuple(sorted(named_in(fit.summary) | given))
    rung = fit.summary.rung.value
    return Body(incident.version, message.text, message.blocks, rung, run.id, memory, documents)
