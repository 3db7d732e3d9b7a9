"""CloudEvents 1.0 over HTTP, the generic form for every sender that has no form of its own.

Sources: cloudevents/spec `cloudevents/spec.md`, `http-protocol-binding.md`, `http-webhook.md`. Structured, batched and
binary mode are read. `data` is one alert in the words of Alertmanager, all of them optional but a name:
`{"status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"}`, or simply
`{"alertname", "summary", "description", "severity", "service", "status", "link"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.alert import Alert, Delivery, Rejection, Status
from domain.errors import BadInput
from worker.intake import moments, strict_json
from worker.intake.groups import MOST_ALERTS, Kindly, Texts, fingerprint
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_link, clean_pairs

NAME = "cloudevents"

_ENDS = frozenset({"resolved", "recovered", "recovery", "closed", "cleared", "ok"})
_ATTRIBUTES = ("id", "source", "specversion", "type", "subject", "time")
_SHORT_LABELS = ("alertname", "severity", "service", "team", "environment")
_SHORT_ANNOTATIONS = ("summary", "description", "runbook_url")
Text = Annotated[str | None, Kindly]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Event(_Shape):
    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    specversion: str
    type: str = Field(min_length=1)
    subject: Text = None
    time: Text = None
    data: Any = None


class _Said(_Shape):
    status: Text = None
    labels: Annotated[Texts | None, Kindly] = None
    annotations: Annotated[Texts | None, Kindly] = None
    starts_at: Text = Field(None, alias="startsAt")
    ends_at: Text = Field(None, alias="endsAt")
    link: Text = Field(None, alias="generatorURL")
    fingerprint: Text = None


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the events say: an alert each. Events of one group belong together; the first says which.

    Raises:
        BadInput: it is no event of version 1.0, or a batch of several groups or of none.
    """
    content = strict_json.loads(body)
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/cloudevents-batch+json":
        if not isinstance(content, list) or not content:
            raise BadInput("The batch holds no event.", reason="no-event", mend="Send at least one event.")
        return _together(content[:MOST_ALERTS], len(content), now)
    if kind != "application/cloudevents+json" and "ce-id" in headers:
        content = {name: unquote(headers[f"ce-{name}"]) for name in _ATTRIBUTES if f"ce-{name}" in headers} | {
            "data": content
        }
    return _together([content], 1, now)


def _together(events: list[Any], sent: int, now: datetime) -> Delivery:
    alerts: list[Alert] = []
    rejected: list[Rejection] = []
    groups: set[str] = set()
    ids: list[str] = []
    for position, raw in enumerate(events):
        try:
            event = _event(raw)
            alerts.append(_alert(event, now))
            groups.add(_group(event))
            ids.append(event.id)
        except BadInput as fault:
            if len(events) == 1:
                raise
            rejected.append(Rejection(position, fault.reason))
    if len(groups) > 1:
        raise BadInput(
            "The batch holds events of several groups.", reason="mixed-batch", mend="Send a batch for each subject."
        )
    return Delivery(
        sender=NAME,
        group_key=clean_key(groups.pop() if groups else ""),
        alerts=tuple(alerts),
        rejected=tuple(rejected),
        delivery_id=clean_key(ids[0]) if len(ids) == 1 else "",
        truncated=sent - len(events),
        dated=False,
    )


def _event(raw: object) -> _Event:
    try:
        event = _Event.model_validate(raw)
    except ValidationError:
        # The cause is not chained: its message quotes the body.
        raise BadInput(
            "The body is no CloudEvent.", reason="no-event", mend="Give id, source, specversion and type."
        ) from None
    if event.specversion != "1.0":
        raise BadInput(
            "The event is of a version that is not known here.", reason="unknown-version", mend="Send specversion 1.0."
        )
    return event


def _group(event: _Event) -> str:
    return f"{event.source} {event.subject or ''}".strip()


def _alert(event: _Event, now: datetime) -> Alert:
    if not isinstance(event.data, dict):
        raise BadInput("The event's data is not an object.", reason="bad-data", mend="Send data as a JSON object.")
    said = _Said.model_validate(event.data)
    labels = _short(event.data, _SHORT_LABELS) | (said.labels or {})
    annotations = _short(event.data, _SHORT_ANNOTATIONS) | (said.annotations or {})
    labels.setdefault("alertname", annotations.get("summary", ""))
    if not labels["alertname"]:
        raise BadInput("The alert has no name.", reason="bad-labels", mend="Give data.labels.alertname.")
    over = (said.status or event.type.rpartition(".")[2]).lower() in _ENDS
    told = moments.start(event.time or "", now) or now
    at = told if over else moments.start(said.starts_at or "", now) or told
    named = {name: value for name, value in labels.items() if name != "severity"}
    return Alert(
        fingerprint=clean_key(said.fingerprint or fingerprint(named)),
        status=Status.RESOLVED if over else Status.FIRING,
        labels=clean_pairs({name: value for name, value in labels.items() if value}, LABEL_CHARACTERS),
        annotations=clean_pairs(annotations, ANNOTATION_CHARACTERS),
        starts_at=at,
        ends_at=(moments.end(said.ends_at or "", at, now) or told) if over else None,
        link=clean_link(said.link or str(event.data.get("link") or "")),
    )


def _short(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if isinstance(value := data.get(name), str) and value}
