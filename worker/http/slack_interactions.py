"""`POST /slack/interactions`: somebody pressed the button under a message.

The answer is given within Slack's three seconds and says nothing; what the person may see comes from a worker.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from domain.errors import MiddlewatchError
from worker.http.body import Bodies
from worker.slack.private import ACTION, UP, Press, pressed
from worker.slack.signature import verify_slack
from worker.telemetry import Metrics

log = structlog.get_logger()

_MOST_BYTES = 1024 * 1024
_MOST_PEOPLE = 10_000


class Pace:
    """Lets each person ask so many times in a minute, and no more."""

    def __init__(self, times: int = 10, span: timedelta = timedelta(minutes=1)) -> None:
        """`times` within `span`."""
        self._times = times
        self._span = span
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, list[datetime]] = OrderedDict()

    def allows(self, user: str, now: datetime) -> bool:
        """Tell whether this person may ask now, and count it if so."""
        with self._lock:
            recent = [at for at in self._asked.get(user, []) if now - at < self._span]
            allowed = len(recent) < self._times
            self._asked[user] = [*recent, now] if allowed else recent
            self._asked.move_to_end(user)
            if len(self._asked) > _MOST_PEOPLE:
                self._asked.popitem(last=False)
        return allowed


@dataclass(frozen=True, slots=True)
class Interactions:
    """What the route needs. `ask` has a worker answer; it neither waits nor fails. `vote` records a thumb."""

    secret: Callable[[], str]
    ask: Callable[[Press], None]
    metrics: Metrics
    clock: Callable[[], datetime]
    vote: Callable[[Press, bool, datetime], object] = lambda press, up, now: None
    pace: Pace = field(default_factory=Pace)

    def take(self, body: bytes, headers: Mapping[str, str]) -> Press | None:
        """Verify a request of Slack, record it where it is a vote, and return the press to be answered.

        Raises:
            BadSignature: it is not from Slack.
            BadInput: it cannot be understood.
            StoreUnavailable: a vote could not be recorded.
        """
        now = self.clock()
        verify_slack(body, headers, self.secret(), now)
        action, press = pressed(body) or ("", None)
        outcome = "ignored" if press is None else "asked" if self.pace.allows(press.user, now) else "too-often"
        self.metrics.count("middlewatch_presses_total", outcome=outcome)
        if press is None or outcome != "asked":
            return None
        if action == ACTION:
            return press
        self.vote(press, action == UP, now)
        return None


def router(interactions: Interactions, bodies: Bodies) -> APIRouter:
    """Return the route of interactions."""
    routes = APIRouter()

    @routes.post("/slack/interactions")
    async def take_interaction(request: Request) -> Response:
        """Take a press of the button; the answer is empty, whoever pressed it."""
        try:
            with bodies.room() as room:
                body = await bodies.read(request, room, _MOST_BYTES, as_form=True)
                press = await run_in_threadpool(interactions.take, body, request.headers)
        except MiddlewatchError as error:
            interactions.metrics.count("middlewatch_presses_total", outcome=error.reason)
            log.warning("an interaction was refused", action="slack_refused", reason=error.reason)
            raise
        return Response(background=BackgroundTask(interactions.ask, press) if press else None)

    return routes
