"""The settings of what comes in over HTTP."""

from __future__ import annotations

from pydantic import Field, SecretStr

from worker.sections.source import Section


class SenderSettings(Section):
    """How deliveries of one sender are verified; several values during rotation."""

    tokens: tuple[SecretStr, ...] = Field((), description="Bearer tokens, or passwords of Basic authentication")
    secrets: tuple[SecretStr, ...] = Field((), description="Keys of the sender's HMAC signature")
    timestamp_header: str = Field("", description="Grafana: the header that carries the signed time")


class TopicSettings(SenderSettings):
    """How messages of Amazon SNS are verified: it signs them itself, so only the topics are to be named."""

    topics: tuple[str, ...] = Field(
        (), description="ARNs of the topics that may deliver, and are confirmed by themselves"
    )


class IntakeSettings(Section):
    """What the HTTP side accepts."""

    host: str = "127.0.0.1"
    port: int = Field(8787, ge=0, le=65535)
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024)
    max_deliveries_per_s: float = Field(500.0, ge=0, description="Of each sender; more get a 503. 0: no limit")
    allow_unsigned_loopback: bool = False
    api_tokens: tuple[SecretStr, ...] = Field(
        (), description="Bearer tokens for /v1/changes, /v1/push, /v1/incidents, /v1/runs"
    )
    alertmanager: SenderSettings = SenderSettings()
    grafana: SenderSettings = SenderSettings()
    pagerduty: SenderSettings = SenderSettings()
    datadog: SenderSettings = SenderSettings()
    sentry: SenderSettings = SenderSettings()
    cloudwatch: TopicSettings = TopicSettings()
    cloudevents: SenderSettings = SenderSettings()
