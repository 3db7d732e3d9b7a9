"""`POST /slack/events`: Slack says who came and went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from domain.errors import BadInput, MiddlewatchError
from worker.http.body import Bodies
from worker.intake import strict_json
from worker.slack.events import EVERY_CHANNEL, effect_of
from worker.slack.signature import verify_slack
from worker.telemetry import Metrics

log = structlog.get_logger()

_MOST_BYTES = 1024 * 1024
_LONGEST_CHALLENGE = 500


class Book(Protocol):
    """The record of audiences."""

    def doubt(self, channel_ids: Collection[str], now: datetime, reason: str) -> None:
        """Believe nothing of these channels any more."""

    def hurry(self, channel_ids: Collection[str], now: datetime) -> None:
        """Have these channels asked for again."""


@dataclass(frozen=True, slots=True)
class Events:
    """What the route needs. `watched` are the channels whose readers count."""

    secret: Callable[[], str]
    watched: frozenset[str]
    book: Book
    metrics: Metrics
    clock: Callable[[], datetime]

    def take(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """Verify a request of Slack, do what its event means, and return the answer.

        Raises:
            BadSignature: it is not from Slack.
            BadInput: it cannot be understood.
            StoreUnavailable: nothing was noted; Slack sends it again.
        """
        verify_slack(body, headers, self.secret(), self.clock())
        content = strict_json.loads(body)
        if not isinstance(content, dict):
            raise BadInput("The body is no event of Slack.", reason="bad-event")
        if content.get("type") == "url_verification":
            challenge = content.get("challenge")
            if not isinstance(challenge, str) or len(challenge) > _LONGEST_CHALLENGE:
                raise BadInput("The challenge is no short text.", reason="bad-event")
            return {"challenge": challenge}
        event = content.get("event")
        self._note(event if isinstance(event, dict) else {})
        return {}

    def _note(self, event: Mapping[str, Any]) -> None:
        effect = effect_of(event)
        channels = (
            self.watched
            if effect and effect.channel == EVERY_CHANNEL
            else self.watched & {effect.channel if effect else ""}
        )
        outcome = "ignored"
        if effect and channels:
            outcome = "doubted" if effect.doubt else "hurried"
            if effect.doubt:
                self.book.doubt(channels, self.clock(), "an event of Slack")
            else:
                self.book.hurry(channels, self.clock())
        self.metrics.count("middlewatch_slack_events_total", outcome=outcome)


def router(events: Events, bodies: Bodies) -> APIRouter:
    """Return the route of events."""
    routes = APIRouter()

    @routes.post("/slack/events")
    async def take_event(request: Request) -> JSONResponse:
        """Take an event. Taken twice it does no harm, so Slack may send it again."""
        try:
            with bodies.room() as room:
                body = await bodies.read(request, room, _MOST_BYTES)
                return JSONResponse(await run_in_threadpool(events.take, body, request.headers))
        except MiddlewatchError as error:
            events.metrics.count("middlewatch_slack_events_total", outcome=error.reason)
            log.warning("an event was refused", action="slack_refused", reason=error.reason)
            raise

    return routes
