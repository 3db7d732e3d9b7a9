"""Changes over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import StoreUnavailable
from worker.http.ports import Access

CHANGE = {
    "who": "deploy-bot",
    "what": "orders 1.4.2 to production",
    "service": "orders",
    "time": "2026-11-21T03:40:00+01:00",
    "link": "https://ci.example.com/orders/142",
    "readers": ["payments", "everyone"],
}
MARKER = "ZQXMARKERXQZ"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CHANGE.items() if key != name}


def test_a_change_is_stored(office: Any) -> None:
    response = office.here().post("/v1/changes", json=CHANGE)

    assert response.status_code == 201
    change = office.changes.changes[response.json()["id"]]
    assert (change.who, change.what, change.service) == ("deploy-bot", "orders 1.4.2 to production", "orders")
    assert change.at == datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
    assert (change.link, change.readers) == ("https://ci.example.com/orders/142", {"payments", "everyone"})


def test_the_same_change_told_twice_is_one_change(office: Any) -> None:
    client = office.here()
    ids = {client.post("/v1/changes", json=CHANGE).json()["id"] for _ in range(2)}
    other = client.post("/v1/changes", json=CHANGE | {"what": "rolled back"}).json()["id"]
    assert len(ids) == 1
    assert other not in ids
    assert len(office.changes.changes) == 2


def test_a_change_without_a_time_is_of_now(office: Any) -> None:
    office.here().post("/v1/changes", json=without("time"))
    assert [change.at for change in office.changes.changes.values()] == [datetime(2026, 11, 21, 3, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (without("readers"), "no-readers"),
        (CHANGE | {"readers": []}, "no-readers"),
        (CHANGE | {"readers": None}, "no-readers"),
        (CHANGE | {"readers": "everyone"}, "bad-change"),
        (CHANGE | {"readers": ["<!channel>"]}, "bad-change"),
        (CHANGE | {"readers": [MARKER, 5]}, "bad-change"),
        (without("who"), "bad-change"),
        (CHANGE | {"who": "  "}, "bad-change"),
        (CHANGE | {"what": MARKER * 1000}, "bad-change"),
        (CHANGE | {"service": None}, "bad-change"),
        (CHANGE | {"reader": [MARKER]}, "bad-change"),
        (CHANGE | {"time": "2026-11-21T03:40:00"}, "bad-change"),
        (CHANGE | {"time": MARKER}, "bad-change"),
        (CHANGE | {"time": "2027-11-21T03:40:00Z"}, "bad-change"),
        (CHANGE | {"time": "0001-01-01T00:00:00+10:00"}, "bad-change"),
        (CHANGE | {"time": 1e300}, "bad-change"),
        (CHANGE | {"link": f"javascript:{MARKER}"}, "bad-link"),
        (CHANGE | {"link": f"https://user:{MARKER}@example.com/"}, "bad-link"),
        (CHANGE | {"link": 5}, "bad-change"),
        ([CHANGE], "bad-change"),
        ("", "bad-change"),
    ],
)
def test_a_wrong_change_is_refused_without_repeating_it(office: Any, body: object, reason: str) -> None:
    response = office.here().post("/v1/changes", json=body)
    assert (response.status_code, response.json()["reason"]) == (422, reason)
    assert MARKER not in response.text
    assert office.changes.changes == {}


def test_the_answer_names_the_fields_that_are_wrong(office: Any) -> None:
    response = office.here().post("/v1/changes", json=CHANGE | {"who": 1, MARKER: 1})
    assert response.json()["detail"].endswith("Wrong: who.")


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b'{"who": NaN}', 422), (b"x" * 70_000, 413)])
def test_a_body_that_is_none_is_refused(office: Any, body: bytes, status: int) -> None:
    response = office.here().post("/v1/changes", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({}, 401, "no-token"),
        ({"authorization": "Bearer wrong"}, 403, "bad-token"),
        ({"authorization": "Bearer right"}, 201, ""),
    ],
)
def test_a_change_needs_a_token(office: Any, headers: dict[str, str], status: int, reason: str) -> None:
    office.access = Access(api_tokens=("right",))
    for client in (office.here(), office.elsewhere()):
        response = client.post("/v1/changes", json=CHANGE, headers=headers)
        assert (response.status_code, response.json().get("reason", "")) == (status, reason)


def test_a_database_that_does_not_answer_gets_a_503(office: Any) -> None:
    office.changes.fault = StoreUnavailable("The database did not answer.")
    response = office.here().post("/v1/changes", json=CHANGE)
    assert (response.status_code, "retry-after" in response.headers) == (503, True)
