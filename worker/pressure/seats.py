"""How many incidents may be with the language model at once: other threads tell of the next ones meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from domain.alert import Incident
from domain.document import Evidence
from domain.summary import Summary
from summarizer.attempt import Attempt
from worker.pressure.spared import Ladder

LOOK_AGAIN_S = 1.0
"""After so many seconds an incident that found no seat asks for one again."""


class Seats:
    """So many seats; nobody waits for one in a thread. Threads share it."""

    def __init__(self, number: int) -> None:
        """`number` is how many answers are waited for at once."""
        self._number = number
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether all are taken at this moment."""
        return self._taken >= self._number

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take one, even where that is one too many: who asks first whether it is `full` seldom does."""
        self._take(1)
        try:
            yield
        finally:
            self._take(-1)

    def _take(self, more: int) -> None:
        with self._lock:
            self._taken += more


class Seated:
    """A ladder whose upper rungs are climbed on a seat."""

    def __init__(self, ladder: Ladder, seats: Seats) -> None:
        """Hand on to this ladder."""
        self._ladder = ladder
        self._seats = seats

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model."""
        return self._ladder.first(incident, evidence)

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        """Ask the language model for a better one."""
        with self._seats.taken():
            return self._ladder.improved(incident, evidence, first)
