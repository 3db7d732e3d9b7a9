"""One incident across senders, and one delivery that makes several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.alert import Status
from tests.deliveries import at, delivery, firing, resolved
from worker.store.engine import Database
from worker.store.fold import Effect, Policy
from worker.store.store import Store


@pytest.fixture
def by_service(database: Database) -> Store:
    return Store(database, Policy(group_by=("service",)))


def test_two_senders_open_one_incident_and_both_must_resolve(by_service: Store) -> None:
    inbox = by_service.inbox
    mine, theirs = delivery(firing("a")), replace(delivery(firing("a")), sender="grafana")
    assert inbox.receive(mine, at(0)).effect is Effect.OPENED
    assert inbox.receive(theirs, at(1)).effect is Effect.CHANGED
    assert inbox.receive(delivery(resolved("a", end=2)), at(2)).effect is Effect.CHANGED
    assert inbox.receive(replace(delivery(resolved("a", end=3)), sender="grafana"), at(3)).effect is Effect.RESOLVED
    (incident,) = by_service.incidents.recent(10)
    assert (incident.status, len(incident.alerts)) == (Status.RESOLVED, 2)


def test_one_delivery_of_two_services_opens_two_incidents_at_once(by_service: Store) -> None:
    other = firing("b")
    other = replace(other, labels={**other.labels, "service": "cart"})
    receipt = by_service.inbox.receive(delivery(firing("a"), other), at(0))
    assert (receipt.accepted, len(set(receipt.incidents)), receipt.effect) == (2, 2, Effect.OPENED)
    assert by_service.outbox.pending() == 2
    again = by_service.inbox.receive(delivery(firing("a"), other), at(1))
    assert (again.accepted, again.duplicates) == (0, 2)
