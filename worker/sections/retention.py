"""The settings of forgetting."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from worker.sections.source import Duration, Section


class RetentionSettings(Section):
    """How long things are kept; what is not set here is kept for `[worker] keep_days`."""

    alerts: Duration | None = Field(None, description="What the alerts of a closed incident said")
    incidents: Duration | None = Field(None, description="Incidents, with all that belongs to them")
    messages: Duration | None = Field(None, description="Messages of closed incidents; at most as long as `audit`")
    audit: Duration | None = Field(None, description="Runs and all that was recorded of them for replay")
    spend: Duration = Field(timedelta(days=400), description="What calls to language models cost; it holds no text")

    @model_validator(mode="after")
    def _nothing_outlives_its_run(self) -> Self:
        if self.audit is not None and (self.messages is None or self.messages > self.audit):
            raise ValueError("retention.messages: set it, to at most retention.audit: a message holds its run's words")
        return self
