"""Take secrets out of a delivery before anything of it is stored, embedded, shown or logged (promise P5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.alert import Alert, Delivery

Redact = Callable[[str], str]


def cleaned(delivery: Delivery, redact: Redact) -> Delivery:
    """Return the delivery with every text of it redacted.

    A group key that held a secret keeps a hash of what it was, so that two groups stay two.

    Raises:
        MiddlewatchError: the redactor failed; then nothing of the delivery may be used.
    """
    alerts = tuple(_alert(alert, redact) for alert in delivery.alerts)
    return replace(delivery, group_key=_key(delivery.group_key, redact), alerts=alerts, link=redact(delivery.link))


def _alert(alert: Alert, redact: Redact) -> Alert:
    return replace(
        alert,
        labels=_values(alert.labels, redact),
        annotations=_values(alert.annotations, redact),
        link=redact(alert.link),
    )


def _values(texts: Mapping[str, str], redact: Redact) -> dict[str, str]:
    return {name: redact(text) for name, text in texts.items()}


def _key(key: str, redact: Redact) -> str:
    shown = redact(key)
    return key if shown == key else f"{shown}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"
