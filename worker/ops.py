"""One line to the people who run this, where a sender's deliveries are refused: what gets a 4xx is gone for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from domain.errors import MiddlewatchError
from worker.slack.message import Message
from worker.store.audit import Act

log = structlog.get_logger()


class Book(Protocol):
    """Where it stands that the line was sent."""

    def once(self, act: Act, key: str) -> bool:
        """Record an act unless one was recorded under this key."""


class Post(Protocol):
    """Slack, or the preview that stands in for it."""

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post a message and return its ts."""


class OpsLine:
    """Tells the ops channel, once for each sender and hour over all processes."""

    def __init__(self, book: Book, post: Post, channel_id: str, clock: Callable[[], datetime]) -> None:
        """`channel_id` is where the people who run this read, "" for nowhere: then it is logged and counted alone."""
        self._book = book
        self._post = post
        self._channel_id = channel_id
        self._clock = clock

    def refused(self, sender: str, reason: str) -> None:
        """Say that a delivery was refused; where it cannot be said it is logged, and nothing else suffers."""
        if not self._channel_id:
            return
        now = self._clock()
        key = f"refused {sender} {now:%Y-%m-%d %H}"
        try:
            if self._book.once(Act(now, "middlewatch", "refused", sender, reason), key):
                self._post.post(self._channel_id, _message(sender, reason), key)
        except MiddlewatchError as error:
            log.warning("the ops channel was not told", action="ops_untold", reason=error.reason)


def _message(sender: str, reason: str) -> Message:
    text = (
        f"A delivery of {sender} was refused: {reason}. It will not come again. The next one is told after the hour; "
        "all are counted in middlewatch_deliveries_total and logged with action delivery_refused."
    )
    return Message(text, ({"type": "section", "text": {"type": "plain_text", "text": text}},), ())
