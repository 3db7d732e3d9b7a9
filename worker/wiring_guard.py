"""The part of the composition root that keeps the rest upright: what is spared when there is too much."""

from __future__ import annotations

from functools import cached_property

from worker.guarded import GuardedPost, Spare
from worker.intake.senders import SENDERS
from worker.posting import Post
from worker.pressure import Limits, Pressure
from worker.shedding import SheddingInbox
from worker.slack.client import PreviewChannel, SlackChannel
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
    def slack(self) -> SlackChannel | None:
        """Slack itself, None where no token is set."""
        slack = self.settings.slack
        token = slack.bot_token.get_secret_value()
        calling = lambda: self.outbound.for_url("slack", slack.base_url)  # noqa: E731
        return SlackChannel(token, slack.base_url, calling=calling) if token else None

    @cached_property
    def spare(self) -> Spare:
        """What spares Slack."""
        return Spare(self.breaker("slack"))

    @cached_property
    def post(self) -> Post:
        """Slack, or the preview where no token is set."""
        return GuardedPost(self.slack, self.spare) if self.slack else PreviewChannel(now)

    @cached_property
    def inbox(self) -> SheddingInbox:
        """The durable inbox, which takes less when there is too much."""
        outlasts = {sender.name: sender.repeats for sender in SENDERS.values()}
        return SheddingInbox(self.store.inbox, self.pressure.now, outlasts, self.metrics)
