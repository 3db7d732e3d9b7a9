"""The settings of the nightly attacks on one's own pipeline."""

from __future__ import annotations

from pydantic import Field

from worker.sections.source import Section


class RedteamSettings(Section):
    """How much the installed version is attacked each night, on a small library of its own."""

    nightly: int = Field(
        95, ge=0, le=5000, description="So many attacks at 03:10 UTC, each with every hostile model; 0: none"
    )
