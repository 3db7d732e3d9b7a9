"""Slack through its Web API: post, edit, reply, and look for a message that may be there already.

The SDK's own retries are off: its retry after a dropped connection posts a message twice. Whoever calls
decides on retries, by `retryable`, `ambiguous` and `retry_after` of what is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from domain.errors import Refused, SlackUnavailable
from worker.slack.answers import FAULTS, raise_for
from worker.slack.display import escape
from worker.slack.message import Message

EVENT_TYPE = "middlewatch_incident"
"""Marks our messages in their metadata, beside the marker that tells which."""

_TIMEOUT_S = 10
_PAGE = 200
_MOST_PAGES = 20
_LONGEST_TEXT = 3_900
_NOT_SHOWN_AS_BLOCKS = frozenset({"slack-invalid-blocks", "slack-msg-blocks-too-long"})
Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the token belongs to, and where: the team's name and the bot's ids."""

    team: str
    user_id: str
    bot_id: str


class SlackChannel:
    """Messages in Slack's channels.

    Every method raises `Refused` for a final no and `SlackUnavailable` when Slack did not answer, is broken or
    asks to wait; neither ever holds the token.
    """

    def __init__(
        self,
        token: str,
        base_url: str = "https://slack.com/api/",
        timeout_s: int = _TIMEOUT_S,
        calling: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is sent before the first call; `base_url` ends in a slash or gets one.

        `calling` hears of each call, and may refuse it.
        """
        self._client = web_client(token, base_url, timeout_s, calling)
        self._bot_id = ""

    def renew(self, token: str) -> None:
        """Use another token from the next call on."""
        self._client.token = token

    def auth_test(self) -> Identity:
        """Return who the token belongs to; the probe of `config check` and `/readyz`."""
        answer = answer_of(self._client.auth_test)
        self._bot_id = str(answer.get("bot_id") or "")
        return Identity(str(answer.get("team", "")), str(answer.get("user_id", "")), self._bot_id)

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post the message with the marker in its metadata, and return its ts.

        Where Slack does not take the blocks, the plain text is posted instead.
        """
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"incident_id": marker}}
        arguments = {"channel": channel_id, "metadata": metadata, "mrkdwn": False, **_still()}
        answer = _with_fallback(self._client.chat_postMessage, arguments, message)
        return _ts_of(answer)

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put the message in the place of the one posted as `ts`; nobody is notified."""
        _with_fallback(self._client.chat_update, {"channel": channel_id, "ts": ts, "parse": "none"}, message)

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        """Answer in the thread of `ts`, shown in the channel too where `broadcast`; return the reply's ts."""
        arguments = {"channel": channel_id, "thread_ts": ts, "reply_broadcast": broadcast, "mrkdwn": False}
        return _ts_of(answer_of(self._client.chat_postMessage, text=fallback_text(text), **arguments, **_still()))

    def delete(self, channel_id: str, ts: str) -> None:
        """Take back the message posted as `ts`; one that is gone already is no fault."""
        try:
            answer_of(self._client.chat_delete, channel=channel_id, ts=ts)
        except Refused as refused:
            if refused.reason != "slack-message-not-found":
                raise

    def whisper(self, channel_id: str, user_id: str, message: Message) -> None:
        """Show a message in a channel to one person alone; nobody else is told, and it is kept nowhere."""
        arguments = {"channel": channel_id, "user": user_id, "parse": "none"}
        _with_fallback(self._client.chat_postEphemeral, arguments, message)

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        """Return the ts of the message of this app that carries the marker, posted at or after `since`.

        Asked after an ambiguous failure. None says only that the history does not show it (yet).

        Raises:
            SlackUnavailable: also when the history since then is too long to be read to its end.
        """
        own = self._bot_id or self.auth_test().bot_id
        query = {"channel": channel_id, "oldest": f"{since.timestamp():.6f}", "inclusive": True, "limit": _PAGE}
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = answer_of(self._client.conversations_history, include_all_metadata=True, cursor=cursor, **query)
            for message in page.get("messages") or ():
                if _carries(message, marker, own):
                    return str(message["ts"])
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return None
        raise SlackUnavailable(
            f"The channel has more than {_MOST_PAGES * _PAGE} messages since then.",
            ambiguous=True,
            reason="slack-history-too-long",
        )


class PreviewChannel:
    """Stands in where no token is set: messages are shown on the preview page only, from the store."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """The clock gives each message its ts."""
        self._clock = clock

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Return a ts; the store keeps the message."""
        return f"{self._clock().timestamp():.6f}"

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Nothing to do: the store keeps the message."""

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        """Return a ts."""
        return f"{self._clock().timestamp():.6f}"

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        """Return None: nothing is ever left in doubt here."""
        return None

    def delete(self, channel_id: str, ts: str) -> None:
        """Nothing to do: the store keeps the message."""


class _Client(WebClient):
    """The SDK's client, which tells of each call before it makes it."""

    calling: Callable[[], None] = staticmethod(lambda: None)

    def api_call(self, *args: Any, **kwargs: Any) -> SlackResponse:
        """Call one method of the Web API; whatever `calling` raises keeps it from being called."""
        self.calling()
        return super().api_call(*args, **kwargs)


def web_client(
    token: str, base_url: str, timeout_s: int = _TIMEOUT_S, calling: Callable[[], None] = lambda: None
) -> WebClient:
    """Return the SDK's client, without its own retries; `calling` hears of each call, and may refuse it."""
    address = base_url if base_url.endswith("/") else f"{base_url}/"
    client = _Client(token=token, base_url=address, timeout=timeout_s, retry_handlers=[])
    client.calling = calling
    # The SDK reads the proxy variables without no_proxy; urllib, which it calls, reads all of them.
    client.proxy = None
    return client


def fallback_text(text: str) -> str:
    """Return plain text as Slack's `text`: escaped, as many whole lines as stay below 4,000 characters."""
    shown = ""
    for line in text.split("\n"):
        longer = f"{shown}\n{escape(line)}" if shown else escape(line)
        if len(longer) > _LONGEST_TEXT:
            return f"{shown}\n…" if shown else "…"
        shown = longer
    return shown


def _still() -> Arguments:
    """No previews of links, and no markup made of plain words."""
    return {"unfurl_links": False, "unfurl_media": False, "parse": "none"}


def answer_of(call: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
    """Call a method of the client and return its answer, or raise what its failure means."""
    try:
        return call(**arguments)
    except FAULTS as error:
        raise_for(error)


def _with_fallback(call: Callable[..., SlackResponse], arguments: Arguments, message: Message) -> SlackResponse:
    text = fallback_text(message.text)
    try:
        return answer_of(call, text=text, blocks=list(message.blocks), **arguments)
    except Refused as refused:
        if refused.reason not in _NOT_SHOWN_AS_BLOCKS:
            raise
        return answer_of(call, text=text, blocks=[], **arguments)


def _ts_of(answer: SlackResponse) -> str:
    ts = answer.get("ts")
    if not isinstance(ts, str) or not ts:
        raise SlackUnavailable("Slack's answer names no message.", ambiguous=True, reason="slack-no-answer")
    return ts


def _carries(message: Arguments, marker: str, bot_id: str) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    ours = not bot_id or message.get("bot_id") == bot_id
    return ours and metadata.get("event_type") == EVENT_TYPE and payload.get("incident_id") == marker
