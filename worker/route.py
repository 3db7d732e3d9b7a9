"""Decide which channels an incident goes to, from settings alone: no label names a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.access import Audience
from domain.alert import Incident


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that is told: `id` is the one it is chosen by, `post_to` the one the message goes to.

    They differ in shadow mode only, where everything runs and the message goes to a test channel. `note` is a line
    that every message to it carries; `confirmed` says that its readers are known for now; `canary` that our own
    alerts go there, and nowhere else.
    """

    id: str
    name: str
    audience: Audience
    match: Mapping[str, str] = field(default_factory=dict)
    post_to: str = ""
    shadow: bool = False
    default: bool = False
    note: str = ""
    confirmed: bool = True
    canary: bool = False


def route(incident: Incident, channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return every channel whose `match` holds for one of the alerts, else the default one."""
    if incident.synthetic and (own := tuple(channel for channel in channels if channel.canary)):
        return own
    matched = tuple(channel for channel in channels if _matches(incident, channel))
    return matched or tuple(channel for channel in channels if channel.default)


def _matches(incident: Incident, channel: Channel) -> bool:
    """Tell whether one alert carries all the labels that the channel asks for; none asked for is no match."""
    return bool(channel.match) and any(
        all(alert.labels.get(name) == value for name, value in channel.match.items()) for alert in incident.alerts
    )
