"""A Slack-compatible server on loopback: what the tests and the demo post to, through `[slack] base_url`.

    python tests/slack_server.py --port 0

It keeps messages per channel, checks tokens and Block Kit limits as Slack documents them, and fails on demand:
`server.fail("chat.postMessage", rate_limited(2), accept_then_drop())` makes the next calls of a method go wrong
in that order (tests/slack_faults.py). Standard library only.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script, it finds its neighbour

from tests import slack_people
from tests.block_kit import faults as block_faults
from tests.slack_faults import Answer, Call, Channel, Fault
from tests.slack_tiers import Tiers

TOKEN = "xoxb-test-token"


class SlackServer:
    """Use as a context manager; `base_url` is what `[slack] base_url` takes."""

    def __init__(self, token: str = TOKEN, port: int = 0, any_channel: bool = True) -> None:
        self.token = token
        self.any_channel = any_channel
        self.channels: dict[str, Channel] = {}
        self.calls: list[Call] = []
        self.groups: dict[str, list[str]] = {}
        self.people: dict[str, Answer] = {}
        self.flags: dict[str, Answer] = {}
        self.ephemerals: list[Answer] = []
        self.page = 1000
        self.history_lag_s = 0.0
        self.tiers: Tiers | None = None
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._last_ts = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/api/"

    def __enter__(self) -> SlackServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def add_channel(self, channel_id: str, name: str = "", members: tuple[str, ...] = ("U0ALICE", "UBOT")) -> Channel:
        return self.channels.setdefault(channel_id, Channel(channel_id, name or channel_id.lower(), members))

    def fail(self, method: str, *faults: Fault) -> None:
        """Make the next calls of a method go wrong, in this order."""
        self._faults[method].extend(faults)

    def posts(self, channel_id: str) -> list[Answer]:
        """The messages of a channel that are no replies, oldest first."""
        return self.add_channel(channel_id).posts

    def replies(self, channel_id: str) -> list[Answer]:
        return [message for message in self.add_channel(channel_id).messages.values() if "thread_ts" in message]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def respond(self, method: str, arguments: Answer, token: str) -> tuple[Fault, Answer]:
        """Take one request: what it does, and what goes wrong with it."""
        with self._lock:
            self.calls.append(Call(method, arguments, time.time(), token))
            limited = self.tiers.judge(method, arguments) if self.tiers else None
            fault = limited or (self._faults[method].popleft() if self._faults[method] else Fault())
            if fault.answer is not None and not fault.accepted:
                return fault, fault.answer
            if fault.drop and not fault.accepted:
                return fault, {}
            answer = self._do(method, arguments, token)
            return fault, fault.answer or answer

    def _do(self, method: str, arguments: Answer, token: str) -> Answer:
        if token != self.token:
            return _no("invalid_auth" if token else "not_authed")
        do = _METHODS.get(method)
        return do(self, arguments) if do else _no("unknown_method")

    def channel(self, arguments: Answer) -> Channel | None:
        """The channel a request names; made on first use unless the server was told to be strict."""
        channel_id = str(arguments.get("channel", ""))
        return self.add_channel(channel_id) if self.any_channel and channel_id else self.channels.get(channel_id)

    def new_ts(self) -> str:
        """A ts later than every other."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1_000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"


def _no(error: str, **more: Any) -> Answer:
    return {"ok": False, "error": error, **more}


def _content(arguments: Answer) -> tuple[Answer, Answer | None]:
    """The text and blocks of a request, or the refusal of them."""
    blocks, text = arguments.get("blocks") or [], arguments.get("text") or ""
    found = block_faults(blocks)
    if found:
        return {}, _no("invalid_blocks", response_metadata={"messages": [f"[ERROR] {fault}" for fault in found]})
    if not text and not blocks:
        return {}, _no("no_text")
    if len(text) > 40_000:
        return {}, _no("msg_too_long")
    if len(json.dumps(blocks)) > 13_200 * 4:
        return {}, _no("msg_blocks_too_long")
    return {"text": text, "blocks": blocks}, None


