"""When so many incidents begin in a channel that they are told together: pure, but for `Tides`, which looks and keeps.

A storm begins with the incident before which `incidents` others began within `within`; it is over when fewer than
half as many began within such a time. A critical incident counts, and is always told by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.alert import Incident
from domain.errors import StoreUnavailable
from worker.decide import FAIR, Decision, Weather
from worker.route import Channel
from worker.store.messages import Begun, Place
from worker.store.storm import Look, Member
from worker.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class StormRule:
    """So many incidents within such a time make a storm; 0 of them: there is none."""

    incidents: int = 0
    within: timedelta = timedelta(minutes=5)

    @property
    def settled_below(self) -> int:
        """A storm is over when fewer than this began within the time."""
        return max(1, (self.incidents + 1) // 2)


def stormy(recent: int, going_on: bool, rule: StormRule) -> bool:
    """Tell whether an incident is told with others, by how many began lately and whether a storm goes on."""
    return rule.incidents > 0 and (going_on or recent >= rule.incidents)


def weather_of(look: Look, rule: StormRule, silent: bool) -> Weather:
    """Return how things stand for an incident, in the terms of `decide`."""
    return Weather(
        begun=look.state in {Begun.AMBIGUOUS, Begun.POSTED},
        apart=look.apart,
        storm=stormy(look.recent, bool(look.storm), rule),
        noted=look.noted,
        silent=silent,
        hushed=look.state is Begun.SILENT,
    )


class Book(Protocol):
    """The storms of record."""

    def look(self, place: Place, since: datetime, most: int) -> Look:
        """Return how things stand in a channel for an incident."""

    def join(self, place: Place, member: Member, now: datetime) -> tuple[str, bool] | None:
        """Have an incident told by its channel's storm."""

    def leave(self, place: Place, now: datetime) -> str:
        """Let an incident have a message of its own."""

    def calm(self, now: datetime, since: datetime, fewer_than: int) -> tuple[str, ...]:
        """End the storms of channels where fewer than this began since."""

    def going_on(self) -> int:
        """Return how many storms go on."""


class Tides:
    """How full each channel is, and what is told there together."""

    def __init__(
        self,
        book: Book,
        rule: StormRule,
        ring: Callable[[tuple[str, ...]], None],
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """`ring` asks for work on a storm soon; it neither waits nor fails."""
        self._book = book
        self._rule = rule
        self.ring = ring
        self._metrics = metrics
        self._clock = clock

    def weather(self, incident: Incident, channel: Channel, shown: bool) -> Weather:
        """Return how things stand for an incident that the channel was shown, or not."""
        if shown:
            return FAIR
        rule = self._rule
        look = self._book.look(Place(channel.id, incident.id), self._clock() - rule.within, max(1, rule.incidents))
        return weather_of(look, rule, silent=False)

    def keep(self, incident: Incident, channel: Channel, decision: Decision) -> None:
        """Keep an incident that is told with others."""
        self._join(incident, channel)

    def let_go(self, incident: Incident, channel: Channel) -> None:
        """Have an incident told by itself from now on: it turned critical."""
        if storm := self._book.leave(Place(channel.id, incident.id), self._clock()):
            self._metrics.count("middlewatch_storm_incidents_total", what="left")
            self.ring((storm,))

    def settle(self) -> None:
        """End the storms that are over, and have that told."""
        rule, now = self._rule, self._clock()
        fewer = rule.settled_below if rule.incidents else _ALL
        self.ring(self._book.calm(now, now - rule.within, fewer))
        self._metrics.set("middlewatch_storms", self._book.going_on())

    def _join(self, incident: Incident, channel: Channel) -> None:
        """Have an incident told with the others of the channel's storm.

        Raises:
            StoreUnavailable: another worker has begun a message for it meanwhile; it is to be looked at again.
        """
        joined = self._book.join(Place(channel.id, incident.id), Member.of(incident), self._clock())
        if joined is None:
            raise StoreUnavailable("Another worker tells of it meanwhile; it is looked at again.", reason="overtaken")
        storm, begins = joined
        self._metrics.count("middlewatch_storm_incidents_total", what="told")
        if begins:
            self._metrics.count("middlewatch_storm_incidents_total", what="began")
            self.ring((storm,))


_ALL = 1_000_000_000
