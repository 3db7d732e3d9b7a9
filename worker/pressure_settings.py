"""The settings of what is done when there is too much of it, or when a part does not answer."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from worker.source_settings import Duration, Section


class PressureSettings(Section):
    """When new incidents that are not critical are sent back with a 503, to come again."""

    max_waiting: int = Field(2000, ge=1, description="When so many incidents wait for their messages")
    max_age: Duration = Field(timedelta(minutes=5), description="When one has waited so long and nobody has tried it")
