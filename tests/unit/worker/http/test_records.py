"""The record over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.alert import Incident, Status
from domain.errors import StoreUnavailable
from worker.http.ports import Access
from worker.store.messages import Begun, Body, Edition, Message, Place


@dataclass(frozen=True, slots=True)
class Record:
    """Shaped as a store's record of a run."""

    id: str
    at: datetime
    cost: Decimal
    rung: Status


def test_incidents_are_listed_without_their_alerts(office: Any, incident: Incident) -> None:
    office.incidents.incidents = [incident, replace(incident, id="inc-2", status=Status.RESOLVED)]
    client = office.here()

    listed = client.get("/v1/incidents").json()["incidents"]
    assert [row["id"] for row in listed] == ["inc-1", "inc-2"]
    assert listed[0]["services"] == ["orders"]
    assert "alerts" not in listed[0]
    assert [row["id"] for row in client.get("/v1/incidents?limit=1&offset=1").json()["incidents"]] == ["inc-2"]
    assert [row["id"] for row in client.get("/v1/incidents?status=resolved").json()["incidents"]] == ["inc-2"]


def test_an_incident_is_shown_with_its_alerts(office: Any, incident: Incident) -> None:
    office.incidents.incidents = [incident]
    content = office.here().get("/v1/incidents/inc-1").json()
    assert (content["status"], content["opened_at"], content["resolved_at"]) == (
        "firing",
        "2026-11-21T03:00:00+00:00",
        None,
    )
    assert content["alerts"][0]["labels"] == {"alertname": "DiskFull", "service": "orders"}


def test_an_incident_is_shown_with_what_each_channel_was_told(office: Any, incident: Incident) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    first = Edition(1, at, Body(1, "extractive text", (), "extractive", "run-1"))
    second = Edition(2, at, Body(1, "model text", (), "model", "run-2"))
    posted = Message(Place("C0PAY", "inc-1"), Begun.POSTED, 1, at, at, "171.5", second)
    other = Message(Place("C0PAY", "inc-2"), Begun.FRESH, 1, at, None, "", None)
    office.incidents.incidents = [incident]
    office.messages.told = [(posted, (first, second)), (other, ())]

    (message,) = office.here().get("/v1/incidents/inc-1").json()["messages"]

    assert (message["channel"], message["state"], message["ts"]) == ("C0PAY", "posted", "171.5")
    assert [(edition["text"], edition["rung"], edition["run"]) for edition in message["editions"]] == [
        ("extractive text", "extractive", "run-1"),
        ("model text", "model", "run-2"),
    ]


def test_a_run_is_shown_as_it_was_recorded(office: Any) -> None:
    office.runs.runs["run-1"] = Record("run-1", datetime(2026, 11, 21, tzinfo=UTC), Decimal("0.01"), Status.FIRING)
    content = office.here().get("/v1/runs/run-1").json()
    assert content == {"id": "run-1", "at": "2026-11-21T00:00:00+00:00", "cost": 0.01, "rung": "firing"}


@pytest.mark.parametrize(("path", "reason"), [("incidents/none", "no-such-incident"), ("runs/none", "no-such-run")])
def test_what_is_not_there_gets_a_404(office: Any, path: str, reason: str) -> None:
    response = office.here().get(f"/v1/{path}")
    assert (response.status_code, response.json()["reason"]) == (404, reason)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "incidents?limit=0",
        "incidents?limit=ZQXMARKERXQZ",
        "incidents?limit=999999",
        "incidents?offset=-1",
        "incidents?status=ZQXMARKERXQZ",
        "incidents/ZQXMARKERXQZ%00",
        "runs/ZQXMARKERXQZ%ff",
    ],
)
def test_a_wrong_parameter_gets_a_422_that_does_not_repeat_it(office: Any, path: str) -> None:
    response = office.here().get(f"/v1/{path}")
    assert (response.status_code, response.json()["reason"]) == (422, "bad-request")
    assert "ZQXMARKERXQZ" not in response.text


@pytest.mark.parametrize("path", ["incidents", "incidents/inc-1", "runs/run-1"])
def test_the_record_needs_a_token(office: Any, path: str) -> None:
    office.access = Access(api_tokens=("right",))
    client = office.elsewhere()
    assert client.get(f"/v1/{path}").status_code == 401
    assert client.get(f"/v1/{path}", headers={"authorization": "Bearer wrong"}).status_code == 403
    assert client.get(f"/v1/{path}", headers={"authorization": "Bearer right"}).status_code in (200, 404)


def test_without_any_token_set_nobody_elsewhere_comes_in(office: Any) -> None:
    office.access = Access(allow_unsigned_loopback=True)
    assert office.elsewhere().get("/v1/incidents").status_code == 401
    assert office.elsewhere().get("/v1/incidents", headers={"authorization": "Bearer x"}).status_code == 403
    assert office.here().get("/v1/incidents").status_code == 200


def test_a_database_that_does_not_answer_gets_a_503(office: Any) -> None:
    office.incidents.fault = StoreUnavailable("The database did not answer.")
    assert office.here().get("/v1/incidents").status_code == 503
