"""Spares a part that is down, and whoever waits for it: a circuit breaker and a budget of second tries.

M. Nygard, "Release It!", 2007, chapter 5; the budget as in the SRE book, chapter 22.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_SHARE = 0.2
"""Second tries may be this share of first ones, beside a few that are saved up."""
_MOST_SAVED = 5.0


class Breaker:
    """What one process knows of one part. Threads share it."""

    def __init__(
        self,
        failures: int,
        open_s: float,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """After so many failures in a row the part is spared for `open_s` seconds; `changed` hears of both ends."""
        self._most = failures
        self._open_s = open_s
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_from = 0.0
        self._saved = _MOST_SAVED

    @property
    def open(self) -> bool:
        """Whether the part is spared, or is being looked at again after it was."""
        return self._failures >= self._most

    @property
    def left_s(self) -> float:
        """For how many seconds nobody looks at it; 0 where a call may be made."""
        return max(0.0, self._closed_from - self._clock()) if self.open else 0.0

    def may_ask(self) -> bool:
        """Tell whether a call may be made; while it is spared one call at a time looks whether it is back."""
        with self._lock:
            if not self.open:
                self._saved = min(_MOST_SAVED, self._saved + _SHARE)
                return True
            if self._clock() < self._closed_from:
                return False
            self._closed_from = self._clock() + self._open_s
            return True

    def may_retry(self) -> bool:
        """Tell whether a second try may be made, and count it."""
        with self._lock:
            if self._saved < 1 or self.open:
                return False
            self._saved -= 1
            return True

    def answered(self) -> None:
        """Take in that it answered, if with a no."""
        with self._lock:
            was_open, self._failures = self.open, 0
        if was_open:
            self._changed(False)

    def failed(self) -> None:
        """Take in that it did not answer."""
        with self._lock:
            was_open = self.open
            self._failures += 1
            if self.open:
                self._closed_from = self._clock() + self._open_s
            opens = self.open and not was_open
        if opens:
            self._changed(True)
