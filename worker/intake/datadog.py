"""Datadog's webhook, in the form of the template in `docs/senders.md` (docs.datadoghq.com/integrations/webhooks).

Datadog has no fixed form: whoever sets the webhook up writes its body. A variable that Datadog cannot fill arrives as
it was written (`$ALERT_CYCLE_KEY`), and counts as missing. Datadog does not sign: use a token in a custom header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.alert import Alert, Delivery, Rejection, Severity, Status, severity_of
from domain.errors import BadInput
from worker.intake import moments, strict_json
from worker.intake.groups import fingerprint
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_link, clean_pairs

NAME = "datadog"

_UNFILLED = re.compile(r"\$[A-Z_]+")
_STATE = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_MARKS = re.compile(r"%%%|@[\w.+-]+(?:@[\w.-]+)?")
_OVER = frozenset({"recovered", "success"})
_UNTOLD = frozenset({"muted", "unmuted"})
_SEVERITIES = {"error": "critical", "warning": "warning", "info": "info", "success": "info"}


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the body says: one alert, a monitor's group (its scope).

    Raises:
        BadInput: it is not JSON, or not an object.
    """
    content = strict_json.loads(body)
    if not isinstance(content, dict):
        raise BadInput("The body is not an object.", reason="not-an-object", mend="Use the template for Datadog.")
    said = {name: _text(value) for name, value in content.items()}
    monitor = said.get("alert_id") or said.get("monitor_id") or ""
    group = said.get("aggreg_key") or monitor
    if not group:
        return _rejected("no-monitor", said)
    at = moments.epoch_ms(said.get("last_updated") or said.get("date") or "", now)
    if at is None:
        return _rejected("bad-start-time", said)
    transition = said.get("transition") or said.get("alert_transition") or said.get("alert_type") or ""
    if transition.lower() in _UNTOLD:
        return Delivery(NAME, "", (), delivery_id=_id(said), ignored="muted")
    alert = _alert(said, monitor, at, transition.lower() in _OVER)
    return Delivery(NAME, clean_key(group), (alert,), delivery_id=_id(said), link=alert.link, dated=False)


def _alert(said: Mapping[str, str], monitor: str, at: datetime, over: bool) -> Alert:
    title = _STATE.sub("", said.get("title", "")).strip() or said.get("title", "")
    scope = said.get("scope") or said.get("scopes") or ""
    text = " ".join(_MARKS.sub(" ", said.get("body", "")).split())
    annotations = {"summary": title, "description": text, "query": said.get("query") or said.get("alert_query") or ""}
    return Alert(
        fingerprint=clean_key(fingerprint({"monitor": monitor, "scope": scope, "group": said.get("aggreg_key", "")})),
        status=Status.RESOLVED if over else Status.FIRING,
        labels=clean_pairs(_labels(said, title, scope), LABEL_CHARACTERS),
        annotations=clean_pairs({name: value for name, value in annotations.items() if value}, ANNOTATION_CHARACTERS),
        starts_at=at,
        ends_at=at if over else None,
        link=clean_link(said.get("link") or said.get("url") or ""),
    )


def _labels(said: Mapping[str, str], title: str, scope: str) -> dict[str, str]:
    """Return the tags as labels, and those that routing needs; `severity` is the alert's type without a priority."""
    tags = dict(
        tag.strip().split(":", 1) for tag in f"{said.get('tags', '')},{scope}".split(",") if ":" in tag.strip(": ")
    )
    priority = said.get("priority", "")
    labels = {
        **tags,
        "alertname": title,
        "priority": priority,
        "metric": said.get("metric", ""),
        "scope": scope,
        "severity": ""
        if severity_of(priority) is not Severity.UNKNOWN
        else _SEVERITIES.get(said.get("alert_type", "").lower(), ""),
    }
    return {name: value for name, value in labels.items() if value}


def _text(value: Any) -> str:
    """Return a value as text; one that was not filled in, and one that is no plain value, is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    return "" if _UNFILLED.fullmatch(text) else text


def _id(said: Mapping[str, str]) -> str:
    return clean_key(said.get("id", ""))


def _rejected(reason: str, said: Mapping[str, str]) -> Delivery:
    return Delivery(NAME, "", (), (Rejection(0, reason),), delivery_id=_id(said))
