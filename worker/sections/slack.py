"""The settings of the Slack workspace."""

from __future__ import annotations

from pydantic import Field, SecretStr

from worker.sections.source import Section


class SlackSettings(Section):
    """The workspace; without a token messages go to the preview page."""

    bot_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    base_url: str = "https://slack.com/api/"
    ops_channel: str = Field("", description="Where the people who run this read; empty: they are told nothing here")
    posts_per_minute: int = Field(60, ge=1, description="New messages in each channel; Slack takes one a second")
    edits_per_minute: int = Field(50, ge=1, description="Edits in the workspace; Slack takes some fifty a minute")
    shadow_channel: str = Field("", description="Where the messages of channels in mode shadow go")
    shadow_groups: frozenset[str] = frozenset()
