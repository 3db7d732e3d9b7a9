"""CloudWatch's alarms as Amazon SNS posts them (docs.aws.amazon.com/sns, "HTTP/HTTPS notification JSON format").

`worker.intake.sns` proves where a message comes from; this reads what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.alert import Alert, Delivery, Rejection, Status
from domain.errors import BadInput
from worker.intake import moments, sns, strict_json
from worker.intake.groups import Kindly
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS, clean_key, clean_pairs

NAME = "cloudwatch"

_STATES = {"ALARM": Status.FIRING, "OK": Status.RESOLVED}
Text = Annotated[str | None, Kindly]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Trigger(_Shape):
    metric: Text = Field(None, alias="MetricName")
    namespace: Text = Field(None, alias="Namespace")
    dimensions: Annotated[list[dict[str, Any]] | None, Kindly] = Field(None, alias="Dimensions")


class _Alarm(_Shape):
    name: str = Field(min_length=1, alias="AlarmName")
    state: str = Field(alias="NewStateValue")
    changed_at: str = Field(max_length=64, alias="StateChangeTime")
    arn: Text = Field(None, alias="AlarmArn")
    description: Text = Field(None, alias="AlarmDescription")
    reason: Text = Field(None, alias="NewStateReason")
    account: Text = Field(None, alias="AWSAccountId")
    region: Text = Field(None, alias="Region")
    trigger: Annotated[_Trigger | None, Kindly] = Field(None, alias="Trigger")


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the message says: one alert, the alarm. A third state and other topics' messages are ignored.

    Raises:
        BadInput: it is no message of SNS; `sns-raw` where the subscription delivers without SNS's envelope.
    """
    content = strict_json.loads(body)
    if isinstance(content, dict) and "AlarmName" in content:
        raise BadInput(
            "The message came without SNS's envelope, so its signature is gone.",
            reason="sns-raw",
            mend="Turn raw message delivery off for this subscription.",
        )
    envelope = sns.envelope(content)
    delivery_id = clean_key(envelope.message_id)
    if envelope.type != sns.NOTIFICATION:
        return Delivery(NAME, "", (), delivery_id=delivery_id, ignored=sns.REASONS[envelope.type])
    try:
        message = strict_json.loads(envelope.message.encode("utf-8", "surrogatepass"))
    except BadInput:
        return Delivery(NAME, "", (), delivery_id=delivery_id, ignored="no-alarm")
    if not isinstance(message, dict) or "AlarmName" not in message:
        return Delivery(NAME, "", (), delivery_id=delivery_id, ignored="no-alarm")
    return _understand(message, delivery_id, now)


def _understand(message: Mapping[str, Any], delivery_id: str, now: datetime) -> Delivery:
    try:
        alarm = _Alarm.model_validate(message)
    except ValidationError:
        return Delivery(NAME, "", (), (Rejection(0, "bad-alarm"),), delivery_id=delivery_id)
    status = _STATES.get(alarm.state)
    if status is None:
        return Delivery(NAME, "", (), delivery_id=delivery_id, ignored="insufficient-data")
    at = moments.start(alarm.changed_at, now)
    if at is None:
        return Delivery(NAME, "", (), (Rejection(0, "bad-start-time"),), delivery_id=delivery_id)
    key = clean_key(alarm.arn or f"{alarm.account or ''}/{alarm.region or ''}/{alarm.name}")
    about = {"summary": alarm.description or alarm.name, "description": alarm.reason or ""}
    alert = Alert(
        fingerprint=key,
        status=status,
        labels=clean_pairs(_labels(alarm), LABEL_CHARACTERS),
        annotations=clean_pairs({name: value for name, value in about.items() if value}, ANNOTATION_CHARACTERS),
        starts_at=at,
        ends_at=at if status is Status.RESOLVED else None,
    )
    return Delivery(NAME, key, (alert,), delivery_id=delivery_id, dated=False)


def _labels(alarm: _Alarm) -> dict[str, str]:
    trigger = alarm.trigger or _Trigger()
    pairs = ((each.get("name"), each.get("value")) for each in trigger.dimensions or [])
    labels = {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}
    labels |= {"alertname": alarm.name, "metric": trigger.metric or "", "namespace": trigger.namespace or ""}
    labels |= {"account": alarm.account or "", "region": alarm.region or ""}
    return {name: value for name, value in labels.items() if value}
