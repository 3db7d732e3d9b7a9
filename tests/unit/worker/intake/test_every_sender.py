"""One contract for all senders: key, episode, resolved, times, unknown fields, replays, and how bad input is refused.

The bodies are made here in each sender's documented form. What the store makes of them is asked of a real one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Delivery, Status
from domain.errors import BadInput
from worker.intake.senders import SENDERS
from worker.store.engine import open_database
from worker.store.fold import Effect, Policy
from worker.store.schema import upgrade
from worker.store.store import Store

THREE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FIRES = THREE + timedelta(minutes=1)
ENDS = THREE + timedelta(minutes=20)


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def group(status: str, at: datetime) -> dict[str, Any]:
    alert = {"status": status, "labels": {"alertname": "DiskFull", "service": "orders", "severity": "critical"}}
    alert |= {"annotations": {"summary": "The disk is full"}, "startsAt": iso(FIRES), "fingerprint": "f1"}
    return {"groupKey": "g1", "status": status, "alerts": [alert | ({"endsAt": iso(at)} if status != "firing" else {})]}


def pagerduty(status: str, at: datetime) -> dict[str, Any]:
    word = "triggered" if status == "firing" else "resolved"
    incident = {"id": "PINC1", "type": "incident", "status": word, "title": "DiskFull", "created_at": iso(FIRES)}
    incident |= {"service": {"summary": "orders"}, "urgency": "high"}
    return {"event": {"id": f"E{word}", "event_type": f"incident.{word}", "occurred_at": iso(at), "data": incident}}


def datadog(status: str, at: datetime) -> dict[str, Any]:
    word = "Triggered" if status == "firing" else "Recovered"
    said = {"alert_id": "42", "aggreg_key": "a1", "transition": word, "title": f"[{word} on {{host:h1}}] DiskFull"}
    said |= {"body": "%%%\nThe disk is full @slack-orders\n%%%", "priority": "P1", "alert_type": "error"}
    said |= {
        "scope": "host:h1",
        "tags": "monitor,service:orders",
        "last_updated": ms(at),
        "cycle_key": "$ALERT_CYCLE_KEY",
    }
    return said


def sentry(status: str, at: datetime) -> dict[str, Any]:
    issue = {"id": "7", "title": "DiskFull", "culprit": "write in store.py", "level": "fatal", "firstSeen": iso(FIRES)}
    issue |= {"project": {"slug": "orders"}, "lastSeen": iso(at), "web_url": "https://example.sentry.io/issues/7/"}
    return {"action": "created" if status == "firing" else "resolved", "data": {"issue": issue}}


def cloudwatch(status: str, at: datetime) -> dict[str, Any]:
    alarm = {
        "AlarmName": "DiskFull",
        "AlarmDescription": "The disk is full",
        "AlarmArn": "arn:aws:cloudwatch:x:1:alarm:D",
    }
    alarm |= {"NewStateValue": "ALARM" if status == "firing" else "OK", "StateChangeTime": f"{iso(at)[:-1]}.123+0000"}
    alarm |= {"Trigger": {"MetricName": "Used", "Dimensions": [{"name": "service", "value": "orders"}]}}
    return {
        "Type": "Notification",
        "MessageId": f"m-{status}",
        "TopicArn": "arn:aws:sns:eu-west-1:1:t",
        "Message": json.dumps(alarm),
        "Timestamp": iso(at),
    }


def cloudevents(status: str, at: datetime) -> dict[str, Any]:
    word = "raised" if status == "firing" else "resolved"
    data = {"alertname": "DiskFull", "service": "orders", "severity": "critical", "summary": "The disk is full"}
    return {
        "specversion": "1.0",
        "id": f"e-{word}",
        "source": "/store",
        "type": f"com.example.alert.{word}",
        "subject": "orders",
        "time": iso(at),
        "data": data,
    }


@dataclass(frozen=True)
class Case:
    name: str
    body: Callable[[str, datetime], dict[str, Any]]
    group_key: str
    headers: Mapping[str, str]
    dated: bool = True

    def delivery(self, status: str, at: datetime, **more: Any) -> Delivery:
        said = at if status == "firing" else at
        headers = {"sentry-hook-timestamp": str(int(said.timestamp())), **self.headers}
        return SENDERS[self.name].parse(json.dumps(self.body(status, at) | more).encode(), headers, ENDS)


CLOUD = {"content-type": "application/cloudevents+json"}
CASES = [
    Case("alertmanager", group, "g1", {}),
    Case("grafana", group, "g1", {}),
    Case("pagerduty", pagerduty, "PINC1", {}),
    Case("datadog", datadog, "a1", {}, dated=False),
    Case("sentry", sentry, "issue 7", {"sentry-hook-resource": "issue", "request-id": "r1"}, dated=False),
    Case("cloudwatch", cloudwatch, "arn:aws:cloudwatch:x:1:alarm:D", {}, dated=False),
    Case("cloudevents", cloudevents, "/store orders", CLOUD, dated=False),
]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(database)
    yield Store(database, Policy())
    database.close()


def test_no_sender_is_left_out() -> None:
    assert {case.name for case in CASES} == set(SENDERS)


@each
def test_a_firing_alert_says_what_and_since_when(case: Case) -> None:
    delivery = case.delivery("firing", FIRES)
    (alert,) = delivery.alerts
    assert (delivery.sender, delivery.group_key, delivery.dated) == (case.name, case.group_key, case.dated)
    assert (alert.status, alert.ends_at) == (Status.FIRING, None)
    assert alert.starts_at.replace(microsecond=0) == FIRES
    assert alert.name == "DiskFull"
    assert alert.service == "orders"
    assert alert.summary


@each
def test_a_resolved_alert_is_the_same_alert_and_says_when_it_ended(case: Case) -> None:
    fires, ends = case.delivery("firing", FIRES), case.delivery("resolved", ENDS)
    assert ends.group_key == fires.group_key
    assert ends.alerts[0].fingerprint == fires.alerts[0].fingerprint
    assert ends.alerts[0].status is Status.RESOLVED
    ended = ends.alerts[0].ends_at
    assert ended is not None
    assert ended.replace(microsecond=0) == ENDS


@each
def test_fields_that_are_not_known_are_left_alone(case: Case) -> None:
    assert case.delivery("firing", FIRES, future={"field": [1]}) == case.delivery("firing", FIRES)


@each
def test_one_incident_opens_once_and_resolves_once_however_often_it_is_told(case: Case, store: Store) -> None:
    fires, ends = case.delivery("firing", FIRES), case.delivery("resolved", ENDS)
    told = [fires, fires, ends, ends, fires]
    now = [FIRES, FIRES, ENDS, ENDS, ENDS]
    effects = [store.inbox.receive(delivery, at).effect for delivery, at in zip(told, now, strict=True)]
    assert effects == [Effect.OPENED, Effect.REPEAT, Effect.RESOLVED, Effect.REPEAT, Effect.REPEAT]
    (incident,) = store.incidents.recent(10)
    assert incident.status is Status.RESOLVED
    assert incident.opened_at == FIRES


@pytest.mark.parametrize("case", [case for case in CASES if not case.dated], ids=lambda case: case.name)
def test_a_reminder_of_an_open_episode_is_a_repeat_and_a_new_one_reopens(case: Case, store: Store) -> None:
    later, again = ENDS - timedelta(minutes=5), ENDS + timedelta(minutes=2)
    told = [("firing", FIRES), ("firing", later), ("resolved", ENDS), ("firing", again)]
    effects = []
    for status, at in told:
        delivery = _later(case, status, at)
        effects.append(store.inbox.receive(delivery, at).effect)
    assert effects == [Effect.OPENED, Effect.REPEAT, Effect.RESOLVED, Effect.REOPENED]


def _later(case: Case, status: str, at: datetime) -> Delivery:
    headers = {"sentry-hook-timestamp": str(int(at.timestamp())), **case.headers}
    body = case.body(status, at)
    if case.name == "sentry" and status == "firing" and at != FIRES:
        body["action"] = "unresolved"
    return SENDERS[case.name].parse(json.dumps(body).encode(), headers, at)


@each
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'"x"', b"null", b"NaN"])
def test_what_is_no_delivery_is_refused_by_a_reason(case: Case, body: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        SENDERS[case.name].parse(body, case.headers, ENDS)
    assert caught.value.reason


@each
def test_a_start_that_cannot_be_is_no_defect(case: Case) -> None:
    """An absurd date is refused or replaced by the time of arrival; it is never believed."""
    body = json.dumps(case.body("firing", FIRES)).replace(iso(FIRES)[:-1], "9999-01-01T00:00:00")
    body = body.replace(ms(FIRES), "999999999999999")
    delivery = SENDERS[case.name].parse(body.encode(), case.headers, ENDS)
    assert all(alert.starts_at <= ENDS for alert in delivery.alerts)
    assert delivery.alerts or delivery.rejected
