"""Bodies that come too slowly, or not to an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from worker.app import create_app
from worker.http.ports import Limits

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def post(app: Any, receive: Receive) -> tuple[int, dict[str, Any]]:
    """Send a webhook to the app the way a server does, piece by piece."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/webhooks/alertmanager",
        "raw_path": b"/v1/webhooks/alertmanager",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost:8787"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8787),
    }
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def pieces(*messages: dict[str, Any]) -> Receive:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(30)
        return waiting.pop(0)

    return receive


def test_a_body_that_never_ends_gets_a_408(office: Any) -> None:
    office.more = {"limits": Limits(body_timeout_s=0.05)}
    receive = pieces({"type": "http.request", "body": b"{", "more_body": True})
    status, problem = asyncio.run(post(create_app(office.deps()), receive))
    assert (status, problem["reason"]) == (408, "too-slow")


def test_a_client_that_goes_away_is_no_defect(office: Any) -> None:
    receive = pieces({"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"})
    status, problem = asyncio.run(post(create_app(office.deps()), receive))
    assert (status, problem["reason"]) == (400, "broken-off")
    assert office.inbox.deliveries == []


def test_slow_bodies_hold_only_what_they_have_sent(office: Any) -> None:
    """Many clients that send one byte and wait do not keep a whole delivery out."""
    body = json.dumps({"alerts": [{"labels": {"a": "b"}, "startsAt": "2026-11-21T02:00:00Z"}]}).encode()
    office.more = {"limits": Limits(bytes_in_flight=len(body) + 50, body_timeout_s=2)}

    async def crowd() -> tuple[int, list[int]]:
        app = create_app(office.deps())
        one_byte = {"type": "http.request", "body": b"{", "more_body": True}
        slow = [asyncio.create_task(post(app, pieces(one_byte))) for _ in range(50)]
        await asyncio.sleep(0.1)
        status, _ = await post(app, pieces({"type": "http.request", "body": body, "more_body": False}))
        return status, [status for status, _ in await asyncio.gather(*slow)]

    assert asyncio.run(crowd()) == (202, [408] * 50)
