"""Events of Slack: verified on their raw bytes, and in doubt nobody reads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from domain.errors import StoreUnavailable
from worker.http import problems
from worker.http.body import Bodies
from worker.http.slack_events import Events, router
from worker.telemetry import Metrics

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class Book:
    """Writes down what it is told."""

    told: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    fails: bool = False

    def doubt(self, channel_ids: Collection[str], now: datetime, reason: str) -> None:
        if self.fails:
            raise StoreUnavailable("The database did not answer.")
        self.told.append(("doubt", tuple(sorted(channel_ids))))

    def hurry(self, channel_ids: Collection[str], now: datetime) -> None:
        self.told.append(("hurry", tuple(sorted(channel_ids))))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def client(book: Book) -> TestClient:
    return made(book, SECRET)


def made(book: Book, secret: str) -> TestClient:
    app = FastAPI()
    problems.handle(app)
    events = Events(lambda: secret, frozenset({"C1", "C2"}), book, Metrics(), lambda: NOW)
    app.include_router(router(events, Bodies(1 << 20, 5)))
    return TestClient(app)


def signed(body: bytes, at: float = NOW.timestamp(), secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at))
    made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Signature": f"v0={made}",
        "X-Slack-Request-Timestamp": stamp,
        "Content-Type": "application/json",
    }


def event(**content: object) -> bytes:
    return json.dumps({"type": "event_callback", "event": content}).encode()


JOINED = event(type="member_joined_channel", channel="C1", user="UGUEST")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"type": "member_joined_channel", "channel": "C1", "user": "U1"}, [("doubt", ("C1",))]),
        ({"type": "member_left_channel", "channel": "C1", "user": "U1"}, [("hurry", ("C1",))]),
        ({"type": "channel_shared", "channel": "C2", "connected_team_id": "T2"}, [("doubt", ("C2",))]),
        ({"type": "channel_unshared", "channel": "C2"}, [("doubt", ("C2",))]),
        ({"type": "shared_channel_invite_accepted", "channel": {"id": "C1"}}, [("doubt", ("C1",))]),
        ({"type": "shared_channel_invite_accepted"}, [("doubt", ("C1", "C2"))]),
        ({"type": "subteam_members_changed", "removed_users": ["U1"]}, [("doubt", ("C1", "C2"))]),
        ({"type": "subteam_members_changed", "removed_users_count": "1"}, [("doubt", ("C1", "C2"))]),
        ({"type": "subteam_members_changed", "added_users": ["U1"]}, [("hurry", ("C1", "C2"))]),
        ({"type": "subteam_updated", "subteam": {"id": "S1"}}, [("doubt", ("C1", "C2"))]),
        ({"type": "member_joined_channel", "channel": "COTHER"}, []),
        ({"type": "message", "channel": "C1"}, []),
        ({}, []),
    ],
)
def test_what_an_event_does(client: TestClient, book: Book, content: dict[str, object], told: list[object]) -> None:
    body = event(**content)
    assert client.post("/slack/events", content=body, headers=signed(body)).status_code == 200
    assert book.told == told


def test_slack_is_shown_that_the_address_is_ours(client: TestClient) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    assert client.post("/slack/events", content=body, headers=signed(body)).json() == {"challenge": "3eZbrw1aB"}
    assert client.post("/slack/events", content=body, headers={"Content-Type": "application/json"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 401),
        (signed(JOINED, secret="another"), 403),
        (signed(JOINED + b" "), 403),
        (signed(JOINED, at=NOW.timestamp() - 301), 403),
        (signed(JOINED, at=NOW.timestamp() + 301), 403),
        ({**signed(JOINED), "X-Slack-Request-Timestamp": "now"}, 403),
        ({**signed(JOINED), "X-Slack-Signature": "v0="}, 403),
    ],
)
def test_what_slack_did_not_sign_just_now_is_refused(
    client: TestClient, book: Book, headers: dict[str, str], status: int
) -> None:
    assert client.post("/slack/events", content=JOINED, headers=headers).status_code == status
    assert book.told == []


def test_without_a_signing_secret_nothing_is_taken(book: Book) -> None:
    answer = made(book, "").post("/slack/events", content=JOINED, headers=signed(JOINED, secret=""))
    assert (answer.status_code, answer.json()["reason"]) == (401, "sender-not-set-up")


def test_slack_sends_an_event_again_that_could_not_be_noted(client: TestClient, book: Book) -> None:
    book.fails = True
    assert client.post("/slack/events", content=JOINED, headers=signed(JOINED)).status_code == 503


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"type":"url_verification","challenge":1}'])
def test_what_cannot_be_understood_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/slack/events", content=body, headers=signed(body)).status_code in (400, 422)
