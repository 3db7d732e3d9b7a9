"""The canary: an alert of our own, through the real front door to a Slack channel, at a pace; then its end.

It proves the whole way while nothing else happens. That it fails is told to the ops channel; that it has not sung for
too long is told as the silence of the heartbeat is, and the outside monitor at `ping_url` hears of nothing then.
One message a day, edited in place; it is no incident in any figure.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Protocol

import structlog

from domain.alert import SYNTHETIC, Incident, Status
from domain.errors import MiddlewatchError, Unavailable
from worker.store.messages import Message, Place
from worker.telemetry import Metrics

log = structlog.get_logger()

TURN = "canary-turn"
_LOOK_EVERY_S = 0.25
_POST_TIMEOUT_S = 10


class Incidents(Protocol):
    """The incidents of record."""

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it stands, or None."""


class Messages(Protocol):
    """What channels were told."""

    def last(self, place: Place) -> Message | None:
        """Return the message about an incident in a channel, or None."""


class Locks(Protocol):
    """Named times up to which something holds."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a lock; False: somebody else has it."""


@dataclass(frozen=True, slots=True)
class Song:
    """How often it sings, where it is to be heard, how long that may take, and who this process is."""

    every: timedelta
    channel_id: str
    within: timedelta
    owner: str


@dataclass(frozen=True, slots=True)
class Ears:
    """Where it is looked for: `posts` sends a body to the front door and returns the answer."""

    posts: Callable[[bytes], dict[str, Any]]
    incidents: Incidents
    messages: Messages
    locks: Locks


@dataclass(frozen=True, slots=True)
class Signs:
    """Where its end is told: `sang` that it was heard, `failed` that it was not, once for each key."""

    sang: Callable[[datetime], None]
    failed: Callable[[str, str], None]
    metrics: Metrics


class Canary:
    """Sings at its pace; of several processes one does."""

    def __init__(self, song: Song, ears: Ears, signs: Signs, clock: Callable[[], datetime]) -> None:
        """Everything is given; `wiring` chooses it."""
        self._song = song
        self._ears = ears
        self._signs = signs
        self._clock = clock

    def run(self) -> bool:
        """Sing once, if it is this process's turn; False: it is not, or it was not heard."""
        now = self._clock()
        if not self._ears.locks.acquire(TURN, self._song.owner, now, self._song.every * 0.9):
            return False
        began = time.monotonic()
        try:
            for status in (Status.FIRING, Status.RESOLVED):
                self._through(delivery_of(now, self._clock(), status), began)
        except MiddlewatchError as error:
            self._tell(error, now)
            return False
        self._signs.metrics.observe("middlewatch_canary_seconds", time.monotonic() - began)
        self._signs.metrics.count("middlewatch_canaries_total", outcome="heard")
        self._signs.sang(now)
        return True

    def _through(self, body: bytes, began: float) -> None:
        """Send one delivery and wait until the channel's message shows what it brought."""
        until = began + self._song.within.total_seconds()
        names = self._sent(body, until)
        incident = self._ears.incidents.get(names[0]) if names else None
        if incident is None:
            raise Unavailable("The intake took the canary and made no incident of it.", reason="canary-no-incident")
        place = Place(self._song.channel_id, incident.id)
        while time.monotonic() < until:
            message = self._ears.messages.last(place)
            if message and message.ts and message.newest and message.newest.body.version >= incident.version:
                return
            time.sleep(_LOOK_EVERY_S)
        raise Unavailable(
            "The intake took it, and the channel's message did not show it in time.",
            reason="canary-not-shown",
            mend="See the workers, Redis and Slack in /readyz, and `middlewatch dead list`.",
        )

    def _sent(self, body: bytes, until: float) -> list[str]:
        """Send, and send again while nobody listens yet: a process that starts or restarts is no failure."""
        while True:
            try:
                return list(self._ears.posts(body).get("incidents") or ())
            except Unavailable:
                if time.monotonic() + _LOOK_EVERY_S >= until:
                    raise
                time.sleep(_LOOK_EVERY_S)

    def _tell(self, error: MiddlewatchError, now: datetime) -> None:
        self._signs.metrics.count("middlewatch_canaries_total", outcome=error.reason)
        log.error("the canary was not heard", action="canary_failed", reason=error.reason, error=str(error))
        self._signs.failed(f"The canary was not heard. {error}", f"canary {error.reason} {now:%Y-%m-%d %H}")


def delivery_of(began: datetime, now: datetime, status: Status) -> bytes:
    """Return a delivery of Alertmanager's form that fires the canary, or ends it."""
    alert: dict[str, Any] = {
        "status": status.value,
        "labels": {"alertname": "MiddlewatchCanary", "severity": "info", SYNTHETIC: "true"},
        "annotations": {"summary": f"The way from the webhook to this channel, tried at {began:%H:%M:%S} UTC"},
        "startsAt": began.isoformat(),
        "fingerprint": "middlewatch-canary",
    }
    if status is Status.RESOLVED:
        alert["endsAt"] = max(now, began + timedelta(milliseconds=1)).isoformat()
    key = f"middlewatch-canary {began:%Y-%m-%d}"
    return json.dumps({"version": "4", "groupKey": key, "status": status.value, "alerts": [alert]}).encode()


def front_door(url: str, token: Callable[[], str]) -> Callable[[bytes], dict[str, Any]]:
    """Return what posts to the webhook of Alertmanager at a base address, with the token that is good now."""

    def posts(body: bytes) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token()}"} if token() else {})
        request = urllib.request.Request(f"{url}/v1/webhooks/alertmanager", body, headers)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=_POST_TIMEOUT_S) as answer:  # noqa: S310
                content = json.load(answer)
        except urllib.error.HTTPError as error:
            raise _answered(error.code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable(
                "Nobody answers at the front door.",
                reason="canary-no-answer",
                mend="See that the API runs, and [canary] url.",
            ) from error
        return content if isinstance(content, dict) else {}

    return posts


def _answered(status: int) -> MiddlewatchError:
    kind = Unavailable if status >= 500 else MiddlewatchError
    return kind(
        f"The intake answered {status}.",
        reason="canary-refused",
        mend="See its log; it proves itself with the first of [intake.alertmanager] tokens.",
    )
