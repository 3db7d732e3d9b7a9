"""A group of alerts as Alertmanager sends it, and Grafana after it: judged alert by alert.

Source: prometheus/alertmanager `template/template.go` (Data, Alert) and `notify/webhook/webhook.go` (Message).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler
from pydantic import WrapValidator as Wrap

from domain.alert import Alert, Delivery, Rejection, Status
from domain.errors import BadInput
from worker.intake import moments
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_link, clean_pairs

MOST_ALERTS = 10_000
"""Most alerts of one delivery that are taken; the others are counted as truncated."""

_REASONS = {
    "labels": "bad-labels",
    "annotations": "bad-annotations",
    "status": "bad-status",
    "startsAt": "bad-start-time",
}


def _texts(value: object) -> object:
    """Let a map of texts pass; one fault is enough, pydantic would collect a million."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("not a map of texts")
    return value


def _or_nothing(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        return None


Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
"""A map of texts; anything else is a fault."""
Kindly = Wrap(_or_nothing)
"""Takes a value of the wrong type for none: it is not worth an alert."""


class _Shape(BaseModel):
    """Fields that are not named here are ignored: senders add some under the same version."""

    model_config = ConfigDict(extra="ignore", strict=True)


class AlertShape(_Shape):
    """One alert. Go writes an empty map as null."""

    status: Literal["firing", "resolved"] | None = None
    labels: Texts
    annotations: Texts | None = None
    starts_at: str = Field(alias="startsAt", max_length=64)
    ends_at: Annotated[str | None, Kindly] = Field(None, alias="endsAt")
    link: Annotated[str | None, Kindly] = Field(None, alias="generatorURL")
    fingerprint: Annotated[str | None, Kindly] = None


class GroupShape(_Shape):
    """What a delivery says beside its alerts; of the wrong type it counts as not said."""

    alerts: list[Any]
    group_key: Annotated[str | None, Kindly] = Field(None, alias="groupKey")
    status: Annotated[Literal["firing", "resolved"] | None, Kindly] = None
    receiver: Annotated[str | None, Kindly] = None
    group_labels: Annotated[Texts | None, Kindly] = Field(None, alias="groupLabels")
    common_labels: Annotated[Texts | None, Kindly] = Field(None, alias="commonLabels")
    common_annotations: Annotated[Texts | None, Kindly] = Field(None, alias="commonAnnotations")
    link: Annotated[str | None, Kindly] = Field(None, alias="externalURL")
    truncated: Annotated[int | None, Kindly] = Field(None, alias="truncatedAlerts", ge=0, le=10_000_000)


def understand(sender: str, content: Mapping[str, object], now: datetime) -> Delivery:
    """Return the delivery: good alerts kept in their order, bad ones named by position and reason.

    Raises:
        BadInput: `no-alerts`, there is no list of alerts, or it is empty.
    """
    try:
        group = GroupShape.model_validate(content)
    except ValidationError:
        # The cause is not chained: its message quotes the body.
        raise _no_alerts() from None
    if not group.alerts:
        raise _no_alerts()
    alerts: list[Alert] = []
    rejected: list[Rejection] = []
    for position, raw in enumerate(group.alerts[:MOST_ALERTS]):
        try:
            alerts.append(_judge(raw, group, now))
        except BadInput as fault:
            rejected.append(Rejection(position, fault.reason))
    return Delivery(
        sender=sender,
        group_key=clean_key(group.group_key or derived_key(group, alerts)),
        alerts=tuple(alerts),
        rejected=tuple(rejected),
        link=clean_link(group.link or ""),
        truncated=(group.truncated or 0) + max(0, len(group.alerts) - MOST_ALERTS),
    )


def derived_key(group: GroupShape, alerts: list[Alert]) -> str:
    """Return a group key where the sender gives none, in the form of Alertmanager's own.

    It is made of the group's labels, which two Alertmanagers of a pair share. Without those it is made of the
    receiver and, where all alerts have one name, that name.
    """
    if group.group_labels:
        return "{}:" + _matchers(group.group_labels)
    names = {alert.name for alert in alerts}
    return f"{group.receiver or ''}:" + _matchers({"alertname": names.pop()} if len(names) == 1 else {})


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return a stable name of a set of labels: 16 hex digits of SHA-256.

    Alertmanager's own is a 64-bit FNV-1a over the labels (prometheus/common `model/signature.go`); this
    one is only stable, not equal to it.
    """
    canonical = json.dumps(sorted(labels.items()), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]


def _judge(raw: object, group: GroupShape, now: datetime) -> Alert:
    shape = _shape(raw)
    starts_at = moments.start(shape.starts_at, now)
    if starts_at is None:
        raise BadInput("The alert has no start time.", reason="bad-start-time")
    if not any(shape.labels):
        raise BadInput("The alert has no labels.", reason="bad-labels")
    status = Status(shape.status or group.status or "firing")
    resolved = status is Status.RESOLVED
    return Alert(
        fingerprint=clean_key(shape.fingerprint or fingerprint(shape.labels)),
        status=status,
        labels=clean_pairs({**(group.common_labels or {}), **shape.labels}, LABEL_CHARACTERS),
        annotations=clean_pairs(
            {**(group.common_annotations or {}), **(shape.annotations or {})}, ANNOTATION_CHARACTERS
        ),
        starts_at=starts_at,
        ends_at=moments.end(shape.ends_at or "", starts_at, now) if resolved else None,
        link=clean_link(shape.link or ""),
    )


def _shape(raw: object) -> AlertShape:
    try:
        return AlertShape.model_validate(raw)
    except ValidationError as fault:
        place = fault.errors(include_input=False, include_url=False)[0]["loc"]
        reason = _REASONS.get(str(place[0]), "bad-alert") if place else "not-an-object"
        # The cause is not chained: its message quotes the alert.
        raise BadInput("The alert has the wrong shape.", reason=reason) from None


def _matchers(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}={json.dumps(labels[name])}" for name in sorted(labels)) + "}"


def _no_alerts() -> BadInput:
    return BadInput("The body holds no list of alerts.", reason="no-alerts", mend="Send the sender's own form.")
