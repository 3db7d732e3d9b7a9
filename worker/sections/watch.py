"""The settings of what watches the watch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from worker.sections.source import Duration, Section


class HeartbeatSettings(Section):
    """The alert that always fires: it is no incident, and its silence is told."""

    match: Mapping[str, str] = Field({"alertname": "Watchdog"}, description="Its labels; empty: there is none")
    within: Duration = Field(timedelta(0), description="How long it may be silent; 0: its silence is not told")
    ping_url: str = Field("", description="Asked every minute while it beats: the address of an outside monitor")


class CanarySettings(Section):
    """An alert of our own that goes the whole way, from the webhook to a channel, and tells where it did not arrive."""

    every: Duration = Field(timedelta(0), description="How often; 0: never. `5m` is a good pace")
    channel: str = Field("", description="Id of the channel that hears it; it need not be one of the `[[channels]]`")
    within: Duration = Field(timedelta(seconds=60), description="How long all of it may take before it has failed")
    url: str = Field("", description="Where the API listens, as workers reach it; empty: `[intake]` host and port")
    ping_url: str = Field("", description="Asked every minute while it is heard: the address of an outside monitor")
