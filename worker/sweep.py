"""Ring again for work that nobody took: what a broker loses costs one sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from worker.telemetry import Metrics

_MOST = 500


class Waiting(Protocol):
    """The work that waits in the outbox."""

    def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the incidents whose work can be taken now, the longest waiting first."""

    def pending(self) -> int:
        """Return how many pieces of work wait or run."""

    def oldest_age(self, now: datetime) -> timedelta:
        """Return how long the oldest waiting work has waited; zero where there is none."""


class Sweeper:
    """Rings for due work, and says how much there is."""

    def __init__(
        self, outbox: Waiting, ring: Callable[[Iterable[str]], None], metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """`ring` asks for work on incidents soon."""
        self._outbox = outbox
        self._ring = ring
        self._metrics = metrics
        self._clock = clock
        self._rung: dict[str, datetime] = {}

    def sweep(self) -> int:
        """Ring for what is due and was not rung for within the last sweeps; return for how many."""
        now = self._clock()
        due = self._outbox.due(now, _MOST)
        fresh = now - _PATIENCE
        self._rung = {incident: at for incident, at in self._rung.items() if at > fresh}
        lost = [incident for incident in due if incident not in self._rung]
        self._rung.update(dict.fromkeys(lost, now))
        self._ring(lost)
        self._metrics.set("middlewatch_outbox_pending", self._outbox.pending())
        self._metrics.set("middlewatch_outbox_oldest_seconds", self._outbox.oldest_age(now).total_seconds())
        return len(lost)


_PATIENCE = timedelta(seconds=15)
"""How long a ring may take to be heard before it counts as lost."""
