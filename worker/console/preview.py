"""The preview page: stored messages as Slack would show them, for whoever has no workspace at hand.

Works without JavaScript and asks nothing of any other host. Everything shown is escaped by the template;
links are shown only where `safe_link` lets them through. Off loopback the app's `allow` asks for a token: an
operator sees what every channel may read, a reader the messages of the channels that its audience covers.
`/preview/as/PERSON`, for operators, adds what the button under each message shows that person alone.
"""

from __future__ import annotations

import html
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from worker.http.auth import Caller, Guard
from worker.slack.display import safe_link

_HERE = pathlib.Path(__file__).parent
_MOST_MESSAGES = 60
_MOST_ANSWERS = 12
_USER = r"^[UW][A-Z0-9]{1,30}$"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_MRKDWN_LINK = re.compile(r"<(https?://[^<>|\s]+)\|([^<>]*)>")


@dataclass(frozen=True, slots=True)
class PreviewVersion:
    """A message as it stood at one time: `text` plain, `blocks` as they were sent, `rung` a word of the ladder."""

    text: str
    blocks: tuple[Mapping[str, Any], ...]
    at: datetime
    rung: str
    edited: bool = False


@dataclass(frozen=True, slots=True)
class PreviewMessage:
    """One message of one channel with all its versions, oldest first; `audience` says in words who reads it."""

    channel_id: str
    channel_title: str
    audience: str
    versions: tuple[PreviewVersion, ...]


class Messages(Protocol):
    """Where the messages are kept."""

    def for_preview(self, limit: int, caller: Caller) -> tuple[PreviewMessage, ...]:
        """Return the newest messages that the caller may see, newest first, at most `limit`."""

    def for_person(self, limit: int, person: str) -> tuple[PreviewMessage, ...]:
        """Return what one person is shown alone under the newest messages, newest first; that it was asked is kept."""


@dataclass(frozen=True, slots=True)
class Column:
    """A channel and its messages, oldest first as in Slack."""

    id: str
    title: str
    audience: str
    messages: tuple[PreviewMessage, ...]


def router(messages: Messages, allow: Guard, operators: Guard) -> APIRouter:
    """Return the routes of the page; the guards say who asks, and raise where nobody known, or no operator, does."""
    pages = APIRouter(include_in_schema=False)

    known, operator = Depends(allow), Depends(operators)

    @pages.get("/preview")
    def preview(caller: Caller = known) -> HTMLResponse:
        return HTMLResponse(render(messages.for_preview(_MOST_MESSAGES, caller)), headers=HEADERS)

    @pages.get("/preview/as/{person}")
    def preview_as(person: Annotated[str, Path(pattern=_USER)], caller: Caller = operator) -> HTMLResponse:
        told = messages.for_preview(_MOST_MESSAGES, caller)
        return HTMLResponse(render((*told, *messages.for_person(_MOST_ANSWERS, person))), headers=HEADERS)

    @pages.get("/preview/preview.css")
    def style() -> FileResponse:
        """The style sheet is the same for everybody and needs no token, which a browser would not send for it."""
        return FileResponse(_HERE / "static" / "preview.css", media_type="text/css")

    return pages


def render(messages: Sequence[PreviewMessage]) -> str:
    """Return the page for these messages, newest first."""
    return _TEMPLATES.get_template("preview.html").render(columns=columns(messages))


def columns(messages: Iterable[PreviewMessage]) -> tuple[Column, ...]:
    """Group messages, given newest first, by channel and readers, in the order of the channels' titles.

    What one person is shown in a channel follows what the channel is shown, for it was given after it.
    """
    grouped: dict[tuple[str, str], list[PreviewMessage]] = {}
    for message in messages:
        if message.versions:
            grouped.setdefault((message.channel_id, message.audience), []).append(message)
    found = [
        Column(channel_id, group[0].channel_title, audience, tuple(reversed(group)))
        for (channel_id, audience), group in grouped.items()
    ]
    return tuple(sorted(found, key=lambda column: (column.title, column.id)))


def mrkdwn_parts(text: str) -> list[tuple[str, str]]:
    """Return (words, URL or "") for each part of an mrkdwn text: links are known, no other markup is."""
    parts: list[tuple[str, str]] = []
    end = 0
    for match in _MRKDWN_LINK.finditer(text):
        parts.append((html.unescape(text[end : match.start()]), ""))
        parts.append((html.unescape(match.group(2)), safe_link(html.unescape(match.group(1)))))
        end = match.end()
    parts.append((html.unescape(text[end:]), ""))
    return [(words, url) for words, url in parts if words]


def _clock_time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(mrkdwn=mrkdwn_parts, clock_time=_clock_time, safe_link=safe_link)
    return environment


_TEMPLATES = _environment()
