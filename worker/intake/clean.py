"""Take secrets out of a delivery or a change before any of it is stored, embedded, shown or logged (promise P5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from domain.alert import Alert, Change, Delivery

Redact = Callable[[str], str]


_TELLING = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "dsn")
"""A name that holds one of these may say that its value is a secret."""


def cleaned(delivery: Delivery, redact: Redact) -> Delivery:
    """Return the delivery with every text of it redacted; a text that comes again is looked through once.

    A group key that held a secret keeps a hash of what it was, so that two groups stay two.

    Raises:
        MiddlewatchError: the redactor failed; then nothing of the delivery may be used.
    """
    once = cache(redact)
    alerts = tuple(_alert(alert, once) for alert in delivery.alerts)
    return replace(delivery, group_key=_key(delivery.group_key, once), alerts=alerts, link=once(delivery.link))


def cleaned_change(change: Change, redact: Redact) -> Change:
    """Return the change with every text of it redacted.

    Raises:
        MiddlewatchError: the redactor failed; then nothing of the change may be used.
    """
    who, what, service, link = map(redact, (change.who, change.what, change.service, change.link))
    return replace(change, who=who, what=what, service=service, link=link)


def _alert(alert: Alert, redact: Redact) -> Alert:
    return replace(
        alert,
        labels=_values(alert.labels, redact),
        annotations=_values(alert.annotations, redact),
        link=redact(alert.link),
    )


def _values(texts: Mapping[str, str], redact: Redact) -> dict[str, str]:
    return {name: _value(name, text, redact) for name, text in texts.items()}


def _value(name: str, text: str, redact: Redact) -> str:
    """Return a value without its secrets, also where only its name tells that it is one."""
    clean = redact(text)
    lowered = name.lower()
    if clean != text or not text or not any(word in lowered for word in _TELLING):
        return clean
    head = f"{name}="
    told = redact(head + text)
    return told.removeprefix(head) if told.startswith(head) else clean


def _key(key: str, redact: Redact) -> str:
    shown = redact(key)
    return key if shown == key else f"{shown}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"
