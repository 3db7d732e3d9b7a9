"""How one message comes into a channel: claimed, posted, recorded; found again where that is in doubt; then edited.

It knows places and bodies, and nothing of what they say: the desk brings incidents with it, the log of a storm its
storm. A post is claimed before it is made and recorded after it (promise P2). One whose end is unknown is looked for
in the channel by its marker before anything is posted again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import MiddlewatchError, Refused, SlackUnavailable
from worker.route import Channel
from worker.slack.message import Message
from worker.store.messages import Begun, Body, Messages, Place
from worker.store.messages import Message as Posted
from worker.telemetry import Metrics

_GONE = "slack-message-not-found"
_LOOK_BACK = timedelta(minutes=1)

HISTORY_LAGS = timedelta(seconds=6)
"""How long Slack's history may not show a message that Slack has taken. It is not asked for one before."""

IN_DOUBT = "slack-in-doubt"
"""The reason of what waits until the history can show a message that may be there: nothing was tried."""

Said = tuple[Message, Body]
"""What a channel is to be shown, and what is kept of it."""


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


class Posting:
    """Brings a channel's message to what it should say."""

    def __init__(
        self,
        post: Post,
        messages: Messages,
        metrics: Metrics,
        clock: Callable[[], datetime],
        lags: timedelta = HISTORY_LAGS,
    ) -> None:
        """`post` is where messages go, `messages` is where they are remembered; Slack's history `lags` that long."""
        self._post = post
        self._lags = lags
        self._messages = messages
        self._metrics = metrics
        self._clock = clock

    def bring(
        self, channel: Channel, place: Place, say: Callable[[], Said], also: Callable[[Posted], None] = lambda _: None
    ) -> Posted | None:
        """Post the message, or edit the one that is there; None where what is shown is newer already.

        `say` is asked at the moment of showing. `also` is done after an edit and before it is recorded: what is
        recorded is not done again.

        Raises:
            SlackUnavailable: Slack did not take it, or may have; it is to be tried again.
            Refused: Slack said a final no.
        """
        said = say()
        begun = self._messages.begin(place, self._clock())
        if begun.newest and begun.newest.body.version > said[1].version:
            return None  # a worker that lost its lease
        if begun.state is Begun.STORM:
            raise overtaken("counts it in")
        try:
            if begun.state is Begun.POSTED:
                self._edit(channel, begun, said, also)
                return begun
            self._see_that_it_is_ours(begun)
            return self._first(channel, begun, said, say)
        except MiddlewatchError as error:
            self._metrics.count("middlewatch_messages_total", outcome=error.reason)
            raise

    def _first(self, channel: Channel, begun: Posted, said: Said, say: Callable[[], Said]) -> Posted:
        place = begun.place
        found = None
        if begun.state is Begun.AMBIGUOUS:
            self._wait_for_history(begun)
            found = self._post.find(channel.post_to, _marker(place), begun.began_at - _LOOK_BACK)
            said = say()  # to look may have taken long
        message, body = said
        try:
            ts = found or self._post.post(channel.post_to, message, _marker(place))
        except SlackUnavailable as error:
            if error.ambiguous:
                self._messages.doubted(place, self._clock())
            else:
                self._not_posted(begun)
            raise
        except Refused:
            self._not_posted(begun)
            raise
        if found:  # it may show an older state; what is recorded must be shown already
            self._post.edit(channel.post_to, ts, message)
        if not self._messages.posted(place, ts, body, self._clock()):
            self._take_back(channel, place, ts, body.version)
        self._metrics.count("middlewatch_messages_total", outcome="found" if found else "posted")
        return replace(begun, ts=ts)

    def _see_that_it_is_ours(self, begun: Posted) -> None:
        """Post nothing for whoever lost the lease: the next may have chosen its channels before this one was begun.

        Raises:
            SlackUnavailable: somebody else works on it.
        """
        if self._messages.lease_lost():
            self._not_posted(begun)
            raise overtaken("tells")

    def _wait_for_history(self, begun: Posted) -> None:
        """Let nobody look too early, however urgent: what the history does not show yet would be posted again.

        Raises:
            SlackUnavailable: it is too early; it says for how long.
        """
        if begun.doubted_at is None:  # whoever posted died: its lease was longer
            return
        left = begun.doubted_at + self._lags - self._clock()
        if left > timedelta(0):
            raise SlackUnavailable(
                "The message may be there already; Slack's history is asked once it can show it.",
                ambiguous=False,
                retry_after=left.total_seconds(),
                reason=IN_DOUBT,
            )

    def _take_back(self, channel: Channel, place: Place, ts: str, version: int) -> None:
        """Delete what was posted although another worker's message is recorded: this one had lost its lease.

        Where both mean one message, which we both found, it shows what is recorded again.

        Raises:
            SlackUnavailable: always; the incident is looked at again.
        """
        recorded = self._messages.last(place)
        if recorded is None or recorded.ts != ts:
            self._post.delete(channel.post_to, ts)
        else:
            self._put_right(channel, place, version)
        raise overtaken("posted")

    def _not_posted(self, begun: Posted) -> None:
        """Let the next attempt post at once, unless an attempt before this one is still in doubt."""
        if begun.state is Begun.FRESH:
            self._messages.failed(begun)

    def _edit(self, channel: Channel, begun: Posted, said: Said, also: Callable[[Posted], None]) -> None:
        message, body = said
        if begun.newest and begun.newest.body.text == message.text and begun.newest.body.version == body.version:
            return
        outcome = "edited"
        try:
            self._post.edit(channel.post_to, begun.ts, message)
            also(begun)
        except Refused as error:
            if error.reason != _GONE:
                raise
            outcome = "deleted"  # somebody took it away on purpose: nothing is posted in its place
        if not self._messages.edited(begun.place, begun.seq, body, self._clock()):
            self._put_right(channel, begun.place, body.version)
            raise overtaken("edited")
        self._metrics.count("middlewatch_messages_total", outcome=outcome)

    def _put_right(self, channel: Channel, place: Place, version: int) -> None:
        """Show what another worker recorded meanwhile where that is newer: the channel may show our text."""
        recorded = self._messages.last(place)
        if recorded and recorded.newest and recorded.newest.body.version > version:
            body = recorded.newest.body
            self._post.edit(channel.post_to, recorded.ts, Message(body.text, tuple(map(dict, body.blocks)), ()))


def overtaken(what: str) -> SlackUnavailable:
    """Return the fault of a worker that another one was faster than."""
    return SlackUnavailable(
        f"Another worker {what} the message meanwhile; it is looked at again.",
        ambiguous=False,
        reason="edit-overtaken",
    )


def _marker(place: Place) -> str:
    """Return what marks the message; in shadow mode several channels' messages share one test channel."""
    return f"{place.incident_id}:{place.channel_id}"
