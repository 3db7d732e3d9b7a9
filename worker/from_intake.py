"""What the settings of the intake mean: who may come in over HTTP, and what proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from worker.http.ports import Access
from worker.intake.senders import SENDERS
from worker.intake.verify import SenderSecrets, Topics
from worker.sections.intake import SenderSettings
from worker.settings import Settings


def access(settings: Settings, certificate: Callable[[str], bytes]) -> Access:
    """Return who may come in over HTTP; `certificate` gets a certificate of Amazon SNS."""
    intake = settings.intake
    senders = {name: _secrets(getattr(intake, name)) for name in SENDERS}
    if intake.cloudwatch.topics:
        topics = Topics(frozenset(intake.cloudwatch.topics), certificate)
        senders["cloudwatch"] = replace(senders["cloudwatch"], topics=topics)
    return Access(
        senders=senders,
        api_tokens=tuple(token.get_secret_value() for token in intake.api_tokens),
        allow_unsigned_loopback=intake.allow_unsigned_loopback,
    )


def _secrets(sender: SenderSettings) -> SenderSecrets:
    return SenderSecrets(
        tokens=tuple(token.get_secret_value() for token in sender.tokens),
        secrets=tuple(secret.get_secret_value() for secret in sender.secrets),
        timestamp_header=sender.timestamp_header,
    )
