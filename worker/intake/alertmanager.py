"""Alertmanager's webhook, version 4 (prometheus/alertmanager `notify/webhook/webhook.go`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.alert import Delivery
from domain.errors import BadInput
from worker.intake import groups, strict_json

NAME = "alertmanager"


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the body says.

    A body without a version counts as version 4. Two Alertmanagers of a pair, whose bodies differ in
    order, receiver, link and reason, give the same group key and the same (fingerprint, start).

    Raises:
        BadInput: nothing of it can be understood.
    """
    content = strict_json.loads(body)
    if not isinstance(content, dict):
        raise BadInput("The body is not an object.", reason="not-an-object", mend="Send Alertmanager's own form.")
    if content.get("version") not in (None, "", "4", 4):
        raise BadInput(
            "The body is of a version that is not known here.",
            reason="unknown-version",
            mend="Send Alertmanager's version 4; Grafana's form goes to /v1/webhooks/grafana.",
        )
    return groups.understand(NAME, content, now)
