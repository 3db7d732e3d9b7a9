"""The settings of what watches the watch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from worker.source_settings import Duration, Section


class HeartbeatSettings(Section):
    """The alert that always fires: it is no incident, and its silence is told."""

    match: Mapping[str, str] = Field({"alertname": "Watchdog"}, description="Its labels; empty: there is none")
    within: Duration = Field(timedelta(0), description="How long it may be silent; 0: its silence is not told")
    ping_url: str = Field("", description="Asked every minute while it beats: the address of an outside monitor")
