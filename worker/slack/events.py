"""What an event of Slack means for who reads a channel. Pure.

Where somebody may have come in, or left a group, nothing is believed of the channel until its members are asked for
again; where somebody left the channel, what is known stands meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVERY_CHANNEL = "*"

_CAME_IN = frozenset(
    {
        "member_joined_channel",
        "channel_shared",
        "channel_unshared",
        "shared_channel_invite_accepted",
        "shared_channel_invite_approved",
        "shared_channel_invite_requested",
    }
)
_LEFT = frozenset({"member_left_channel"})
_GROUPS = frozenset({"subteam_members_changed", "subteam_updated", "subteam_created"})


@dataclass(frozen=True, slots=True)
class Effect:
    """What to do about an event: `channel` may be every one; `doubt` says to believe nothing of it meanwhile."""

    channel: str
    doubt: bool


def effect_of(event: Mapping[str, Any]) -> Effect | None:
    """Return what an event means; None where it changes nobody's readers."""
    kind = event.get("type")
    if kind in _CAME_IN:
        return Effect(_channel(event), doubt=True)
    if kind in _LEFT:
        return Effect(_channel(event), doubt=False)
    if kind in _GROUPS:
        removed = event.get("removed_users") or event.get("removed_users_count") or kind == "subteam_updated"
        return Effect(EVERY_CHANNEL, doubt=bool(removed))
    return None


def _channel(event: Mapping[str, Any]) -> str:
    """Return the id of the channel that an event is about; where it names none, any could be meant."""
    for name in ("channel", "channel_id"):
        told = event.get(name)
        told = told.get("id") if isinstance(told, dict) else told
        if isinstance(told, str) and told:
            return told
    return EVERY_CHANNEL
