"""What PagerDuty sends, and what becomes of it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Delivery, Severity, Status
from domain.errors import BadInput
from worker.intake.pagerduty import parse

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).parents[5] / "shared")  # noqa: TID251 - where the public data lies


def published(name: str) -> bytes:
    file = SHARED / "payloads" / "pagerduty" / name
    if not file.exists():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    return file.read_bytes()


def event(event_type: str = "incident.triggered", **data: Any) -> bytes:
    incident = {
        "id": "PINC1",
        "type": "incident",
        "html_url": "https://example.pagerduty.com/incidents/PINC1",
        "status": "triggered",
        "created_at": "2026-11-21T02:50:00Z",
        "title": "Orders cannot be placed",
        "service": {"summary": "Orders", "id": "PSVC"},
        "teams": [{"summary": "Payments"}, {"summary": "Storage"}],
        "priority": {"summary": "P2"},
        "urgency": "high",
    } | data
    content = {"id": "01EVENT", "event_type": event_type, "occurred_at": "2026-11-21T02:58:00.169Z", "data": incident}
    return json.dumps({"event": content}).encode()


def read(body: bytes) -> Delivery:
    return parse(body, {}, NOW)


def test_an_incident_event_is_one_alert() -> None:
    delivery = read(event())

    (only,) = delivery.alerts
    assert (delivery.sender, delivery.group_key, delivery.delivery_id) == ("pagerduty", "PINC1", "01EVENT")
    assert (only.fingerprint, only.status, only.ends_at) == ("PINC1", Status.FIRING, None)
    assert only.starts_at == datetime(2026, 11, 21, 2, 50, tzinfo=UTC)
    assert only.labels == {
        "alertname": "Orders cannot be placed",
        "priority": "P2",
        "service": "Orders",
        "team": "Payments",
        "teams": "Payments,Storage",
        "urgency": "high",
    }
    assert only.annotations == {"summary": "Orders cannot be placed"}
    assert only.link == "https://example.pagerduty.com/incidents/PINC1"
    assert only.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("priority", "urgency", "expected"),
    [
        ({"summary": "P1"}, "low", Severity.CRITICAL),
        ({"summary": "Whenever"}, "high", Severity.CRITICAL),
        (None, "low", Severity.WARNING),
        (None, None, Severity.UNKNOWN),
    ],
)
def test_urgency_speaks_where_the_priority_says_nothing(priority: object, urgency: object, expected: Severity) -> None:
    assert read(event(priority=priority, urgency=urgency)).alerts[0].severity is expected


@pytest.mark.parametrize(
    ("event_type", "status", "expected"),
    [
        ("incident.acknowledged", "acknowledged", Status.FIRING),
        ("incident.reopened", "triggered", Status.FIRING),
        ("incident.resolved", "resolved", Status.RESOLVED),
        ("incident.resolved", None, Status.RESOLVED),
        ("incident.priority_updated", "resolved", Status.RESOLVED),
    ],
)
def test_status_is_that_of_the_incident(event_type: str, status: str | None, expected: Status) -> None:
    (only,) = read(event(event_type, status=status)).alerts
    assert only.status is expected
    assert (only.ends_at is not None) == (expected is Status.RESOLVED)


@pytest.mark.parametrize(
    ("name", "status", "starts_at", "ends_at"),
    [
        ("pagerduty-docs-01-Overview-2.json", "firing", "2020-04-09T15:16:27+00:00", None),
        ("runlore-incident-resolved.json", "resolved", "2020-10-02T18:45:22+00:00", "2020-10-02T19:02:10.401000+00:00"),
    ],
)
def test_it_reads_published_payloads(name: str, status: str, starts_at: str, ends_at: str | None) -> None:
    delivery = read(published(name))

    (only,) = delivery.alerts
    assert (delivery.group_key, only.fingerprint, only.status) == ("PGR0VU2", "PGR0VU2", status)
    assert only.starts_at.isoformat() == starts_at
    assert (only.ends_at.isoformat() if only.ends_at else None) == ends_at
    assert (only.labels["service"], only.labels["priority"]) == ("API Service", "P1")


@pytest.mark.parametrize("name", ["pagerduty-docs-09-V2-Overview-1.json", "pagerduty-docs-09-V2-Overview-2.json"])
def test_it_takes_published_payloads_of_version_two_and_leaves_them_alone(name: str) -> None:
    delivery = read(published(name))
    assert (delivery.ignored, delivery.alerts, delivery.rejected) == ("pagerduty-v2", (), ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"messages": [{"event": "incident.trigger"}]}', "pagerduty-v2"),
        (b'{"event": {"event_type": "pagey.ping", "resource_type": "pagey"}}', "pagerduty-ping"),
        (b'{"event": {"event_type": "incident.of.tomorrow", "data": 5}}', "unknown-event"),
        (b'{"event": {"event_type": "service.updated"}}', "unknown-event"),
        (event("incident.annotated", type="incident_note", incident={"id": "PINC1"}), "unknown-event"),
        (event("incident.triggered", type="incident_note"), "not-an-incident"),
    ],
)
def test_it_never_refuses_an_event_that_is_of_no_use(body: bytes, reason: str) -> None:
    delivery = read(body)
    assert (delivery.ignored, delivery.alerts) == (reason, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "bad-incident"),
        ({"id": 5}, "bad-incident"),
        ({"created_at": None}, "bad-incident"),
        ({"created_at": "yesterday"}, "bad-start-time"),
    ],
)
def test_an_incident_without_name_or_time_is_rejected(changes: dict[str, object], reason: str) -> None:
    delivery = read(event(**changes))
    assert delivery.alerts == ()
    assert [rejection.reason for rejection in delivery.rejected] == [reason]


def test_an_incident_is_not_lost_for_a_field_that_it_can_do_without() -> None:
    (only,) = read(event(service=3, teams={}, priority=[], urgency={}, title=[], html_url=9, status=1)).alerts
    assert (only.fingerprint, only.labels, only.annotations, only.link) == ("PINC1", {}, {}, "")


@pytest.mark.parametrize(
    "body", [b"{}", b'{"event": 5}', b'{"event": {}}', b'{"event": {"event_type": 7}}', b'{"messages": {}}']
)
def test_it_refuses_what_holds_no_event(body: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read(body)
    assert caught.value.reason == "no-event"
