"""Tells the people who run this what they should know, in a channel of their own."""

from __future__ import annotations

import hashlib
from typing import Protocol

import structlog

from domain.errors import MiddlewatchError
from worker.slack import blocks, text
from worker.slack.lines import Line, Piece, Style
from worker.slack.message import Message

log = structlog.get_logger()


class Post(Protocol):
    """Slack, or the preview that stands in for it."""

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post a message and return its ts."""


class Tell:
    """The operators' channel; without one they have the log and the metrics."""

    def __init__(self, post: Post, channel_id: str) -> None:
        """An empty channel id tells nobody."""
        self._post = post
        self._channel_id = channel_id

    def __call__(self, words: str) -> None:
        """Tell it in one line. That it could not be told is logged, and fails nothing."""
        if not self._channel_id:
            return
        lines = (Line(Style.TEXT, (Piece("Middlewatch: ", bold=True), Piece(words))),)
        message = Message(text.render(lines), blocks.render(lines), lines)
        try:
            self._post.post(self._channel_id, message, f"ops:{hashlib.sha256(words.encode()).hexdigest()[:16]}")
        except MiddlewatchError as error:
            log.error("the operators could not be told", action="ops_failed", reason=error.reason)
