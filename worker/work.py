"""Take one incident's work from the outbox, do it, and say what became of it.

The outbox row is the truth: it is claimed under a lease with a fencing token, and an attempt counts before
it begins, so that work which kills its worker ends among the dead instead of going round for ever.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from domain.alert import Incident
from domain.errors import MiddlewatchError, SlackUnavailable
from worker.posting import HISTORY_LAGS, IN_DOUBT
from worker.pressure.guarded import SPARED
from worker.pressure.turns import TURN
from worker.store.outbox import HELD, Claim

log = structlog.get_logger()

_LONGEST_DELAY_S = 300.0
_UNHURRIED_S = 30.0
_SPREAD_S = 5.0
_EXACT = frozenset({TURN, IN_DOUBT})
_UNTRIED = _EXACT | {SPARED}


class Outbox(Protocol):
    """The work that waits."""

    def claim(self, incident_id: str, now: datetime, lease: timedelta) -> Claim | None:
        """Take the work on an incident, or None where there is none or somebody has it."""

    def renew(self, claim: Claim, now: datetime, lease: timedelta) -> bool:
        """Hold the work for longer; False when it is no longer ours."""

    def finish(self, claim: Claim, version: int, now: datetime) -> bool:
        """Close the work, unless the incident has moved on from this version."""

    def retry(self, claim: Claim, at: datetime, reason: str, attempts: int) -> bool:
        """Give the work back, to be taken from this time on; so many attempts count by then."""

    def bury(self, claim: Claim, reason: str, now: datetime) -> bool:
        """Put the work among the dead, with the reason."""


class Outcome(StrEnum):
    """What became of one attempt."""

    DONE = "done"
    TAKEN = "taken"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one attempt may hold its work, how many there are, and how long they wait for each other.

    `first_delay_s` grows twofold with each attempt. `in_doubt_s` is how long Slack's history may lag behind: the wait
    before it is asked for a message that may be there. `may_hurry` is the budget of second tries: where it is used up,
    the next try waits for longer.
    """

    lease: timedelta
    max_attempts: int
    first_delay_s: float = 2.0
    in_doubt_s: float = HISTORY_LAGS.total_seconds()
    may_hurry: Callable[[], bool] = lambda: True


class Work:
    """Handles incidents one attempt at a time."""

    def __init__(
        self,
        outbox: Outbox,
        handle: Callable[[str], int],
        limits: Limits,
        clock: Callable[[], datetime],
        later: Callable[[str, float], None] = lambda incident_id, seconds: None,
    ) -> None:
        """`handle` takes an incident's id and returns the version that it has dealt with.

        `later` is told of work that is given back, with the seconds after which it is to be rung for.
        """
        self._outbox = outbox
        self._handle = handle
        self._limits = limits
        self._clock = clock
        self._later = later
        self._held: dict[tuple[str, int], Claim] = {}
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Hold on to the work that is being done; to be called several times within a lease."""
        with self._lock:
            held = tuple(self._held.values())
        for claim in held:
            self._outbox.renew(claim, self._clock(), self._limits.lease)

    def attempt(self, incident_id: str) -> Outcome:
        """Do the work on an incident, if it is there to be had.

        A defect (an exception without a name of ours) is recorded like any failure, and raised.
        """
        claim = self._outbox.claim(incident_id, self._clock(), self._limits.lease)
        if claim is None:
            return Outcome.TAKEN
        with (
            structlog.contextvars.bound_contextvars(incident=incident_id, attempt=claim.attempts),
            self._holding(claim),
        ):
            return self._attempt(claim)

    @contextmanager
    def _holding(self, claim: Claim) -> Iterator[None]:
        key = claim.incident_id, claim.token  # one that lost its lease may still run beside the next
        with self._lock:
            self._held[key] = claim
        before = HELD.set(claim)
        try:
            yield
        finally:
            HELD.reset(before)
            with self._lock:
                self._held.pop(key)

    def _attempt(self, claim: Claim) -> Outcome:
        if claim.attempts > self._limits.max_attempts:
            return self._bury(claim, "too-many-attempts")
        try:
            version = self._handle(claim.incident_id)
        except MiddlewatchError as error:
            return self._failed(claim, error.reason, self._wait(error, claim.attempts), lasting=error.retryable)
        except Exception:
            self._failed(claim, "defect", self._backoff(claim.attempts))
            raise
        self._outbox.finish(claim, version, self._clock())
        return Outcome.DONE

    def _failed(self, claim: Claim, reason: str, delay_s: float, *, lasting: bool = False) -> Outcome:
        """Give the work back, or up; what time can mend is tried as long as it lasts: an outage buries nothing."""
        if claim.attempts >= self._limits.max_attempts and not lasting:
            return self._bury(claim, reason)
        level = logging.INFO if reason in _EXACT else logging.WARNING
        log.log(level, "the work will be tried again", action="work_retry", reason=reason, delay_s=round(delay_s, 1))
        at = self._clock() + timedelta(seconds=delay_s)
        counted = claim.attempts - 1 if reason in _UNTRIED else claim.attempts
        self._outbox.retry(claim, at, reason, max(1, min(counted, self._limits.max_attempts - 1)))
        self._later(claim.incident_id, delay_s)
        return Outcome.RETRY

    def _bury(self, claim: Claim, reason: str) -> Outcome:
        log.error("the work is given up", action="work_dead", reason=reason)
        self._outbox.bury(claim, reason, self._clock())
        return Outcome.DEAD

    def _wait(self, error: MiddlewatchError, attempts: int) -> float:
        """Return the seconds to wait: what Slack asked for, spread out, else a growing, jittered back-off."""
        if not isinstance(error, SlackUnavailable):
            return self._backoff(attempts)
        if error.reason in _EXACT:
            return error.retry_after
        if error.reason == SPARED:
            return error.retry_after + random.uniform(0.0, _SPREAD_S)  # noqa: S311 - jitter
        if error.retry_after:
            return error.retry_after * random.uniform(1.0, 1.0 + attempts)  # noqa: S311 - jitter
        least = 0.0 if self._limits.may_hurry() else _UNHURRIED_S * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        return max(least, self._limits.in_doubt_s if error.ambiguous else 0.0, self._backoff(attempts))

    def _backoff(self, attempts: int) -> float:
        delay = min(_LONGEST_DELAY_S, self._limits.first_delay_s * 2.0 ** (attempts - 1))
        return delay * random.uniform(0.5, 1.0)  # noqa: S311 - jitter


class Incidents(Protocol):
    """The incidents of record."""

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it stands, or None."""


class Story(Protocol):
    """The pipeline."""

    def handle(self, incident: Incident) -> None:
        """Tell every channel."""


def handler(incidents: Incidents, story: Story, gate: Callable[[], None] = lambda: None) -> Callable[[str], int]:
    """Return what takes an incident's id to its channels and says which version they now know.

    `gate` raises where there is no use in beginning.
    """

    def handle(incident_id: str) -> int:
        gate()
        incident = incidents.get(incident_id)
        if incident is None:  # purged while its work waited
            return 0
        story.handle(incident)
        return incident.version

    return handle
