"""How many deliveries each sender may make: a token bucket for each, so that one that runs wild starves no other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from worker.http.problems import Overloaded

BURST_S = 2
"""A sender that was silent may send this many seconds' worth at once."""


class Rates:
    """Lives on the event loop alone, so it needs no lock."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_second` deliveries of each sender; 0 sets no limit."""
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, sender: str) -> None:
        """Count a delivery of a sender.

        Raises:
            Overloaded: it sends too many; a 503, because Alertmanager never repeats what gets a 429.
        """
        if not self._per_second:
            return
        now, most = self._clock(), self._per_second * BURST_S
        left, at = self._buckets.get(sender, (most, now))
        left = min(most, left + (now - at) * self._per_second)
        if left < 1:
            self._buckets[sender] = (left, now)
            wait_s = math.ceil((1 - left) / self._per_second)
            raise Overloaded(
                "This sender delivers too fast.", mend="Send it again later, or group more.", retry_after_s=wait_s
            )
        self._buckets[sender] = (left - 1, now)
