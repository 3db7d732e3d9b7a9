"""The channel's message about an incident: posted once, then edited in place.

A post is claimed before it is made and recorded after it (promise P2). One whose end is unknown is looked for
in the channel by its marker before anything is posted again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from pydantic import TypeAdapter

from domain.access import Audience
from domain.alert import Change, Incident
from domain.errors import MiddlewatchError, Refused, SlackUnavailable
from domain.summary import Summary
from worker.decide import NOTIFYING, SUMMARIZING, Decision, Shown
from worker.fit import SUMMARIES, Check, Fit, documents_of, named_in, rests_on
from worker.recording import edition_of
from worker.route import Channel
from worker.runs import Run
from worker.slack.card import Card
from worker.slack.message import Message, compose
from worker.store.messages import Begun, Body, Messages, Place
from worker.store.messages import Message as Posted
from worker.telemetry import Metrics
from worker.withhold import withhold

log = structlog.get_logger()

CHANGES_WINDOW = timedelta(hours=1)
_GONE = "slack-message-not-found"
_LOOK_BACK = timedelta(minutes=1)
_SHOWN = TypeAdapter(Shown)


class Post(Protocol):
    """Slack, or the preview that stands in for it."""

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post a message and return its ts."""

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put a message in the place of another."""

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        """Answer in a message's thread."""

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        """Look for a message by its marker."""

    def delete(self, channel_id: str, ts: str) -> None:
        """Take a message of ours back."""


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


Said = tuple[Message, Body]
"""What a channel is to be shown, and what is kept of it."""


class Desk:
    """Brings one channel's message to what it should say."""

    def __init__(self, post: Post, drawers: Drawers, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        """`post` is where messages go, `drawers` is where they are remembered."""
        self._post = post
        self._messages = drawers.messages
        self._changes = drawers.changes
        self._check, self._finish = drawers.check, drawers.finish
        self._metrics = metrics
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

    def deliver(self, summary: Summary, run: Run) -> None:
        """Post the message, or edit the one that is there.

        Raises:
            SlackUnavailable: Slack did not take it, or may have; it is to be tried again.
            Refused: Slack said a final no.
        """
        incident, channel, now = run.incident, run.channel, self._clock()
        say = partial(self._said, summary, run)
        said = say()
        begun = self._messages.begin(Place(channel.id, incident.id), now)
        if begun.newest and begun.newest.body.version > incident.version:
            return  # a worker that lost its lease: what is shown is newer
        try:
            if begun.state is Begun.POSTED:
                self._edit(run, begun, *said)
            else:
                begun = self._first(channel, begun, said, say)
        except MiddlewatchError as error:
            self._metrics.count("middlewatch_messages_total", outcome=error.reason)
            raise
        run.delivered(summary, begun.ts, self._clock(), first=begun.newest is None)

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

    def _first(self, channel: Channel, begun: Posted, said: Said, say: Callable[[], Said]) -> Posted:
        place = begun.place
        found = None
        if begun.state is Begun.AMBIGUOUS:
            found = self._post.find(channel.post_to, _marker(place), begun.began_at - _LOOK_BACK)
            said = say()  # to look may have taken long
        message, body = said
        try:
            ts = found or self._post.post(channel.post_to, message, _marker(place))
        except SlackUnavailable as error:
            if not error.ambiguous:
                self._not_posted(begun)
            raise
        except Refused:
            self._not_posted(begun)
            raise
        if found:  # it may show an older state; what is recorded must be shown already
            self._post.edit(channel.post_to, ts, message)
        if not self._messages.posted(place, ts, body, self._clock()):
            self._take_back(channel, place, ts)
        self._metrics.count("middlewatch_messages_total", outcome="found" if found else "posted")
        return replace(begun, ts=ts)

    def _take_back(self, channel: Channel, place: Place, ts: str) -> None:
        """Delete what was posted although another worker's message is recorded: this one had lost its lease.

        Raises:
            SlackUnavailable: always; the incident is looked at again.
        """
        recorded = self._messages.last(place)
        if recorded is None or recorded.ts != ts:
            self._post.delete(channel.post_to, ts)
        raise _overtaken("posted")

    def _not_posted(self, begun: Posted) -> None:
        """Let the next attempt post at once, unless an attempt before this one is still in doubt."""
        if begun.state is Begun.FRESH:
            self._messages.failed(begun.place)

    def _edit(self, run: Run, begun: Posted, message: Message, body: Body) -> None:
        if begun.newest and begun.newest.body.text == message.text and begun.newest.body.version == body.version:
            return
        outcome = "edited"
        try:
            self._post.edit(run.channel.post_to, begun.ts, message)
            if run.decision in NOTIFYING:  # before the edit is recorded: what is recorded is not done again
                self._notify(run, begun)
        except Refused as error:
            if error.reason != _GONE:
                raise
            outcome = "deleted"  # somebody took it away on purpose: nothing is posted in its place
        if not self._messages.edited(begun.place, begun.seq, body, self._clock()):
            self._put_right(run.channel, begun.place, body.version)
            raise _overtaken("edited")
        withhold(self._messages, self._check, run.channel, begun.place)
        self._metrics.count("middlewatch_messages_total", outcome=outcome)

    def _put_right(self, channel: Channel, place: Place, version: int) -> None:
        """Show what another worker recorded meanwhile where that is newer: the channel may show our text."""
        recorded = self._messages.last(place)
        if recorded and recorded.newest and recorded.newest.body.version > version:
            body = recorded.newest.body
            self._post.edit(channel.post_to, recorded.ts, Message(body.text, tuple(map(dict, body.blocks)), ()))

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


def _overtaken(what: str) -> SlackUnavailable:
    return SlackUnavailable(
        f"Another worker {what} the message meanwhile; it is looked at again.",
        ambiguous=False,
        reason="edit-overtaken",
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


def _marker(place: Place) -> str:
    """Return what marks the message; in shadow mode several channels' messages share one test channel."""
    return f"{place.incident_id}:{place.channel_id}"


def _body(fit: Fit, message: Message, run: Run, given: frozenset[str]) -> Body:
    incident = run.incident
    memory: dict[str, Any] = {
        "shown": _SHOWN.dump_python(Shown.of(incident), mode="json"),
        "summary": SUMMARIES.dump_python(fit.summary, mode="json"),
        "given": sorted(given),
        "audience": sorted(fit.audience.groups),
    }
    documents = tuple(sorted(named_in(fit.summary) | given))
    rung = fit.summary.rung.value
    return Body(incident.version, message.text, message.blocks, rung, run.id, memory, documents)
