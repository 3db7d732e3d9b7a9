"""The settings of what is done when there is too much of it, or when a part does not answer."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from worker.sections.source import Duration, Section


class PressureSettings(Section):
    """When new incidents that are not critical are sent back with a 503, to come again."""

    max_waiting: int = Field(2000, ge=1, description="When so many incidents wait for their messages")
    max_age: Duration = Field(timedelta(minutes=5), description="When one has waited so long and nobody has tried it")


class BreakerSettings(Section):
    """When Qdrant, Slack or the source of groups is spared because it does not answer; models: `[llm]`."""

    failures: int = Field(5, ge=1, description="After so many failures in a row")
    open: Duration = Field(timedelta(seconds=30), description="For how long, until one call looks whether it is back")
