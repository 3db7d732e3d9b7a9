"""PagerDuty's webhooks, version 3 (PagerDuty/developer-docs `docs/webhooks/01-Overview.md`).

PagerDuty disables a subscription after three deliveries in a row that it had to drop, so an event that is not
of use is taken and recorded as ignored, never refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.alert import Alert, Delivery, Rejection, Severity, Status, severity_of
from domain.errors import BadInput
from worker.intake import moments, strict_json
from worker.intake.groups import Kindly
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_link, clean_pairs

NAME = "pagerduty"

_PING = "pagey.ping"
_INCIDENT_EVENTS = frozenset(
    f"incident.{word}"
    for word in (
        "triggered", "acknowledged", "unacknowledged", "escalated", "reassigned", "delegated", "reopened",
        "resolved", "priority_updated", "service_updated", "incident_type.changed",
    )
)  # fmt: skip


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Named(_Shape):
    summary: str


class _Incident(_Shape):
    """The incident of an event; only what names and dates it is needed."""

    id: str = Field(min_length=1)
    created_at: str = Field(max_length=64)
    status: Annotated[str | None, Kindly] = None
    title: Annotated[str | None, Kindly] = None
    html_url: Annotated[str | None, Kindly] = None
    service: Annotated[_Named | None, Kindly] = None
    teams: Annotated[list[_Named] | None, Kindly] = None
    priority: Annotated[_Named | None, Kindly] = None
    urgency: Annotated[str | None, Kindly] = None


class _Event(_Shape):
    event_type: str
    id: Annotated[str | None, Kindly] = None
    occurred_at: Annotated[str | None, Kindly] = None
    data: Annotated[dict[str, Any] | None, Kindly] = None


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the event says: one alert, which is PagerDuty's incident as it stands now.

    Raises:
        BadInput: it is neither of version 3 nor of version 2.
    """
    content = strict_json.loads(body)
    if not isinstance(content, dict):
        raise BadInput("The body is not an object.", reason="not-an-object", mend="Send PagerDuty's own form.")
    if "event" not in content and isinstance(content.get("messages"), list):
        return _ignored("pagerduty-v2")
    try:
        event = _Event.model_validate(content.get("event"))
    except ValidationError:
        # The cause is not chained: its message quotes the body.
        raise BadInput(
            "The body holds no event.", reason="no-event", mend="Subscribe with webhooks of version 3."
        ) from None
    return _understand(event, now)


def _understand(event: _Event, now: datetime) -> Delivery:
    delivery_id = clean_key(event.id or "")
    if event.event_type == _PING:
        return _ignored("pagerduty-ping", delivery_id)
    if event.event_type not in _INCIDENT_EVENTS:
        return _ignored("unknown-event", delivery_id)
    if event.data is not None and event.data.get("type", "incident") != "incident":
        return _ignored("not-an-incident", delivery_id)
    try:
        incident = _Incident.model_validate(event.data)
    except ValidationError:
        return _rejected("bad-incident", delivery_id)
    starts_at = moments.start(incident.created_at, now)
    if starts_at is None:
        return _rejected("bad-start-time", delivery_id)
    alert = _alert(event, incident, starts_at, now)
    return Delivery(NAME, alert.fingerprint, (alert,), delivery_id=delivery_id, link=alert.link)


def _alert(event: _Event, incident: _Incident, starts_at: datetime, now: datetime) -> Alert:
    resolved = event.event_type == "incident.resolved" or incident.status == "resolved"
    title = incident.title or ""
    return Alert(
        fingerprint=clean_key(incident.id),
        status=Status.RESOLVED if resolved else Status.FIRING,
        labels=clean_pairs(_labels(incident, title), LABEL_CHARACTERS),
        annotations=clean_pairs({"summary": title} if title else {}, ANNOTATION_CHARACTERS),
        starts_at=starts_at,
        ends_at=moments.end(event.occurred_at or "", starts_at, now) if resolved else None,
        link=clean_link(incident.html_url or ""),
    )


def _labels(incident: _Incident, title: str) -> dict[str, str]:
    """Return the labels that routing and retrieval need; PagerDuty sends none of the alert's own.

    `team` is the first team, for routing. `severity` is the urgency where the priority's name says nothing.
    """
    priority = incident.priority.summary if incident.priority else ""
    teams = [team.summary for team in incident.teams or []]
    labels = {
        "alertname": title,
        "service": incident.service.summary if incident.service else "",
        "team": teams[0] if teams else "",
        "teams": ",".join(teams) if len(teams) > 1 else "",
        "priority": priority,
        "urgency": incident.urgency or "",
        "severity": (incident.urgency or "") if severity_of(priority) is Severity.UNKNOWN else "",
    }
    return {name: value for name, value in labels.items() if value}


def _ignored(reason: str, delivery_id: str = "") -> Delivery:
    return Delivery(NAME, "", (), delivery_id=delivery_id, ignored=reason)


def _rejected(reason: str, delivery_id: str) -> Delivery:
    return Delivery(NAME, "", (), (Rejection(0, reason),), delivery_id=delivery_id)
