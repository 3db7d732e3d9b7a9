"""Who reads a channel now: the ceiling that the settings name, within what its members were found to hold.

Where membership has no source, the settings' word stands. Where it has one, nothing is readable to a channel of which
nothing is known, or nothing recent: the message goes without documents and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, overload

from domain.access import Audience
from worker.membership import State
from worker.route import Channel
from worker.store.audiences import Known
from worker.telemetry import Metrics


class Why(StrEnum):
    """Why an audience is what it is; also the label of the metric."""

    SETTINGS = "settings"
    CONFIRMED = "confirmed"
    EXTERNAL_OK = "external-ok"
    SHARED = "shared"
    STALE = "stale"
    UNKNOWN = "unknown"


NOTES: Mapping[Why, str] = {
    Why.STALE: "Readers of this channel could not be confirmed; this message is without documents.",
    Why.UNKNOWN: "Readers of this channel could not be confirmed; this message is without documents.",
    Why.SHARED: "This channel is shared with another organisation; this message is without documents.",
}
"""What the message says of it."""

_UNSURE = frozenset({Why.STALE, Why.UNKNOWN})
"""Nobody said that somebody lost anything: what is posted stays as it is until that is known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who reads a channel now, and by what that is known."""

    audience: Audience
    why: Why


class Book(Protocol):
    """What is known of channels' readers."""

    def all(self) -> Mapping[str, Known]:
        """Return what is known, by channel id."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`verified`: membership has a source. `external_ok` are channels whose strangers may read what is for everyone."""

    verified: bool
    ttl: timedelta
    external_ok: frozenset[str] = frozenset()


def standing(ceiling: Audience, known: Known | None, policy: Policy, external_ok: bool, now: datetime) -> Standing:
    """Decide who reads a channel. Pure: `known` is what is on record of it."""
    if not policy.verified:
        return Standing(ceiling, Why.SETTINGS)
    if known is None or known.state is State.UNKNOWN or known.confirmed_at is None:
        return Standing(Audience.nobody(), Why.UNKNOWN)
    if now - known.confirmed_at > policy.ttl:
        return Standing(Audience.nobody(), Why.STALE)
    if known.state is State.SHARED:
        return Standing(Audience.of(()), Why.EXTERNAL_OK) if external_ok else Standing(Audience.nobody(), Why.SHARED)
    return Standing(Audience.of(ceiling.groups & known.groups), Why.CONFIRMED)


class Audiences:
    """Who reads each channel, at the moment of asking."""

    def __init__(self, book: Book, policy: Policy, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        """`book` is what was found out; it is read each time, since another process may have changed it."""
        self._book = book
        self._policy = policy
        self._metrics = metrics
        self._clock = clock

    def now(self, channel: Channel) -> Audience:
        """Return who reads a channel at this moment; nobody where that is not known."""
        return self.live((channel,))[0].audience

    def live(self, channels: Iterable[Channel]) -> tuple[Channel, ...]:
        """Return the channels with their audiences as they are now, and with the line that says what is amiss.

        A message in shadow mode is read in the test channel, so the readers of that one count too.
        """
        known, now = self._book.all() if self._policy.verified else {}, self._clock()
        return tuple(self._live(channel, known, now) for channel in channels)

    def _live(self, channel: Channel, known: Mapping[str, Known], now: datetime) -> Channel:
        places = dict.fromkeys((channel.id, channel.post_to or channel.id))
        found = [
            standing(channel.audience, known.get(place), self._policy, place in self._policy.external_ok, now)
            for place in places
        ]
        groups = frozenset.intersection(*(each.audience.groups for each in found))
        amiss = next((each.why for each in found if each.why in NOTES), None)
        if amiss:
            self._metrics.count("middlewatch_unconfirmed_total", reason=amiss.value)
        sure = all(each.why not in _UNSURE for each in found)
        return replace(channel, audience=Audience(groups), note=NOTES[amiss] if amiss else "", confirmed=sure)


class LiveChannels(Sequence[Channel]):
    """The channels of the settings, each time with the audiences that they have then."""

    def __init__(self, channels: Sequence[Channel], audiences: Audiences) -> None:
        """`channels` come from the settings: their audiences are ceilings."""
        self._channels = tuple(channels)
        self._audiences = audiences

    def __iter__(self) -> Iterator[Channel]:
        """Give each channel as it is now; all are looked up at once."""
        return iter(self._audiences.live(self._channels))

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self._channels)

    @overload
    def __getitem__(self, index: int) -> Channel: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Channel]: ...
    def __getitem__(self, index: int | slice) -> Channel | Sequence[Channel]:
        """Return one channel, or some, as they are now."""
        chosen = self._channels[index]
        live = self._audiences.live((chosen,) if isinstance(chosen, Channel) else chosen)
        return live[0] if isinstance(chosen, Channel) else live
