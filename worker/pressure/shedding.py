"""The inbox under pressure: what is let in, what is answered without being written down, what is sent back.

Nothing that was acknowledged is ever dropped: a repeat says nothing that is not stored, and what is sent back was
never acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.alert import Delivery, Severity
from worker.http.ports import Receipt
from worker.http.problems import Overloaded
from worker.pressure.level import Level, Standing
from worker.store.fold import Effect
from worker.store.receive import Foreseen
from worker.telemetry import Metrics


class Verdict(StrEnum):
    """What becomes of a delivery under pressure; also the label of the metric."""

    TAKE = "take"
    REPEAT = "repeat"
    """All of it is known: it is acknowledged, and nothing is written."""
    SEND_BACK = "new"
    """It would open incidents, and none of them is critical."""


class Inbox(Protocol):
    """Where deliveries are taken in."""

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings."""

    def foresee(self, delivery: Delivery, now: datetime) -> Foreseen:
        """Return what a delivery would do, and store nothing."""


def judge(foreseen: Foreseen, stands: Standing, outlasts: timedelta) -> Verdict:
    """Decide what becomes of a delivery. Pure; `outlasts` is for how long its sender repeats what gets a 503.

    One word counts for all of it: with one part that must be taken the whole is.
    """
    effects = set(foreseen.effects)
    if effects == {Effect.REPEAT}:
        return Verdict.REPEAT if foreseen.heard_lately else Verdict.TAKE
    if not effects <= {Effect.REPEAT, Effect.OPENED} or foreseen.worst_opened is Severity.CRITICAL:
        return Verdict.TAKE
    comes_again = outlasts > timedelta(seconds=stands.wait_s)
    shed = stands.level is Level.FULL or (stands.level is Level.SHEDDING and comes_again)
    return Verdict.SEND_BACK if shed else Verdict.TAKE


class SheddingInbox:
    """An inbox that takes less when there is too much."""

    def __init__(
        self, inbox: Inbox, stands: Callable[[], Standing], outlasts: Mapping[str, timedelta], metrics: Metrics
    ) -> None:
        """`outlasts` says for each sender how long it repeats what gets a 503."""
        self._inbox = inbox
        self._stands = stands
        self._outlasts = outlasts
        self._metrics = metrics

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings, unless all of it is known or it has to wait.

        What is known costs one look: senders repeat themselves far more often than they have news, and no repeat is to
        wait for a writer, or be one.

        Raises:
            Overloaded: nothing was stored; the sender is to come again.
            StoreUnavailable: nothing was stored.
        """
        stands = self._stands()
        if not delivery.alerts or delivery.rejected or delivery.ignored:
            return self._inbox.receive(delivery, now)
        foreseen = self._inbox.foresee(delivery, now)
        verdict = judge(foreseen, stands, self._outlasts.get(delivery.sender, timedelta(0)))
        if verdict is Verdict.TAKE:
            return self._inbox.receive(delivery, now)
        if stands.level is not Level.CALM:
            self._metrics.count("middlewatch_shed_total", sender=delivery.sender, what=verdict.value)
        if verdict is Verdict.REPEAT:
            return foreseen.receipt
        raise Overloaded(
            f"{stands.load.waiting} incidents wait for their messages; new ones that are not critical have to wait.",
            mend="Send it again after the time in Retry-After. Critical alerts and changes are taken.",
            retry_after_s=stands.wait_s,
        )
