from __future__ import annotations

from pathlib import Path

import yaml

from tests import cards, slack_server
from tests.slack_server import TOKEN, SlackServer
from worker.slack.client import SlackChannel
from worker.slack.message import compose

NEEDED = {
    "auth.test": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history"},
}
MANIFEST = Path(slack_server.__file__).parents[1] / "slack-manifest.yaml"


def test_the_manifest_asks_for_the_scopes_of_the_methods_that_are_called_and_no_more() -> None:
    with SlackServer() as server:
        slack = SlackChannel(TOKEN, server.base_url)
        message = compose(cards.card())
        ts = slack.post("C1", message, "inc-1")
        slack.edit("C1", ts, message)
        slack.reply("C1", ts, "Worse.", broadcast=True)
        slack.find("C1", "inc-1", cards.NOON)
        called = {call.method for call in server.calls}

    asked = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]

    assert set(asked) == set().union(*(NEEDED[method] for method in called))
