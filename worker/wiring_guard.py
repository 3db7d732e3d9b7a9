"""The part of the composition root that keeps the rest upright: what is spared when there is too much."""

from __future__ import annotations

from functools import cached_property

from worker.intake.senders import SENDERS
from worker.pressure import Limits, Pressure
from worker.shedding import SheddingInbox
from worker.wiring_access import AccessParts
from worker.wiring_index import now as now


class GuardParts(AccessParts):
    """The parts that say how much is taken on, each built when it is first asked for."""

    @cached_property
    def pressure(self) -> Pressure:
        """How hard pressed we are."""
        limits = self.settings.pressure
        return Pressure(self.store.loads.now, Limits(limits.max_waiting, limits.max_age), self.metrics, now)

    @cached_property
    def inbox(self) -> SheddingInbox:
        """The durable inbox, which takes less when there is too much."""
        outlasts = {sender.name: sender.repeats for sender in SENDERS.values()}
        return SheddingInbox(self.store.inbox, self.pressure.now, outlasts, self.metrics)
