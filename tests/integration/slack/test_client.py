from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import MiddlewatchError, Refused, SlackUnavailable
from tests import cards
from tests.slack_faults import Fault, accept_then_drop, accept_then_stall, broken, drop, rate_limited, refused
from tests.slack_server import TOKEN, SlackServer
from worker.slack.answers import MENDS
from worker.slack.client import SlackChannel, fallback_text
from worker.slack.message import Message, compose

CHANNEL = "C0PAYMENTS"
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
MESSAGE = compose(cards.card())


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer() as running:
        yield running


@pytest.fixture
def slack(server: SlackServer) -> SlackChannel:
    return SlackChannel(TOKEN, server.base_url, timeout_s=1)


def test_a_message_is_posted_whole_and_edited_in_place(server: SlackServer, slack: SlackChannel) -> None:
    ts = slack.post(CHANNEL, MESSAGE, "inc-1")
    slack.edit(CHANNEL, ts, compose(cards.card(summary=None)))

    (message,) = server.posts(CHANNEL)
    assert message["ts"] == ts
    assert message["versions"] == 2
    assert message["blocks"] == list(compose(cards.card(summary=None)).blocks)
    assert message["metadata"]["event_payload"] == {"incident_id": "inc-1"}


def test_nothing_unfurls_nothing_pings_and_the_text_is_escaped(server: SlackServer, slack: SlackChannel) -> None:
    ts = slack.post(CHANNEL, Message("<!channel> & <@U1>", MESSAGE.blocks, ()), "inc-1")
    slack.reply(CHANNEL, ts, "Now <!here>", broadcast=True)

    for call in server.called("chat.postMessage"):
        assert call.arguments["unfurl_links"] is False
        assert call.arguments["unfurl_media"] is False
        assert call.arguments["mrkdwn"] is False
        assert "link_names" not in call.arguments
        assert "<" not in call.arguments["text"]
    assert server.posts(CHANNEL)[0]["text"] == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_a_reply_stands_in_the_thread_and_is_broadcast(server: SlackServer, slack: SlackChannel) -> None:
    ts = slack.post(CHANNEL, MESSAGE, "inc-1")

    reply = slack.reply(CHANNEL, ts, "Severity is now critical.", broadcast=True)

    (stored,) = server.replies(CHANNEL)
    assert (stored["ts"], stored["thread_ts"], stored["reply_broadcast"]) == (reply, ts, True)


def test_a_message_is_found_by_its_marker_on_a_later_page(server: SlackServer, slack: SlackChannel) -> None:
    ts = slack.post(CHANNEL, MESSAGE, "inc-1")
    for n in range(450):
        slack_ts = server.new_ts()
        server.channels[CHANNEL].messages[slack_ts] = {"ts": slack_ts, "text": f"chat {n}", "user": "U1"}

    assert slack.find(CHANNEL, "inc-1", LONG_AGO) == ts
    assert slack.find(CHANNEL, "inc-2", LONG_AGO) is None
    assert slack.find(CHANNEL, "inc-1", datetime.now(UTC)) is None
    assert max(int(call.arguments["limit"]) for call in server.called("conversations.history")) == 200


def test_another_apps_message_with_our_marker_is_not_taken_for_ours(server: SlackServer, slack: SlackChannel) -> None:
    ts = slack.post(CHANNEL, MESSAGE, "inc-1")
    server.channels[CHANNEL].messages[ts]["bot_id"] = "BOTHER"

    assert slack.find(CHANNEL, "inc-1", LONG_AGO) is None


def test_a_history_too_long_to_read_is_no_proof_of_absence(server: SlackServer, slack: SlackChannel) -> None:
    server.add_channel(CHANNEL)
    for n in range(4_001):
        ts = server.new_ts()
        server.channels[CHANNEL].messages[ts] = {"ts": ts, "text": f"chat {n}"}

    with pytest.raises(SlackUnavailable) as caught:
        slack.find(CHANNEL, "inc-1", LONG_AGO)

    assert caught.value.ambiguous
    assert caught.value.reason == "slack-history-too-long"


def test_a_message_that_history_does_not_show_yet_is_not_found(server: SlackServer, slack: SlackChannel) -> None:
    slack.post(CHANNEL, MESSAGE, "inc-1")
    server.history_lag_s = 60

    assert slack.find(CHANNEL, "inc-1", LONG_AGO) is None


def test_the_probe_says_who_the_token_belongs_to(slack: SlackChannel) -> None:
    assert slack.auth_test().team == "Test team"


