"""The settings of storms: when so many incidents begin at once that they share a message."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from worker.sections.source import Duration, Section


class StormSettings(Section):
    """When so many incidents begin in a channel that one message tells of them. A critical one always has its own."""

    incidents: int = Field(20, ge=0, description="So many within `within` are told one by one. 0: there are no storms")
    within: Duration = Field(timedelta(minutes=5), description="Half as many in such a time, and the storm is over")
    every: Duration = Field(timedelta(seconds=10), description="How often at most a storm's message is edited")
