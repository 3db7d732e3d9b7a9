"""The settings of groups: who holds which, and how long that is believed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from worker.sections.source import Duration, Section


class GroupSettings(Section):
    """Who holds which group. With neither `file` nor `slack`, the word of `[[channels]] groups` stands unchecked."""

    file: str = Field("", description="YAML or TOML: each group with a list of its members' ids in Slack")
    slack: bool = Field(False, description="True: each user group of the workspace is a group, by its handle")
    refresh: Duration = Field(timedelta(minutes=5), description="How often the members of a channel are asked for")
    ttl: Duration = Field(timedelta(minutes=15), description="An audience that was confirmed longer ago is empty")
    bots: frozenset[str] = Field(
        frozenset(), description="User ids of other apps' bots that count as no reader; any other bot is a stranger"
    )

    @property
    def configured(self) -> bool:
        """Whether there is a source of membership at all."""
        return bool(self.file) or self.slack


def anchored_groups(groups: GroupSettings, folder: Path) -> GroupSettings:
    """Return the settings with an absolute path to the file."""
    return groups.model_copy(update={"file": str(folder / Path(groups.file).expanduser())}) if groups.file else groups
