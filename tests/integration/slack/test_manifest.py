from __future__ import annotations

from pathlib import Path

import yaml

from tests import cards, slack_server
from tests.slack_server import TOKEN, SlackServer
from worker.slack.client import SlackChannel, web_client
from worker.slack.directory import Directory
from worker.slack.events import effect_of
from worker.slack.message import compose

NEEDED = {
    "auth.test": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
}
MANIFEST = Path(slack_server.__file__).parents[1] / "slack-manifest.yaml"


def test_the_manifest_asks_for_the_scopes_of_the_methods_that_are_called_and_no_more() -> None:
    with SlackServer() as server:
        slack = SlackChannel(TOKEN, server.base_url)
        message = compose(cards.card())
        ts = slack.post("C1", message, "inc-1")
        slack.edit("C1", ts, message)
        slack.reply("C1", ts, "Worse.", broadcast=True)
        slack.whisper("C1", "U0ALICE", message)
        slack.find("C1", "inc-1", cards.NOON)
        server.groups = {"payments": ["U0ALICE"]}
        directory = Directory(web_client(TOKEN, server.base_url), frozenset(), lambda: cards.NOON)
        directory.groups()
        for member in directory.room("C1").members:
            directory.person(member)
        called = {call.method for call in server.calls}

    asked = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]

    assert set(asked) == set().union(*(NEEDED[method] for method in called))


def test_every_event_that_the_manifest_subscribes_to_means_something() -> None:
    events = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["settings"]["event_subscriptions"]["bot_events"]
    assert [event for event in events if effect_of({"type": event, "channel": "C1"}) is None] == []
