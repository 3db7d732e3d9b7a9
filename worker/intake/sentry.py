"""Sentry's webhooks of internal integrations (docs.sentry.io, integration platform, webhooks).

An event that is not of use is taken and recorded as ignored, never refused: Sentry disables a webhook that fails often.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.alert import Alert, Delivery, Rejection, Status
from domain.errors import BadInput
from worker.intake import moments, strict_json
from worker.intake.groups import Kindly
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_link, clean_pairs

NAME = "sentry"

_FIRES = {
    "issue": frozenset({"created", "unresolved"}),
    "event_alert": frozenset({"triggered"}),
    "metric_alert": frozenset({"critical", "warning"}),
}
_ENDS = {
    "issue": frozenset({"resolved", "archived", "ignored"}),
    "event_alert": frozenset[str](),
    "metric_alert": frozenset({"resolved"}),
}

Text = Annotated[str | None, Kindly]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, coerce_numbers_to_str=True)


class _Project(_Shape):
    slug: Text = None


class _Issue(_Shape):
    id: str = Field(min_length=1)
    title: Text = None
    culprit: Text = None
    level: Text = None
    project: Annotated[_Project | None, Kindly] = None
    web_url: Text = None
    first_seen: Text = Field(None, alias="firstSeen")
    last_seen: Text = Field(None, alias="lastSeen")


class _Event(_Shape):
    id: str = Field(min_length=1, alias="issue_id")
    title: Text = None
    culprit: Text = None
    level: Text = None
    web_url: Text = None
    environment: Text = None
    at: Text = Field(None, alias="datetime")


class _Rule(_Shape):
    name: Text = None


class _Metric(_Shape):
    id: str = Field(min_length=1)
    title: Text = None
    projects: Annotated[list[str] | None, Kindly] = None
    date_started: Text = None
    alert_rule: Annotated[_Rule | None, Kindly] = None


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the event says: one alert, an issue or a metric alert as it stands now.

    Raises:
        BadInput: it is not JSON, or has no action and data.
    """
    content = strict_json.loads(body)
    if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
        raise BadInput(
            "The body holds no action and data.",
            reason="sentry-legacy" if isinstance(content, dict) and "event" in content else "no-event",
            mend="Use an internal integration's webhook; the legacy WebHooks plugin is not read.",
        )
    data, action = content["data"], str(content.get("action") or "")
    delivery_id = clean_key(headers.get("request-id", ""))
    resource = headers.get("sentry-hook-resource") or _resource(data)
    if action not in _FIRES.get(resource, frozenset()) | _ENDS.get(resource, frozenset()):
        return Delivery(NAME, "", (), delivery_id=delivery_id, ignored="unknown-event")
    over = action in _ENDS[resource]
    said_at = moments.epoch_ms(f"{headers.get('sentry-hook-timestamp', '')}000", now) or now
    try:
        alert = _READERS[resource](data, action, over, said_at)
    except ValidationError:
        return Delivery(NAME, "", (), (Rejection(0, f"bad-{resource.replace('_', '-')}"),), delivery_id=delivery_id)
    return Delivery(NAME, alert.fingerprint, (alert,), delivery_id=delivery_id, link=alert.link, dated=False)


def _resource(data: Mapping[str, Any]) -> str:
    names = {"issue": "issue", "event": "event_alert", "metric_alert": "metric_alert"}
    return next((resource for key, resource in names.items() if isinstance(data.get(key), dict)), "")


def _of_issue(data: Mapping[str, Any], action: str, over: bool, said_at: datetime) -> Alert:
    issue = _Issue.model_validate(data.get("issue"))
    began = {"created": issue.first_seen, "unresolved": issue.last_seen}.get(action)
    labels = {"service": (issue.project.slug if issue.project else "") or "", "severity": issue.level or ""}
    about = {"summary": issue.title or "", "description": issue.culprit or ""}
    at = moments.start(began or "", said_at) or said_at
    return _made(f"issue {issue.id}", over, at, (labels, about, issue.web_url or ""))


def _of_event(data: Mapping[str, Any], action: str, over: bool, said_at: datetime) -> Alert:
    event = _Event.model_validate(data.get("event"))
    labels = {"severity": event.level or "", "environment": event.environment or ""}
    labels["rule"] = str(data.get("triggered_rule") or "")
    about = {"summary": event.title or "", "description": event.culprit or ""}
    at = moments.start(event.at or "", said_at) or said_at
    return _made(f"issue {event.id}", over, at, (labels, about, event.web_url or ""))


def _of_metric(data: Mapping[str, Any], action: str, over: bool, said_at: datetime) -> Alert:
    metric = _Metric.model_validate(data.get("metric_alert"))
    rule = (metric.alert_rule.name if metric.alert_rule else "") or metric.title or ""
    labels = {"alertname": rule, "severity": action if not over else "", "service": ",".join(metric.projects or [])}
    about = {"summary": _plain(data, "description_title"), "description": _plain(data, "description_text")}
    began = None if over else moments.start(metric.date_started or "", said_at)
    return _made(f"metric alert {metric.id}", over, began or said_at, (labels, about, _plain(data, "web_url")))


_READERS = {"issue": _of_issue, "event_alert": _of_event, "metric_alert": _of_metric}


def _made(key: str, over: bool, at: datetime, said: tuple[dict[str, str], dict[str, str], str]) -> Alert:
    labels, about, link = said
    labels.setdefault("alertname", about["summary"])
    return Alert(
        fingerprint=clean_key(key),
        status=Status.RESOLVED if over else Status.FIRING,
        labels=clean_pairs({name: value for name, value in labels.items() if value}, LABEL_CHARACTERS),
        annotations=clean_pairs({name: value for name, value in about.items() if value}, ANNOTATION_CHARACTERS),
        starts_at=at,
        ends_at=at if over else None,
        link=clean_link(link),
    )


def _plain(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
