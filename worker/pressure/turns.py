"""Whose turn it is to call Slack: it takes one post a second and channel, and some fifty edits a minute.

Who asks for more gets a 429 and comes back later than need be. So turns are given out here, in the order in which they
are asked for, by the generic cell rate algorithm (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): a worker
is told when its turn comes and does something else meanwhile. Each process gives out its own; where they are too many
together, Slack's 429 holds them all back. Limits: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.errors import SlackUnavailable
from worker.slack.answers import RATE_LIMITED

TURN = "slack-turn"
"""The reason of what waits for its turn: nothing was tried."""

EDITS = "edits"
"""The lane of all edits of a workspace; each channel has one of its own for its posts."""

WORDS = "words"
"""The lane of the language model's words: they take turns of `EDITS` too, those that what happens leaves over."""

_SOON_S = 0.02
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """One call each so many seconds, and so many at once after a rest."""

    every_s: float
    at_once: int


class Turns:
    """Gives out turns in lanes. Threads share it."""

    def __init__(self, posts: Limit, edits: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        """`posts` holds for each channel, `edits` for all of them; the clock counts seconds."""
        self._posts = posts
        self._edits = edits
        self._words = Limit(edits.every_s, max(1, edits.at_once // 2))
        self._clock = clock
        self._free: dict[str, float] = {}  # when the lane's rests are used up
        self._kept: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def wait(self, lane: str, name: str, *, hurried: bool = False) -> float:
        """Return the seconds until the turn that `name` has in the lane; 0: it is now, and taken.

        Whoever asks again before then is told of the same turn. Who is hurried goes now, and the others later for it.
        """
        with self._lock:
            now = self._clock()
            turn = self._kept.pop((lane, name), None)
            if turn is None:
                turn = self._next(lane, now)
            if hurried or turn <= now + _SOON_S:
                return 0.0
            self._keep((lane, name), turn, now)
            return turn - now

    def wait_for_words(self, name: str, *, hurried: bool = False) -> float:
        """Return the seconds until the language model may be asked for what an edit will bring; 0: now, and taken.

        It is asked while half of the edits at once, or more, are left to what happens.
        """
        room_s = self._words.at_once * self._words.every_s
        over_s = self._free.get(EDITS, 0.0) - self._clock() - room_s
        if over_s > _SOON_S and not hurried:
            return over_s
        wait_s = self.wait(WORDS, name, hurried=hurried)
        if not wait_s:
            self.wait(EDITS, f"{WORDS} {name}", hurried=True)
        return wait_s

    def hold(self, lane: str, seconds: float) -> None:
        """Give out no new turn before so many seconds are over: Slack has had too many."""
        limit = self._limit(lane)
        with self._lock:
            full = self._clock() + seconds + (limit.at_once - 1) * limit.every_s
            self._free[lane] = max(self._free.get(lane, full), full)

    @contextmanager
    def heeding(self, lane: str) -> Iterator[None]:
        """Hold the lane for as long as Slack asks, where the body is told to wait."""
        try:
            yield
        except SlackUnavailable as error:
            if error.reason == RATE_LIMITED:
                self.hold(lane, error.retry_after)
            raise

    def _next(self, lane: str, now: float) -> float:
        limit = self._limit(lane)
        free = max(self._free.get(lane, now), now)
        self._free[lane] = free + limit.every_s
        return max(now, free - (limit.at_once - 1) * limit.every_s)

    def _keep(self, whose: tuple[str, str], turn: float, now: float) -> None:
        if len(self._kept) >= _KEPT:  # of those that never came back
            self._kept = {each: at for each, at in self._kept.items() if at > now}
        self._kept[whose] = turn

    def _limit(self, lane: str) -> Limit:
        return {EDITS: self._edits, WORDS: self._words}.get(lane, self._posts)


def not_yet(wait_s: float) -> SlackUnavailable:
    """Return what a worker raises whose turn comes later."""
    return SlackUnavailable(
        f"Slack takes this message in {wait_s:.1f} s.", ambiguous=False, retry_after=wait_s, reason=TURN
    )
