"""How hard pressed we are, as a word; and how long it will be. Pure, but for the measure that is kept for a second.

What is spared, and in which order: first the language model, then new incidents that are not critical. What concerns a
known incident, and a new critical one, is always taken.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from domain.errors import StoreUnavailable, Unavailable
from worker.http.ports import Probe
from worker.store.load import WINDOW, Load
from worker.telemetry import Metrics

log = structlog.get_logger()

_KEPT = timedelta(seconds=1)
_SHORTEST_S, _LONGEST_S = 5, 300
_FULL = 10
"""At so many times the limit even senders are refused that will not repeat themselves for long."""


class Level(StrEnum):
    """How hard pressed we are."""

    CALM = "calm"
    BUSY = "busy"
    """Repeats are answered without being written down, and no language model is asked for what is not critical."""
    SHEDDING = "shedding"
    """New incidents that are not critical are sent back, to come again, where their sender outlasts the wait."""
    FULL = "full"
    """They are sent back whoever sends them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From how much waiting work on, or work that nobody has tried for so long, new incidents are sent back."""

    most: int = 2000
    oldest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: the level, the load, and the seconds until there is room again as far as anybody can tell."""

    level: Level
    load: Load
    wait_s: int


def standing(load: Load, limits: Limits) -> Standing:
    """Judge a load."""
    share = max(load.waiting / limits.most, load.untouched_for / limits.oldest)
    if share >= 1:
        level = Level.FULL if load.waiting >= _FULL * limits.most else Level.SHEDDING
    else:
        level = Level.BUSY if share >= 0.5 else Level.CALM
    return Standing(level, load, wait_s(load, limits))


def wait_s(load: Load, limits: Limits) -> int:
    """Return in how many seconds the work falls to half its limit, at the rate of the last minute; within bounds.

    Where nothing was done in that minute nobody can tell, and the longest wait stands.
    """
    rate = load.done / WINDOW.total_seconds()
    over = max(load.waiting - limits.most // 2, 1)
    return max(_SHORTEST_S, min(_LONGEST_S, math.ceil(over / rate))) if rate else _LONGEST_S


class Pressure:
    """The standing of this moment, measured at most once a second however many ask."""

    def __init__(
        self, measure: Callable[[datetime], Load], limits: Limits, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """`measure` looks at the outbox."""
        self._measure = measure
        self._limits = limits
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._at: datetime | None = None
        self._last = Standing(Level.CALM, Load(), _SHORTEST_S)

    def now(self) -> Standing:
        """Return how it stands. While one measures, the others go by what was measured before."""
        now = self._clock()
        due = self._at is None or not timedelta(0) <= now - self._at < _KEPT
        if due and self._lock.acquire(blocking=False):
            try:
                self._look(now)
            finally:
                self._lock.release()
        return self._last

    def _look(self, now: datetime) -> None:
        try:
            found = standing(self._measure(now), self._limits)
        except StoreUnavailable:
            return  # whoever asked will meet the same fault, and say so
        if found.level is not self._last.level:
            log.warning("the pressure changed", action="pressure", level=found.level, waiting=found.load.waiting)
        self._last, self._at = found, now
        for level in Level:
            self._metrics.set("middlewatch_pressure", float(level is found.level), level=level.value)
        self._metrics.set("middlewatch_drain_per_second", found.load.done / WINDOW.total_seconds())


def probe(pressure: Callable[[], Pressure]) -> Probe:
    """Probe whether all that comes is taken."""

    def check() -> str:
        stands = pressure().now()
        load, rate = stands.load, stands.load.done / WINDOW.total_seconds()
        words = f"{load.waiting} incidents wait, {rate:.1f} a second are done"
        if stands.level in (Level.CALM, Level.BUSY):
            return words if stands.level is Level.CALM else f"{words}; busy: repeats are not written down"
        raise Unavailable(
            f"New incidents that are not critical are sent back with a 503: {words}, "
            f"the oldest untried for {load.untouched_for.total_seconds():.0f} s.",
            mend="See that workers run and Slack answers; add a worker or online_threads; or raise [pressure].",
        )

    return Probe("pressure", check)
