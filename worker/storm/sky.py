"""How things stand in a channel for an incident: whether it is silent, and whether there is a storm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from domain.alert import Incident
from domain.errors import StoreUnavailable
from worker.decide import Decision, Weather
from worker.route import Channel
from worker.silence import Silence, covered
from worker.store.messages import Place
from worker.storm.weather import Tides
from worker.telemetry import Metrics


class Book(Protocol):
    """What silences hold."""

    def keep(self, place: Place, until: datetime | None, now: datetime) -> bool:
        """Note that a channel is not told of an incident up to a time."""

    def wake(self, now: datetime) -> tuple[str, ...]:
        """Have the incidents looked at whose silence has ended."""

    def doubt(self, now: datetime) -> None:
        """Let every silence end now, as far as the record goes."""

    def firing(self) -> int:
        """Return how many incidents fire and are not told."""


class Sky:
    """Looks at silences first, then at the tides."""

    def __init__(
        self,
        tides: Tides,
        silences: Sequence[Silence],
        book: Book,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """`silences` come from the settings."""
        self._tides = tides
        self._silences = silences
        self._book = book
        self._metrics = metrics
        self._clock = clock
        self._awake = False

    def weather(self, incident: Incident, channel: Channel, shown: bool) -> Weather:
        """Return how things stand for an incident that the channel was shown, or not."""
        silent = covered(incident, self._silences, self._clock()) is not None
        return replace(self._tides.weather(incident, channel, shown), silent=silent)

    def keep(self, incident: Incident, channel: Channel, decision: Decision) -> None:
        """Keep an incident that is told with others, or not for now.

        Raises:
            StoreUnavailable: another worker has begun a message for it meanwhile; it is to be looked at again.
        """
        if decision is not Decision.SILENT:
            self._tides.keep(incident, channel, decision)
            return
        now = self._clock()
        found = covered(incident, self._silences, now) if incident.firing else None
        if not self._book.keep(Place(channel.id, incident.id), found.until if found else None, now):
            raise StoreUnavailable("Another worker tells of it meanwhile; it is looked at again.", reason="overtaken")
        for name in found.names if found else ():
            self._metrics.count("middlewatch_silenced_total", silence=name)

    def let_go(self, incident: Incident, channel: Channel) -> None:
        """Have an incident told by itself from now on."""
        self._tides.let_go(incident, channel)

    def settle(self) -> None:
        """End the storms that are over, and have told what no silence holds any more.

        What is on record of silences is doubted once in the life of a process: its settings may be others.
        """
        now = self._clock()
        self._tides.settle()
        if not self._awake:
            self._book.doubt(now)
            self._awake = True
        self._tides.ring(self._book.wake(now))
        self._metrics.set("middlewatch_silent_incidents", self._book.firing())
