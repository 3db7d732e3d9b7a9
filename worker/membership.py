"""Who is in a channel, and what all of them hold. Pure.

Whoever is not known to be a member of our own workspace holds no group, so one guest leaves a channel what is for
everyone; a channel that is shared with another organisation, or about to be, is not confirmed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.access import EVERYONE, Readers

Held = Mapping[str, Readers]
"""The groups that each user id holds."""


class Person(StrEnum):
    """What somebody in the workspace is; only a member holds groups."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Of another organisation, a bot that is not listed, or nobody that Slack knows."""
    NO_READER = "no-reader"
    """Our own bot, a bot that the settings list, or an account that was closed."""


class State(StrEnum):
    """What is known of a channel's readers."""

    CONFIRMED = "confirmed"
    SHARED = "shared"
    """Another organisation reads it, or is invited to."""
    UNKNOWN = "unknown"
    """Never asked for, or something happened since."""


@dataclass(frozen=True, slots=True)
class Room:
    """A channel as Slack describes it: its members are not asked for where it is shared."""

    shared: bool
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a channel's members have in common."""

    state: State
    groups: Readers
    members: int


def in_common(room: Room, person: Callable[[str], Person], held: Held) -> Found:
    """Return the groups that all readers of a channel hold, `everyone` among them.

    Members are asked for one by one, and no more once nothing is left that all of them could hold. A channel in which
    nobody reads has nothing to go by: only `everyone`.
    """
    if room.shared:
        return Found(State.SHARED, frozenset({EVERYONE}), len(room.members))
    common: Readers | None = None
    for member in room.members:
        who = person(member)
        if who is Person.NO_READER:
            continue
        groups = held.get(member, frozenset()) if who is Person.MEMBER else frozenset()
        common = groups if common is None else common & groups
        if not common:
            break
    return Found(State.CONFIRMED, (common or frozenset()) | {EVERYONE}, len(room.members))


def merged(sources: Iterable[Held]) -> dict[str, Readers]:
    """Return who holds what by any of several sources. None of them gives `everyone`: that is not for them to give."""
    held: dict[str, Readers] = {}
    for source in sources:
        for user, groups in source.items():
            held[user] = held.get(user, frozenset()) | (groups - {EVERYONE})
    return held
