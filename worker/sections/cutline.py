"""The settings of the cutline: when a channel's messages go to the test channel by themselves."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from worker.sections.source import Duration, Section


class CutlineSettings(Section):
    """When a channel is switched to shadow by its own figures; what is not set cuts nothing."""

    usd_per_incident: float | None = Field(None, ge=0, description="Mean cost of an incident's calls to models")
    invalid_share: float | None = Field(
        None, ge=0, le=1, description="Share of answers that were unreadable or did not hold up"
    )
    thumbs_down_share: float | None = Field(None, ge=0, le=1, description="Share of votes that are thumbs down")
    window: Duration = Field(timedelta(hours=24), description="The figures are over so long")
    min_runs: int = Field(20, ge=1, description="With fewer runs that asked a model, or fewer votes, nothing is cut")

    @property
    def cuts(self) -> bool:
        """Whether there is any line to cross."""
        return any(line is not None for line in (self.usd_per_incident, self.invalid_share, self.thumbs_down_share))
