"""Rings for work at its time. What it forgets when its process ends, the sweeper finds."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterable

_MOST = 10_000
_STOP_S = 5.0


class Timer:
    """A thread that waits for the next time and rings."""

    def __init__(self, ring: Callable[[Iterable[str]], None]) -> None:
        """`ring` asks for work on incidents soon; it neither waits nor fails."""
        self._ring = ring
        self._times: list[tuple[float, str]] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="timer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ring no more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(_STOP_S)

    def set(self, incident_id: str, seconds: float) -> None:
        """Ring for an incident in so many seconds; beyond `_MOST` that wait it is left to the sweeper."""
        with self._changed:
            if len(self._times) < _MOST:
                heapq.heappush(self._times, (time.monotonic() + seconds, incident_id))
                self._changed.notify()

    def _run(self) -> None:
        while due := self._next():
            self._ring(due)

    def _next(self) -> tuple[str, ...]:
        """Wait until something is due and return it; nothing: it is over."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                due = []
                while self._times and self._times[0][0] <= now:
                    due.append(heapq.heappop(self._times)[1])
                if due:
                    return tuple(due)
                self._changed.wait(self._times[0][0] - now if self._times else None)
        return ()
