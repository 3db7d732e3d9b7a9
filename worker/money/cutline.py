"""Switches a channel to shadow by itself when its figures cross a line, and tells the people who run this.

From then on its new incidents are told in the test channel only; those that have a message go on in it. A person lifts
it, with `middlewatch cutline lift`; then only runs since then count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog

from domain.alert import Incident
from domain.errors import StoreUnavailable
from worker.route import Channel
from worker.runs import Run
from worker.sections.cutline import CutlineSettings
from worker.store.audit import Act, Audit
from worker.store.cutlines import Cutlines, Figures
from worker.store.runs import RunRecord
from worker.telemetry import Metrics

log = structlog.get_logger()

Votes = Callable[[str, datetime], tuple[int, int]]
"""Readers' votes on a channel's messages since then: (up, down)."""


def no_votes(channel_id: str, since: datetime) -> tuple[int, int]:
    """Return that nobody voted."""
    del channel_id, since
    return 0, 0


def crossed(lines: CutlineSettings, figures: Figures, votes: tuple[int, int]) -> str:
    """Return which line the figures cross, in words, "" for none. Pure."""
    if figures.answered >= lines.min_runs:
        mean = figures.usd / max(1, figures.incidents)
        if lines.usd_per_incident is not None and mean > Decimal(str(lines.usd_per_incident)):
            return f"an incident costs {mean:.4f} US dollars on average, over {figures.incidents} incidents"
        share = figures.invalid / figures.answered
        if lines.invalid_share is not None and share > lines.invalid_share:
            return f"{share:.0%} of {figures.answered} answers did not hold up"
    up, down = votes
    if lines.thumbs_down_share is not None and up + down >= lines.min_runs:
        share = down / (up + down)
        if share > lines.thumbs_down_share:
            return f"{share:.0%} of {up + down} votes are thumbs down"
    return ""


@dataclass(frozen=True, slots=True)
class Books:
    """Where cuts and acts are on record, and where votes are counted."""

    cutlines: Cutlines
    audit: Audit
    votes: Votes = no_votes


class Cutline:
    """Watches the channels' figures."""

    def __init__(self, books: Books, lines: CutlineSettings, metrics: Metrics, tell: Callable[[str], None]) -> None:
        """`tell` tells the operators."""
        self._books = books
        self._lines = lines
        self._metrics = metrics
        self._tell = tell

    def __call__(self, run: Run, record: RunRecord) -> None:
        """Look at a channel's figures after a run that asked a model."""
        if not record.model_outcome or run.channel.shadow:
            return
        since, now = run.started - self._lines.window, run.started
        try:
            before = self._books.cutlines.of(run.channel.id)
            if before is not None and before.lifted_at is not None:
                since = max(since, before.lifted_at)
            figures = self._books.cutlines.figures(run.channel.id, since)
            why = crossed(self._lines, figures, self._books.votes(run.channel.id, since))
            if not why or not self._books.cutlines.cut(run.channel.id, why, now):
                return
            self._books.audit.add(Act(now, "cutline", "shadow", run.channel.id, why))
        except StoreUnavailable as error:
            log.warning("the cutline could not look", action="cutline_failed", reason=error.reason)
            return
        self._metrics.count("middlewatch_cutlines_total", channel=run.channel.id)
        log.error("the channel is switched to shadow", action="cutline", why=why)
        name = run.channel.name or run.channel.id
        mend = f"`middlewatch cutline lift {run.channel.id}` switches it back."
        self._tell(f"{name} is switched to shadow: {why}. Its new incidents are told in the test channel only. {mend}")

    def channel(self, channel: Channel, incident: Incident, shadow_channel: str) -> Channel:
        """Return the channel as an incident is told in it: in shadow where a cut holds for the incident."""
        if channel.shadow or not shadow_channel:
            return channel
        cut = self._books.cutlines.of(channel.id)
        if cut is None or not cut.holds_for(incident.opened_at):
            return channel
        return replace(channel, post_to=shadow_channel, shadow=True)