def _post(server: SlackServer, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return _no("channel_not_found")
    content, refusal = _content(arguments)
    if refusal:
        return refusal
    ts = server.new_ts()
    message = {"type": "message", "user": "UBOT", "bot_id": "BBOT", "ts": ts, **content}
    for name in ("metadata", "thread_ts", "reply_broadcast"):
        if arguments.get(name):
            message[name] = arguments[name]
    if message.get("thread_ts") not in channel.messages:
        message.pop("thread_ts", None)  # Slack posts such a reply to the channel, without an error
    channel.messages[ts] = message
    return {"ok": True, "channel": channel.id, "ts": ts, "message": message}


def _update(server: SlackServer, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return _no("channel_not_found")
    message = channel.messages.get(str(arguments.get("ts", "")))
    if message is None:
        return _no("message_not_found")
    content, refusal = _content(arguments)
    if refusal:
        return refusal
    message.update(content)
    if "metadata" in arguments:
        message["metadata"] = arguments["metadata"]
    message["versions"] = message.get("versions", 1) + 1
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "text": message["text"]}


def _delete(server: SlackServer, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    found = channel and channel.messages.pop(str(arguments.get("ts", "")), None)
    return {"ok": True, "ts": found["ts"]} if found else _no("message_not_found")


def _history(server: SlackServer, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return _no("channel_not_found")
    limit, start = min(int(arguments.get("limit", 100)), 999), int(arguments.get("cursor") or 0)
    oldest, visible = float(arguments.get("oldest") or 0), time.time() - server.history_lag_s
    seen = [m for m in channel.messages.values() if "thread_ts" not in m or m.get("reply_broadcast")]
    seen = [m for m in reversed(seen) if oldest <= float(m["ts"]) <= visible]
    hidden = set() if str(arguments.get("include_all_metadata", "")).lower() in {"1", "true"} else {"metadata"}
    page = [{key: value for key, value in m.items() if key not in hidden} for m in seen[start : start + limit]]
    cursor = str(start + limit) if start + limit < len(seen) else ""
    return {"ok": True, "messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _auth(server: SlackServer, arguments: Answer) -> Answer:
    return {"ok": True, "team": "Test team", "team_id": "T0TEST", "user_id": "UBOT", "bot_id": "BBOT"}


def _ephemeral(server: SlackServer, arguments: Answer) -> Answer:
    channel = server.channel(arguments)
    if channel is None:
        return _no("channel_not_found")
    if arguments.get("user") not in channel.members:
        return _no("user_not_in_channel")
    content, refusal = _content(arguments)
    if refusal:
        return refusal
    server.ephemerals.append({"channel": channel.id, "user": arguments["user"], **content})
    return {"ok": True, "message_ts": server.new_ts()}


_METHODS: dict[str, Callable[[SlackServer, Answer], Answer]] = {
    "auth.test": _auth,
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.delete": _delete,
    "conversations.history": _history,
    "conversations.info": slack_people.info,
    "conversations.members": slack_people.members,
    "chat.postEphemeral": _ephemeral,
    "usergroups.list": slack_people.usergroups,
    "usergroups.users.list": slack_people.usergroup,
    "users.info": slack_people.user,
    "users.list": slack_people.users,
}


def _arguments(content_type: str, body: bytes, query: str) -> Answer:
    arguments: Answer = dict(parse_qsl(query))
    if content_type.startswith("application/json"):
        return arguments | json.loads(body or b"{}")
    arguments |= dict(parse_qsl(body.decode()))
    for name in ("blocks", "metadata"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments


def _handler(server: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            address = urlsplit(self.path)
            arguments = _arguments(self.headers.get("Content-Type", ""), body, address.query)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            fault, answer = server.respond(address.path.removeprefix("/api/"), arguments, token)
            time.sleep(fault.stall_s)
            self.close_connection = True
            if fault.drop:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._answer(fault, json.dumps(answer).encode())

        do_GET = do_POST

        def _answer(self, fault: Fault, body: bytes) -> None:
            try:
                self.send_response(fault.status)
                for name, value in (("Content-Type", "application/json"), ("Connection", "close"), *fault.headers):
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # the caller stopped waiting, as a stalled answer wants it to

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: `calls` has it all."""

    return Handler


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A Slack-compatible server on loopback, for demos and tests.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--tiers", action="store_true", help="limit rates as Slack does")
    options = parser.parse_args()
    with SlackServer(options.token, options.port) as server:
        server.tiers = Tiers() if options.tiers else None
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
