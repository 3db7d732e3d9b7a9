"""Takes readers' votes on messages: from whoever presses a thumb under a message that stands, once for each run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from domain.errors import BadSettings
from worker.route import Channel
from worker.slack.private import Press
from worker.store.feedback import Vote
from worker.store.messages import Message, Place
from worker.telemetry import Metrics

log = structlog.get_logger()


class Messages(Protocol):
    """What channels were told."""

    def last(self, place: Place) -> Message | None:
        """Return a channel's message about an incident, or None."""


class Feedback:
    """The votes' way into the record."""

    def __init__(
        self,
        messages: Messages,
        cast: Callable[[Vote], None],
        channel: Callable[[str], Channel],
        alias: Callable[[str], str],
        metrics: Metrics,
    ) -> None:
        """`cast` records a vote, `channel` tells where a channel's messages go, `alias` hides who somebody is."""
        self._messages = messages
        self._cast = cast
        self._channel = channel
        self._alias = alias
        self._metrics = metrics

    def take(self, press: Press, up: bool, now: datetime) -> bool:
        """Record a vote on what the message shows now. False: there is no such message where it was pressed."""
        shown = self._shown(press)
        if shown is None or shown.newest is None or not shown.newest.body.run_id:
            self._metrics.count("middlewatch_votes_total", vote="ignored")
            return False
        place = press.place
        run_id = shown.newest.body.run_id
        self._cast(Vote(run_id, self._alias(press.user), place.incident_id, place.channel_id, now, up))
        self._metrics.count("middlewatch_votes_total", vote="up" if up else "down")
        log.info("a reader voted", action="vote", run=run_id, channel=place.channel_id, up=up)
        return True

    def _shown(self, press: Press) -> Message | None:
        """Return the message, where it stands in the channel that Slack says the thumb was pressed in."""
        try:
            channel = self._channel(press.place.channel_id)
        except BadSettings:
            return None
        message = self._messages.last(press.place)
        stands = message is not None and message.ts == press.ts and channel.post_to == press.seen_in
        return message if stands else None
