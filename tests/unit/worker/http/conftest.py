"""An app over fakes: an inbox in memory, a bell that only remembers, a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from structlog.testing import capture_logs
from structlog.typing import EventDict

from domain.alert import Alert, Change, Delivery, Incident, Status
from worker.app import create_app
from worker.http.ports import Access, Deps
from worker.store.messages import Edition, Message, Place
from worker.telemetry import Metrics

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FakeReceipt:
    accepted: int
    duplicates: int
    rejected: int
    incidents: tuple[str, ...]

    @property
    def news(self) -> bool:
        return self.accepted > 0


@dataclass
class FakeInbox:
    """Keeps deliveries; knows an alert by group, fingerprint, start and status."""

    fault: Exception | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    known: set[tuple[object, ...]] = field(default_factory=set)

    def receive(self, delivery: Delivery, now: datetime) -> FakeReceipt:
        if self.fault:
            raise self.fault
        self.deliveries.append(delivery)
        keys = {(delivery.group_key, alert.fingerprint, alert.starts_at, alert.status) for alert in delivery.alerts}
        fresh = keys - self.known
        self.known |= fresh
        incidents = (f"inc-{delivery.sender}",) if delivery.alerts else ()
        return FakeReceipt(len(fresh), len(delivery.alerts) - len(fresh), len(delivery.rejected), incidents)


@dataclass
class FakeChanges:
    fault: Exception | None = None
    changes: dict[str, Change] = field(default_factory=dict)

    def add(self, change: Change) -> bool:
        if self.fault:
            raise self.fault
        fresh = change.id not in self.changes
        self.changes[change.id] = change
        return fresh


@dataclass
class FakeIncidents:
    fault: Exception | None = None
    incidents: list[Incident] = field(default_factory=list)

    def recent(self, limit: int, offset: int = 0, status: Status | None = None) -> Sequence[Incident]:
        if self.fault:
            raise self.fault
        fitting = [incident for incident in self.incidents if status in (None, incident.status)]
        return fitting[offset : offset + limit]

    def get(self, incident_id: str) -> Incident | None:
        return next((incident for incident in self.incidents if incident.id == incident_id), None)


@dataclass
class FakeRuns:
    runs: dict[str, object] = field(default_factory=dict)

    def get(self, run_id: str) -> object | None:
        return self.runs.get(run_id)


@dataclass
class FakeMessages:
    """Holds each message with the texts it has shown."""

    told: list[tuple[Message, tuple[Edition, ...]]] = field(default_factory=list)

    def of_incident(self, incident_id: str) -> Sequence[Message]:
        return [message for message, _ in self.told if message.place.incident_id == incident_id]

    def history(self, place: Place) -> Sequence[Edition]:
        return next(editions for message, editions in self.told if message.place == place)


@dataclass
class Office:
    """The app's collaborators, and clients on this machine and elsewhere."""

    inbox: FakeInbox = field(default_factory=FakeInbox)
    changes: FakeChanges = field(default_factory=FakeChanges)
    incidents: FakeIncidents = field(default_factory=FakeIncidents)
    runs: FakeRuns = field(default_factory=FakeRuns)
    messages: FakeMessages = field(default_factory=FakeMessages)
    rung: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)
    access: Access = field(default_factory=lambda: Access(allow_unsigned_loopback=True))
    routers: tuple[APIRouter, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def deps(self) -> Deps:
        deps = Deps(
            receive=self.inbox,
            ring=self.rung.extend,
            changes=self.changes,
            incidents=self.incidents,
            runs=self.runs,
            messages=self.messages,
            access=self.access,
            metrics=self.metrics,
            clock=lambda: NOW,
        )
        return replace(deps, **self.more)

    def here(self) -> TestClient:
        """Return a client on this machine; a defect of the app is raised in the test."""
        return self.client("127.0.0.1")

    def elsewhere(self) -> TestClient:
        return self.client("192.0.2.7")

    def client(self, address: str) -> TestClient:
        app = create_app(self.deps(), self.routers)
        return TestClient(app, base_url="http://127.0.0.1:8787", client=(address, 50000))


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[EventDict]]:
    """What is logged, instead of on the terminal."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def incident() -> Incident:
    alert = Alert("f1", Status.FIRING, {"alertname": "DiskFull", "service": "orders"}, {"summary": "full"}, NOW)
    return Incident("inc-1", "alertmanager", "g", Status.FIRING, NOW, None, 1, (alert,))
