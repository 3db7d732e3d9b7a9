"""A flood over HTTP into a real store: what is taken, what is sent back for how long; nothing taken is lost."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.deliveries import at
from worker.app import create_app
from worker.http.ports import Access, Deps, Limits
from worker.inbox import CleanInbox
from worker.pressure.level import Limits as PressureLimits
from worker.pressure.level import Pressure
from worker.pressure.shedding import SheddingInbox
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics

MOST = 20


class Desk:
    """The HTTP side over a store, and a worker that does so much a second of a clock that is set by hand."""

    def __init__(self, store: Store) -> None:
        self.store, self.metrics, self.seconds = store, Metrics(), 0.0
        pressure = Pressure(store.loads.now, PressureLimits(MOST, timedelta(minutes=5)), self.metrics, self.now)
        outlasts = {"alertmanager": timedelta(days=1), "grafana": timedelta(days=1)}
        inbox = SheddingInbox(store.inbox, pressure.now, outlasts, self.metrics)
        deps = Deps(
            receive=CleanInbox(inbox, lambda text: text, lambda delivery, _: delivery),
            ring=lambda _: None,
            changes=store.changes,
            incidents=store.incidents,
            runs=store.runs,
            messages=store.messages,
            access=Access(allow_unsigned_loopback=True),
            metrics=self.metrics,
            limits=Limits(deliveries_per_s=0),
            clock=self.now,
        )
        self.client = TestClient(create_app(deps), base_url="http://127.0.0.1:8787", client=("127.0.0.1", 50000))

    def now(self) -> datetime:
        return at(self.seconds / 60)

    def tell(self, name: str, severity: str = "warning", status: str = "firing", sender: str = "alertmanager") -> Any:
        self.seconds += 1.1
        alert = {"status": status, "labels": {"alertname": name, "severity": severity}, "annotations": {}}
        alert |= {"startsAt": "2026-03-01T02:59:00Z", "endsAt": "2026-03-01T03:10:00Z" if status != "firing" else None}
        body: dict[str, Any] = {"version": "4", "groupKey": name, "alerts": [alert]}
        if sender == "cloudevents":
            body = {"specversion": "1.0", "id": name, "source": "/x", "subject": name, "type": "com.example.failed"}
            body |= {"time": "2026-03-01T02:59:00Z", "data": {"alertname": name, "severity": severity}}
        kind = "application/cloudevents+json" if sender == "cloudevents" else "application/json"
        return self.client.post(f"/v1/webhooks/{sender}", content=json.dumps(body), headers={"Content-Type": kind})

    def work(self, number: int) -> None:
        for incident in self.store.outbox.due(self.now(), number):
            claim = self.store.outbox.claim(incident, self.now(), timedelta(minutes=2))
            assert claim is not None
            assert self.store.outbox.finish(claim, claim.wanted_version, self.now())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store(open_database(f"sqlite:///{tmp_path}/state.db"), Policy())
    upgrade(store.database)
    yield Desk(store)
    store.close()


def flooded(desk: Desk) -> list[str]:
    names = [f"old{number}" for number in range(MOST)]
    assert {desk.tell(name).status_code for name in names} == {202}
    return names


def test_beyond_its_bound_new_incidents_wait_and_what_matters_more_is_taken(desk: Desk) -> None:
    names = flooded(desk)
    desk.work(0)
    refused = desk.tell("new")
    assert (refused.status_code, refused.json()["reason"]) == (503, "overloaded")
    assert 300 <= int(refused.headers["Retry-After"]) <= 310  # nothing was done within the minute
    taken = {
        "a new critical one": desk.tell("grave", "critical"),
        "a repeat": desk.tell(names[0]),
        "a severity that rose": desk.tell(names[1], "critical"),
        "a resolution": desk.tell(names[2], status="resolved"),
        "a sender that would not come again": desk.tell("event", sender="cloudevents"),
    }
    assert {what: answer.status_code for what, answer in taken.items()} == dict.fromkeys(taken, 202)
    assert taken["a repeat"].json()["duplicates"] == 1
    assert len(taken["a repeat"].json()["incidents"]) == 1
    stored = [incident.group_key for incident in desk.store.incidents.recent(99)]
    assert "new" not in stored
    assert {"grave", *names} <= set(stored)


def test_the_wait_that_is_told_follows_the_rate_at_which_work_is_done(desk: Desk) -> None:
    flooded(desk)
    desk.work(MOST)
    for number in range(MOST):
        assert desk.tell(f"more{number}").status_code == 202
    refused = desk.tell("new")
    assert refused.status_code == 503
    # 20 were done within the minute and 10 are too many: half a minute, and up to ten seconds of jitter
    assert 30 <= int(refused.headers["Retry-After"]) <= 42


def test_once_the_work_is_done_what_was_sent_back_is_taken(desk: Desk) -> None:
    flooded(desk)
    assert desk.tell("new").status_code == 503
    desk.work(MOST)
    assert desk.tell("new").status_code == 202


def test_a_flood_with_repeats_loses_nothing_that_was_acknowledged(desk: Desk) -> None:
    answers: Counter[tuple[str, int]] = Counter()
    acknowledged: set[str] = set()
    for number in range(300):
        severity = "critical" if number % 10 == 0 else "warning"
        name = f"g{number % 97}-{severity}"
        status = desk.tell(name, severity).status_code
        answers[severity, status] += 1
        if status == 202:
            acknowledged.add(name)
        if number % 30 == 29:
            desk.work(12)
    assert {incident.group_key for incident in desk.store.incidents.recent(500)} == acknowledged
    assert answers["critical", 503] == 0
    assert answers["warning", 503] > 0
    assert set(answers) <= {("critical", 202), ("warning", 202), ("warning", 503)}
    lost = len(acknowledged - {incident.group_key for incident in desk.store.incidents.recent(500)})
    refused = answers["warning", 503]
    sys.stdout.write(f"flood: {lost} of {len(acknowledged)} acknowledged groups lost, {refused} of n=300 sent back\n")