CONTRACT = [
    ("429 with Retry-After", rate_limited(7), SlackUnavailable, "slack-rate-limited", False, 7.0, 0),
    ("429 without Retry-After", Fault(status=429, answer={"ok": False, "error": "ratelimited"}),
     SlackUnavailable, "slack-rate-limited", False, 1.0, 0),
    ("ok:false ratelimited", refused("ratelimited"), SlackUnavailable, "slack-rate-limited", False, 1.0, 0),
    ("500 before", broken(500), SlackUnavailable, "slack-broken", True, 0.0, 0),
    ("503 before", broken(503), SlackUnavailable, "slack-broken", True, 0.0, 0),
    ("502 after", broken(502, accepted=True), SlackUnavailable, "slack-broken", True, 0.0, 1),
    ("ok:false internal_error", refused("internal_error"), SlackUnavailable, "slack-broken", True, 0.0, 0),
    ("dropped before", drop(), SlackUnavailable, "slack-no-answer", True, 0.0, 0),
    ("dropped after", accept_then_drop(), SlackUnavailable, "slack-no-answer", True, 0.0, 1),
    ("stalled after", accept_then_stall(2), SlackUnavailable, "slack-no-answer", True, 0.0, 1),
    ("an answer without ok", Fault(answer={"hello": 1}), SlackUnavailable, "slack-no-answer", True, 0.0, 0),
    ("ok without a ts", Fault(answer={"ok": True}), SlackUnavailable, "slack-no-answer", True, 0.0, 0),
    ("a list", Fault(answer=["x"]), SlackUnavailable, "slack-no-answer", True, 0.0, 0),  # type: ignore[arg-type]
    ("404", Fault(status=404, answer={"x": 1}), Refused, "slack-refused", None, None, 0),
    ("an unknown error", refused("brand_new_error"), Refused, "slack-refused", None, None, 0),
    *((word, refused(word), Refused, f"slack-{word.replace('_', '-')}", None, None, 0)
      for word in MENDS if "blocks" not in word),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "kind", "reason", "ambiguous", "wait", "posted"),
    [row[1:] for row in CONTRACT],
    ids=[row[0] for row in CONTRACT],
)
def test_every_answer_means_one_thing(
    server: SlackServer,
    slack: SlackChannel,
    fault: Fault,
    kind: type[MiddlewatchError],
    reason: str,
    ambiguous: bool | None,
    wait: float | None,
    posted: int,
) -> None:
    server.fail("chat.postMessage", fault)

    with pytest.raises(kind) as caught:
        slack.post(CHANNEL, MESSAGE, "inc-1")

    assert caught.value.reason == reason
    assert caught.value.retryable is (kind is SlackUnavailable)
    assert getattr(caught.value, "ambiguous", None) is ambiguous
    assert getattr(caught.value, "retry_after", None) == wait
    assert len(server.posts(CHANNEL)) == posted
    assert len(server.called("chat.postMessage")) == 1
    assert caught.value.__cause__ is not None or reason == "slack-no-answer"
    assert TOKEN not in f"{caught.value!s} {caught.value!r} {caught.value.__cause__!s} {caught.value.__cause__!r}"
    assert kind is SlackUnavailable or caught.value.mend


def test_a_closed_port_and_an_unknown_host_were_never_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for base_url in (f"http://127.0.0.1:{port}/api/", "http://no-such-host.invalid/api/"):
        with pytest.raises(SlackUnavailable) as caught:
            SlackChannel(TOKEN, base_url, timeout_s=1).post(CHANNEL, MESSAGE, "inc-1")

        assert not caught.value.ambiguous
        assert caught.value.reason == "slack-unreachable"
        assert TOKEN not in str(caught.value)


def test_a_wrong_token_is_refused_with_what_to_do(server: SlackServer) -> None:
    with pytest.raises(Refused, match="bot_token") as caught:
        SlackChannel("xoxb-wrong", server.base_url).auth_test()

    assert caught.value.reason == "slack-invalid-auth"
    assert "xoxb-wrong" not in str(caught.value)


def test_blocks_that_slack_does_not_take_become_plain_text(server: SlackServer, slack: SlackChannel) -> None:
    bad = Message("CRITICAL · Words", ({"type": "invented"},), ())

    ts = slack.post(CHANNEL, bad, "inc-1")
    slack.edit(CHANNEL, ts, bad)

    (message,) = server.posts(CHANNEL)
    assert message["text"] == "CRITICAL · Words"
    assert message["blocks"] == []


def test_an_edit_of_a_deleted_message_is_refused(slack: SlackChannel) -> None:
    with pytest.raises(Refused) as caught:
        slack.edit(CHANNEL, "1.000000", MESSAGE)

    assert caught.value.reason == "slack-message-not-found"


def test_slacks_text_stays_below_four_thousand_characters_in_whole_lines() -> None:
    text = "\n".join("&" * 99 for _ in range(25))

    shown = fallback_text(text)

    assert len(shown) < 4_000
    assert shown.endswith("&amp;\n…")
    assert set(shown.split("\n")[:-1]) == {"&amp;" * 99}
