"""Every setting, read once and validated: the only file that reads the environment.

A settings file is TOML; any setting can come from the environment as `MIDDLEWATCH_` + its path with
`__`, which wins over the file. Relative paths count from the folder of the settings file.
"""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from domain.alert import Severity
from domain.errors import BadSettings
from worker import secret_files
from worker.sections.budget import BudgetSettings
from worker.sections.cutline import CutlineSettings
from worker.sections.group import GroupSettings, anchored_groups
from worker.sections.intake import IntakeSettings
from worker.sections.outbound import OutboundSettings, addresses, embedding_hosts, git_hosts, host_of, model_hosts
from worker.sections.pressure import BreakerSettings, PressureSettings
from worker.sections.redaction import RedactionSettings
from worker.sections.redteam import RedteamSettings
from worker.sections.retention import RetentionSettings
from worker.sections.silence import SilenceSettings
from worker.sections.slack import SlackSettings
from worker.sections.source import Duration, Section, SourceSettings, anchored
from worker.sections.storm import StormSettings
from worker.sections.watch import CanarySettings, HeartbeatSettings

DEFAULT_FILE = "middlewatch.toml"


class Mode(StrEnum):
    """What becomes of a channel's messages; shadow ones go to the test channel."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class StoreSettings(Section):
    """Where things are kept."""

    database_url: Annotated[str, secret_files.LOGIN] = Field(
        "", description="Empty: SQLite at state.db in data_dir; or postgresql+psycopg://…"
    )
    redis_url: Annotated[str, secret_files.LOGIN] = Field(
        "", description="Empty: a bundled server is started and stopped with the process"
    )
    qdrant_url: str = Field("", description="Empty: in-process, under data_dir")
    qdrant_api_key: SecretStr = SecretStr("")
    data_dir: Path = Path(".middlewatch")


class EmbeddingSettings(Section):
    """The model that turns text into vectors."""

    model: str = Field("bundled", description='"bundled" is all-MiniLM-L6-v2; or a sentence-transformers id or path')


class LlmSettings(Section):
    """The language model; without one the extractive summary stands."""

    model: str = Field("", description='"openai:NAME", "anthropic:NAME", "ollama:NAME"; empty: none')
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    fallbacks: tuple[str, ...] = ()
    at_once: int = Field(8, ge=1, le=32, description="How many answers are waited for at once, on threads of their own")
    small_model: str = Field("", description="Asked first, but for `grave` incidents; where it will not do, `model` is")
    grave: frozenset[Severity] = Field(
        frozenset({Severity.CRITICAL}), description="With `small_model`: these go to `model` at once"
    )
    breaker_failures: int = Field(5, ge=1, description="After so many failures in a row a provider is spared")
    breaker_open: Duration = Field(timedelta(seconds=30), description="For how long it is spared")
    timeout_s: float = Field(30, gt=0, le=300)
    max_input_tokens: int = Field(6000, ge=500)
    max_output_tokens: int = Field(800, ge=100)


class ChannelSettings(Section):
    """A Slack channel: what goes there, and the groups that all its readers hold."""

    id: str = Field(min_length=1)
    name: str = ""
    groups: frozenset[str] = frozenset()
    match: dict[str, str] = Field(default_factory=dict, description="Labels that one alert of the incident must carry")
    mode: Mode = Mode.ON
    default: bool = Field(False, description="Takes what no other channel matches")
    external_ok: bool = Field(False, description="Shared with another organisation: show what is for everyone")


class IncidentSettings(Section):
    """When alerts are one incident."""

    stale_after: Duration = timedelta(hours=12)
    reopen_window: Duration = timedelta(minutes=30)
    group_by: tuple[str, ...] = Field((), description="Labels that make one incident across senders")
    cooldown: Duration = Field(timedelta(0), description="Each recurrence within it doubles `reopen_window`, up to 16×")
    hold_new: Duration = Field(timedelta(0), description="How long the first message of what is not critical waits")


class GoldenSettings(Section):
    """The golden queries that measure an index."""

    paths: tuple[Path, ...] = (Path("golden_queries/cases"),)
    baseline: Path = Path("golden_queries/baseline.yaml")
    min_cases: int = 20
    max_drop: float = 0.02


class WorkerSettings(Section):
    """How work is done: threads for alerts and for batch work, and how often lost work is looked for."""

    online_threads: int = Field(8, ge=1, le=64)
    batch_threads: int = Field(1, ge=1, le=8)
    sweep_every: Duration = timedelta(seconds=5)
    lease: Duration = Field(timedelta(seconds=20), description="How long a dead worker keeps its work")
    max_attempts: int = Field(8, ge=1)
    keep_days: int = Field(90, ge=1)
    metrics_listen: str = Field("", description="HOST:PORT at which `worker` and `beat`, run apart, serve `/metrics`")


class Settings(BaseSettings):
    """The whole of the settings."""

    model_config = SettingsConfigDict(
        env_prefix="MIDDLEWATCH_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    store: StoreSettings = StoreSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    llm: LlmSettings = LlmSettings()
    slack: SlackSettings = SlackSettings()
    intake: IntakeSettings = IntakeSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    canary: CanarySettings = CanarySettings()
    pressure: PressureSettings = PressureSettings()
    breakers: BreakerSettings = BreakerSettings()
    incidents: IncidentSettings = IncidentSettings()
    storm: StormSettings = StormSettings()
    silences: tuple[SilenceSettings, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    golden: GoldenSettings = GoldenSettings()
    budget: BudgetSettings = BudgetSettings()
    cutline: CutlineSettings = CutlineSettings()
    redteam: RedteamSettings = RedteamSettings()
    retention: RetentionSettings = RetentionSettings()
    groups: GroupSettings = GroupSettings()
    redaction: RedactionSettings = RedactionSettings()
    outbound: OutboundSettings = OutboundSettings()
    worker: WorkerSettings = WorkerSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, whose content arrives as arguments with what `_FILE` names."""
        if isinstance(env_settings, EnvSettingsSource):
            files = {name.lower() for name, _ in secret_files.names_of(cls, "MIDDLEWATCH_")}
            env_settings.env_vars = {key: each for key, each in env_settings.env_vars.items() if key not in files}
        return env_settings, init_settings

    @model_validator(mode="after")
    def _names_hold_together(self) -> Self:
        _refuse_doubles("sources", [source.name for source in self.sources])
        _refuse_doubles("channels", [channel.id for channel in self.channels])
        _refuse_doubles("silences", [silence.name for silence in self.silences])
        if sum(channel.default for channel in self.channels) > 1:
            raise ValueError("channels: only one channel can have default = true")
        if self.canary.every and not self.canary.channel:
            raise ValueError("canary.channel: name the channel that hears the canary")
        if not self.slack.shadow_channel and any(channel.mode is Mode.SHADOW for channel in self.channels):
            raise ValueError("slack.shadow_channel: name the test channel that messages in mode shadow go to")
        if not self.slack.shadow_channel and self.cutline.cuts:
            raise ValueError("slack.shadow_channel: name the test channel that the cutline switches channels to")
        return self

    def outbound_hosts(self) -> tuple[tuple[str, str], ...]:
        """Every host that these settings name to be called, with the setting that names it."""
        llm, slack = self.llm, self.slack
        posts = [("[slack] base_url", host_of(slack.base_url))] if slack.bot_token.get_secret_value() else []
        store, beat = self.store, ("[heartbeat] ping_url", self.heartbeat.ping_url)
        canary = [(f"[canary] {key}", getattr(self.canary, key)) for key in ("url", "ping_url")]
        named = [(f"[store] {key}", getattr(store, key)) for key in ("qdrant_url", "redis_url", "database_url")]
        return (
            *posts,
            *addresses((*named, beat, *canary)),
            *embedding_hosts(self.embedding.model),
            *model_hosts((llm.model, llm.small_model, *llm.fallbacks), llm.base_url),
            *git_hosts(self.sources),
        )

    @property
    def database_url(self) -> str:
        """The database's URL; SQLite in the data directory where none is set."""
        return self.store.database_url or f"sqlite:///{self.store.data_dir / 'state.db'}"

    def channel(self, channel_id: str) -> ChannelSettings:
        """Return one channel's settings.

        Raises:
            BadSettings: the settings name no such channel.
        """
        for channel in self.channels:
            if channel.id == channel_id:
                return channel
        known = ", ".join(channel.id for channel in self.channels) or "none"
        raise BadSettings(
            "That channel is not in the settings.", mend=f"Add a [[channels]] table for it; known: {known}."
        )


