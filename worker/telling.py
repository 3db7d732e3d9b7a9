"""Who is told of an incident, and how: by a message of its own, in the channel's storm message, or not for now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.alert import Incident, Status
from worker.decide import FAIR, SUMMARIZING, Decision, Shown, Weather, decide
from worker.pressure.seats import LOOK_AGAIN_S
from worker.route import Channel, route


class Desk(Protocol):
    """What channels were told."""

    def begun(self, incident: Incident, channel: Channel) -> bool:
        """Tell whether the channel has a message, or may have one, or is told otherwise."""

    def shown(self, incident: Incident, channel: Channel) -> Shown | None:
        """Return what the channel's message says, None where there is none."""


class Air(Protocol):
    """How things stand in a channel, and what is told there together or later."""

    def weather(self, incident: Incident, channel: Channel, shown: bool) -> Weather:
        """Return how things stand for an incident that the channel was shown, or not."""

    def keep(self, incident: Incident, channel: Channel, decision: Decision) -> None:
        """Keep an incident that is told with others, or not for now."""

    def let_go(self, incident: Incident, channel: Channel) -> None:
        """Have an incident told by itself that was kept before."""


class Fair:
    """It is always fair: each incident is told by itself, at once."""

    def weather(self, incident: Incident, channel: Channel, shown: bool) -> Weather:
        """Return that nothing is out of the ordinary."""
        return FAIR

    def keep(self, incident: Incident, channel: Channel, decision: Decision) -> None:
        """Never asked."""

    def let_go(self, incident: Incident, channel: Channel) -> None:
        """Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """The channels whose own message is posted or edited now, and why; `wait_s` is how long until another's turn comes,
    in seconds, 0 where none waits.
    """

    now: tuple[tuple[Channel, Decision], ...]
    wait_s: float = 0.0


Turn = Callable[[Incident, Channel, Decision], float]
"""Returns the seconds until the turn of what was decided for an incident in a channel; 0: it is now."""

KEPT = frozenset({Decision.STORM, Decision.SILENT})
"""The decisions by which an incident gets no message of its own, for now."""


class Telling:
    """Chooses the channels that are told of an incident, and decides how."""

    def __init__(
        self,
        desk: Desk,
        channels: Sequence[Channel],
        air: Air | None = None,
        turn: Turn = lambda incident, channel, decision: 0.0,
        *,
        asks: bool = True,
    ) -> None:
        """Without `air` nothing is ever held or told together; `asks`: there is a language model to be asked."""
        self._desk = desk
        self._channels = channels
        self._air: Air = air or Fair()
        self._turn = turn
        self._asks = asks

    def of(self, incident: Incident) -> Told:
        """Return the channels whose own message about the incident is to be posted or edited, and why.

        A channel with a message is told on, wherever the incident is routed by now. What is told together with others,
        or later, is kept here and now.
        """
        channels = tuple(self._channels)
        chosen = route(incident, channels)
        told = (channel for channel in channels if channel in chosen or self._desk.begun(incident, channel))
        decided = [(channel, word) for channel in told if (word := self._decided(incident, channel))]
        turns = [self._turn(incident, channel, word) for channel, word in decided]
        now = tuple(each for each, wait_s in zip(decided, turns, strict=True) if not wait_s)
        return Told(now, min(filter(None, turns), default=0.0))

    def owed(self, incident: Incident, channel: Channel, decision: Decision) -> bool:
        """Tell whether what a channel is told for this reason lacks the language model's words still."""
        if not self._asks or incident.status is Status.RESOLVED:
            return False
        shown = None if decision in SUMMARIZING else self._desk.shown(incident, channel)
        return decision in SUMMARIZING or (shown is not None and shown.owed)

    def wait_s(self, incident: Incident, channel: Channel, decision: Decision) -> float:
        """Return the seconds until the language model may be asked about what a channel is told; 0: it is now."""
        if decision not in SUMMARIZING:
            return LOOK_AGAIN_S  # it is asked in a run of its own
        return 0.0 if decision is Decision.OWED else self._turn(incident, channel, Decision.OWED)

    def _decided(self, incident: Incident, channel: Channel) -> Decision | None:
        shown = self._desk.shown(incident, channel)
        weather = self._air.weather(incident, channel, shown is not None)
        decision = decide(incident, shown, weather)
        if decision in KEPT:
            self._air.keep(incident, channel, decision)
            return None
        if decision is Decision.NEW and weather.noted:
            self._air.let_go(incident, channel)
        return decision if decision is not Decision.REPEAT else None
