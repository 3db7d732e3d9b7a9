"""The button "Sources only you may see" and the two thumbs: what they look like, and who pressed one. Pure.

They stand under every message alike, so they tell nobody whether there is more to see.
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from domain.errors import BadInput
from worker.slack.message import Message
from worker.store.messages import Place

ACTION = "middlewatch_sources_for_me"
LABEL = "Sources only you may see"
UP, DOWN = "middlewatch_vote_up", "middlewatch_vote_down"
_THUMBS = ((UP, "\U0001f44d Helped"), (DOWN, "\U0001f44e Did not help"))

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed the button: `place` is the message it stands under, `seen_in` the channel Slack shows it in."""

    place: Place
    user: str
    seen_in: str
    ts: str


def with_button(message: Message, place: Place) -> Message:
    """Return the message with the buttons under it."""
    value = f"{place.incident_id}:{place.channel_id}"
    buttons = [
        {
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": label, "emoji": action != ACTION},
            "value": value,
        }
        for action, label in ((ACTION, LABEL), *_THUMBS)
    ]
    return replace(message, blocks=(*message.blocks, {"type": "actions", "block_id": ACTION, "elements": buttons}))


def pressed(body: bytes) -> tuple[str, Press] | None:
    """Return which of our buttons was pressed, and by whom; None for any other interaction, which is nothing to us.

    Raises:
        BadInput: it is no interaction of Slack.
    """
    try:
        (payload,) = parse_qs(body.decode(), strict_parsing=True, max_num_fields=20)["payload"]
        content = json.loads(payload)
    except (ValueError, KeyError, RecursionError) as error:
        raise BadInput("The body is no interaction of Slack.", reason="bad-interaction") from error
    if not isinstance(content, dict) or content.get("type") != "block_actions":
        return None
    actions = content.get("actions")
    told = [each for each in actions if isinstance(each, dict)] if isinstance(actions, list) else []
    ours = [each for each in told if each.get("action_id") in (ACTION, UP, DOWN)]
    return (ours[0]["action_id"], _press(content, str(ours[0].get("value", "")))) if ours else None


def _press(content: dict[str, Any], value: str) -> Press:
    incident, _, channel = value.partition(":")
    user, seen_in = _named(content, "user", "id"), _named(content, "channel", "id")
    ts = _named(content, "container", "message_ts")
    if not (_USER.fullmatch(user) and all(map(_ID.fullmatch, (incident, channel, seen_in, ts)))):
        raise BadInput("The interaction names no message of ours.", reason="bad-interaction")
    return Press(Place(channel, incident), user, seen_in, ts)


def _named(content: dict[str, Any], of: str, name: str) -> str:
    part = content.get(of)
    return str(part.get(name, "")) if isinstance(part, dict) else ""
