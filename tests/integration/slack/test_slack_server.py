"""The stand-in for Slack is itself held to Slack's documented limits."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests import slack_server
from tests.block_kit import faults, foreign_markup
from tests.slack_server import TOKEN, SlackServer


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


WORD = {"type": "text", "text": "x"}
SECTION = {"type": "rich_text_section", "elements": [WORD]}
FAULTY = [
    ({"type": "header", "text": plain("x" * 151)}, "/0/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/0/text"),
    ({"type": "section", "text": plain("x" * 3_001)}, "/0/text/text"),
    ({"type": "section"}, "/0"),
    ({"type": "section", "fields": [plain("x")] * 11}, "/0/fields"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/0/elements"),
    ({"type": "context", "elements": []}, "/0/elements"),
    ({"type": "alert", "text": plain("x")}, "/0/type"),
    ({"type": "divider", "colour": "red"}, "/0/colour"),
    (rich(), "/0/elements"),
    (rich({"type": "rich_text_section", "elements": []}), "/0/elements/0/elements"),
    (rich({"type": "rich_text_list", "style": "ordered", "elements": [WORD]}), "/0/elements/0/elements/0"),
    (rich({"type": "rich_text_list", "style": "square", "elements": [SECTION]}), "/0/elements/0/style"),
    (rich({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}), "/0/elements/0/elements/0/text"),
    (rich({"type": "rich_text_section", "elements": [{"type": "link", "url": "javascript:x", "text": "x"}]}),
     "/0/elements/0/elements/0/url"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "pointer"), FAULTY)
def test_a_block_beyond_a_limit_is_named_by_pointer(block: dict[str, Any], pointer: str) -> None:
    assert [fault.split(": ")[0] for fault in faults([block])] == [pointer]


def test_fifty_blocks_are_taken_and_one_more_is_not() -> None:
    assert faults([{"type": "divider"}] * 50) == ()
    assert faults([{"type": "divider"}] * 51) != ()


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "<#C1>", "<javascript:x|y>", "a <b", "<https://a|b><!here>"])
def test_markup_that_is_not_our_link_is_seen(text: str) -> None:
    assert foreign_markup(text)


def test_our_own_link_is_no_foreign_markup() -> None:
    assert foreign_markup("<https://h.example/?a=1&amp;b=2|Open &lt;this&gt;>") == []


def call(server: SlackServer, method: str, token: str = TOKEN, **arguments: Any) -> dict[str, Any]:
    form = {name: json.dumps(value) if isinstance(value, list) else value for name, value in arguments.items()}
    request = urllib.request.Request(  # noqa: S310 loopback
        server.base_url + method, urllib.parse.urlencode(form).encode(), {"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 loopback
        return dict(json.load(answer))


def test_it_reads_form_bodies_checks_tokens_and_gives_each_message_its_own_ts() -> None:
    with SlackServer(any_channel=False) as server:
        server.add_channel("C1")
        first = call(server, "chat.postMessage", channel="C1", text="a", blocks=[{"type": "divider"}])
        second = call(server, "chat.postMessage", channel="C1", text="b")

        assert first["ok"]
        assert float(first["ts"]) < float(second["ts"])
        assert call(server, "chat.postMessage", token="x", channel="C1", text="a")["error"] == "invalid_auth"
        assert call(server, "chat.postMessage", channel="C2", text="a")["error"] == "channel_not_found"
        assert call(server, "chat.postMessage", channel="C1")["error"] == "no_text"
        assert call(server, "chat.update", channel="C1", ts="1.0", text="a")["error"] == "message_not_found"
        assert call(server, "no.method")["error"] == "unknown_method"
        assert call(server, "conversations.members", channel="C1")["members"] == ["U0ALICE", "UBOT"]
        assert "metadata" not in call(server, "conversations.history", channel="C1")["messages"][0]


def test_it_runs_by_itself_and_says_where_it_listens() -> None:
    path = Path(slack_server.__file__)
    with subprocess.Popen([sys.executable, str(path), "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://127.0.0.1:")
        finally:
            process.terminate()
