"""One line to the people who run this: a sender's deliveries are refused, the heartbeat is silent."""

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
    """Tells the ops channel; what has one key is told once over all processes."""

    def __init__(self, book: Book, post: Post, channel_id: str, clock: Callable[[], datetime]) -> None:
        """`channel_id` is where the people who run this read, "" for nowhere: then it is logged and counted alone."""
        self._book = book
        self._post = post
        self._channel_id = channel_id
        self._clock = clock

    def refused(self, sender: str, reason: str) -> None:
        """Say that a delivery was refused, once for each sender and hour."""
        self.once(
            f"A delivery of {sender} was refused: {reason}. It will not come again. The next one is told after the "
            "hour; all are counted in middlewatch_deliveries_total and logged with action delivery_refused.",
            f"refused {sender} {self._clock():%Y-%m-%d %H}",
        )

    def once(self, text: str, key: str) -> None:
        """Say something unless it was said under this key; where it cannot be said it is logged."""
        if not self._channel_id:
            return
        try:
            if self._book.once(Act(self._clock(), "middlewatch", "told", self._channel_id, text), key):
                self._post.post(self._channel_id, _message(text), key)
        except MiddlewatchError as error:
            log.warning("the ops channel was not told", action="ops_untold", reason=error.reason)


def _message(text: str) -> Message:
    return Message(text, ({"type": "section", "text": {"type": "plain_text", "text": text}},), ())
