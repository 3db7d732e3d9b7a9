"""Ring again for work that nobody took, and do it here where no ring is heard.

What a broker loses costs one sweep; a broker that is dead costs a moment more, not the message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from domain.errors import MiddlewatchError
from worker.telemetry import Metrics

log = structlog.get_logger()

_MOST = 500
Each = Callable[[Iterable[str]], None]
"""Told of incidents; neither waits nor fails."""


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

    patience = timedelta(seconds=15)
    """How long a ring may take to be heard before it counts as lost."""

    def __init__(
        self, outbox: Waiting, ring: Each, take: Each, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """`ring` asks for work on incidents soon; `take` has it done in this process."""
        self._outbox = outbox
        self._ring = ring
        self._take = take
        self._metrics = metrics
        self._clock = clock
        self._rung: dict[str, datetime] = {}

    def sweep(self) -> int:
        """Ring for what is due and was not rung for; take what was, and nobody heard; return how many are due."""
        now = self._clock()
        due = self._outbox.due(now, _MOST)
        rung = {incident: self._rung.get(incident, now) for incident in due}
        new = [incident for incident in due if incident not in self._rung]
        unheard = [incident for incident, at in rung.items() if now - at >= self.patience]
        self._rung = rung
        self._ring(new)
        if unheard:
            log.warning("nobody hears the bell: this process does the work", action="bell_unheard", n=len(unheard))
            self._take(unheard)
        self._metrics.set("middlewatch_outbox_pending", self._outbox.pending())
        self._metrics.set("middlewatch_outbox_oldest_seconds", self._outbox.oldest_age(now).total_seconds())
        return len(due)


class Hands:
    """A few threads of this process that do work which no broker brings."""

    def __init__(self, do: Callable[[str], object], threads: int = 2) -> None:
        """`do` takes an incident's id; that two do the same is prevented by its claim."""
        self._do = do
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="hands")
        self._held: set[str] = set()
        self._lock = threading.Lock()

    def take(self, incident_ids: Iterable[str]) -> None:
        """Do the work on these incidents as soon as a thread is free; what is at hand already is left."""
        for incident_id in incident_ids:
            with self._lock:
                if incident_id in self._held:
                    continue
                self._held.add(incident_id)
            self._threads.submit(self._one, incident_id)

    def close(self) -> None:
        """Take no more; what runs comes to its end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _one(self, incident_id: str) -> None:
        try:
            self._do(incident_id)
        except MiddlewatchError as error:
            log.warning("the work could not be done", action="hands_failed", reason=error.reason)
        except Exception:
            log.exception("the work met a defect", action="hands_defect", incident=incident_id)
        finally:
            with self._lock:
                self._held.discard(incident_id)