def _refuse_doubles(section: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{section}: {name!r} is there more than once")


def load(path: Path | None) -> Settings:
    """Read the settings file and the environment.

    Without a path: `MIDDLEWATCH_CONFIG`, else `middlewatch.toml` where it exists, else defaults alone.

    Raises:
        BadSettings: the file is not there, is not TOML, names a host that is not allowed, or a setting is wrong.
    """
    named = path or (Path(os.environ["MIDDLEWATCH_CONFIG"]) if os.environ.get("MIDDLEWATCH_CONFIG") else None)
    file = named or Path(DEFAULT_FILE)
    content = secret_files.with_files(_read(file) if named or file.exists() else {}, os.environ, Settings)
    try:
        settings = Settings(**content)
    except ValidationError as error:
        faults = "; ".join(_fault(item) for item in error.errors())
        raise BadSettings(f"The settings are wrong: {faults}.", mend=f"Mend {file} or the environment.") from error
    settings.outbound.check(settings.outbound_hosts())
    return _anchored(settings, file.absolute().parent)


def with_environment(more: dict[str, str]) -> dict[str, str]:
    """Return this process's environment with more in it, for a process that is started from here."""
    return {**os.environ, **more}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(
            f"The settings file {file} cannot be read: {error.strerror}.", mend="Run `middlewatch init` to write one."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"The settings file {file} is not TOML: {error}.", mend="Mend that line.") from error


def _fault(item: Any) -> str:
    """Say one fault without the value it has: a setting may be a secret."""
    place = ".".join(str(part) for part in item["loc"])
    text = str(item["msg"]).removeprefix("Value error, ")
    return f"{place}: {text}" if place else text


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Return the settings with every relative path made absolute from the settings file's folder."""
    store = settings.store
    url = store.database_url
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{folder / url.removeprefix('sqlite:///')}"
    golden = settings.golden
    return settings.model_copy(
        update={
            "store": store.model_copy(update={"database_url": url, "data_dir": folder / store.data_dir}),
            "sources": tuple(anchored(source, folder) for source in settings.sources),
            "groups": anchored_groups(settings.groups, folder),
            "golden": golden.model_copy(
                update={"paths": tuple(folder / path for path in golden.paths), "baseline": folder / golden.baseline}
            ),
        }
    )
