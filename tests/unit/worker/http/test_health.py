"""Alive, ready and metrics."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from domain.errors import IndexMissing, StoreUnavailable
from worker.http.ports import Access, Limits, Probe


def fine() -> str:
    return "SQLite answers"


def no_index() -> str:
    raise IndexMissing("No index is live.", mend="Run `middlewatch ingest`.")


def no_database() -> str:
    raise StoreUnavailable("The database did not answer.", mend="Start it.")


def broken() -> str:
    raise ZeroDivisionError("postgresql://user:pw@db")


def test_it_is_alive_whatever_is_down(office: Any) -> None:
    office.more = {"probes": (Probe("database", no_database, fatal=True),)}
    assert office.elsewhere().get("/healthz").json() == {"status": "alive"}


@pytest.mark.parametrize(
    ("checks", "status", "word"),
    [
        ((fine, fine), 200, "ready"),
        ((fine, no_index), 200, "degraded"),  # alerts are still taken
        ((no_database, fine), 503, "down"),
        ((no_database, no_index), 503, "down"),
        ((broken, fine), 503, "down"),
        ((fine, broken), 200, "degraded"),
    ],
)
def test_only_a_fatal_part_makes_it_unready(office: Any, checks: Any, status: int, word: str) -> None:
    office.more = {"probes": (Probe("database", checks[0], fatal=True), Probe("index", checks[1]))}
    response = office.elsewhere().get("/readyz")
    assert (response.status_code, response.json()["status"]) == (status, word)
    assert [part["name"] for part in response.json()["parts"]] == ["database", "index"]


def test_each_part_says_what_is_wrong_and_how_to_mend_it(office: Any) -> None:
    office.more = {"probes": (Probe("database", fine, fatal=True), Probe("index", no_index), Probe("slack", broken))}
    response = office.here().get("/readyz")
    assert response.json()["parts"] == [
        {"name": "database", "ok": True, "what": "SQLite answers", "mend": ""},
        {"name": "index", "ok": False, "what": "No index is live.", "mend": "Run `middlewatch ingest`."},
        {"name": "slack", "ok": False, "what": "Its probe failed.", "mend": "Look for action probe_defect in the log."},
    ]
    assert "pw@db" not in response.text


def test_a_part_that_hangs_is_named_and_does_not_hang_the_answer(office: Any) -> None:
    release = threading.Event()

    def hangs() -> str:
        release.wait(30)
        return "late"

    office.more = {"probes": (Probe("broker", hangs), Probe("index", fine)), "limits": Limits(probe_timeout_s=1)}
    try:
        broker, index = office.here().get("/readyz").json()["parts"]
    finally:
        release.set()
    assert (broker["ok"], broker["what"]) == (False, "It did not answer within 1 s.")
    assert index["ok"]


def test_metrics_need_a_token_elsewhere(office: Any) -> None:
    office.access = Access(api_tokens=("right",))
    assert office.elsewhere().get("/metrics").status_code == 401
    assert office.elsewhere().get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 403
    assert office.elsewhere().get("/metrics", headers={"authorization": "Bearer right"}).status_code == 200
    assert office.here().get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 401
    text = office.here().get("/metrics").text
    assert "# TYPE middlewatch_deliveries_total counter" in text
