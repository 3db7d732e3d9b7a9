"""What the settings mean in the terms of the other rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.access import Audience
from ingest.readers import PathRule
from ingest.sources import SourceSpec
from worker.hindsight import Rules
from worker.route import Channel
from worker.settings import ChannelSettings, LlmSettings, Mode, Settings
from worker.store.purge import Retention
from worker.storm.weather import StormRule


def channels(settings: Settings) -> tuple[Channel, ...]:
    """Return the channels that are told; those in mode off are not among them."""
    told = tuple(_channel(settings, each) for each in settings.channels if each.mode is not Mode.OFF)
    singing = settings.canary.channel if settings.canary.every else ""
    if not singing or any(each.canary for each in told):
        return told
    return (*told, Channel(singing, "canary", Audience.nobody(), post_to=singing, canary=True))


def channel_of(settings: Settings, channel_id: str) -> Channel:
    """Return one channel, whatever its mode.

    Raises:
        BadSettings: the settings name no such channel.
    """
    return _channel(settings, settings.channel(channel_id))


def _channel(settings: Settings, each: ChannelSettings) -> Channel:
    shadow = each.mode is Mode.SHADOW
    groups = each.groups & shadow_groups(settings) if shadow else each.groups
    return Channel(
        id=each.id,
        name=each.name or each.id,
        audience=Audience.of(groups),
        match=each.match,
        post_to=settings.slack.shadow_channel if shadow else each.id,
        shadow=shadow,
        default=each.default,
        canary=bool(settings.canary.every) and each.id == settings.canary.channel,
    )


def shadow_groups(settings: Settings) -> frozenset[str]:
    """Return the groups that all readers of the test channel hold: they read what is meant for others."""
    slack = settings.slack
    known = (each.groups for each in settings.channels if each.id == slack.shadow_channel)
    return next(known, slack.shadow_groups)


def source_specs(settings: Settings) -> tuple[SourceSpec, ...]:
    """Return the sources as ingest reads them."""
    data = settings.store.data_dir.resolve()
    return tuple(
        SourceSpec(
            name=source.name,
            kind=source.kind,
            path=origin.checkout / source.path if (origin := source.origin(data)) else source.path,
            allow=source.allow,
            link=source.link,
            send_to_model=source.send_to_model,
            exclude=source.exclude,
            origin=origin,
            rules=tuple(PathRule(rule.paths, rule.allow) for rule in source.readers),
        )
        for source in settings.sources
    )


def rules(settings: Settings) -> Rules:
    """Return the rules that make incidents and say how they are told."""
    incidents, storm = settings.incidents, settings.storm
    return Rules(
        group_by=incidents.group_by,
        reopen_window=incidents.reopen_window,
        storm=StormRule(storm.incidents, storm.within),
        silences=tuple(each.silence() for each in settings.silences),
    )


def retention(settings: Settings) -> Retention:
    """Return how long things are kept."""
    each, rest = settings.retention, timedelta(days=settings.worker.keep_days)
    return Retention(each.alerts or rest, each.incidents or rest, each.messages or rest, each.audit or rest, each.spend)


def asking(llm: LlmSettings) -> dict[str, Any]:
    """Return the settings that shape the questions to the models, as they are recorded with each run."""
    return {
        "model": llm.model,
        "fallbacks": list(llm.fallbacks),
        "small": llm.small_model,
        "grave": sorted(severity.value for severity in llm.grave),
        "max_input_tokens": llm.max_input_tokens,
        "max_output_tokens": llm.max_output_tokens,
        "timeout_s": llm.timeout_s,
        "temperature": 0,
    }
