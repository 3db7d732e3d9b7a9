"""What is not critical may be held for a while; what resolves meanwhile is not told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.alert import Alert
from tests.deliveries import at, delivery, firing, resolved
from worker.store.engine import Database
from worker.store.fold import Effect, Policy
from worker.store.store import Store


@pytest.fixture
def holding(database: Database) -> Store:
    return Store(database, Policy(hold_new=timedelta(minutes=2)))


def told(store: Store, *alerts: Alert, minute: float) -> Effect:
    return store.inbox.receive(delivery(*alerts), at(minute)).effect


def due(store: Store, minute: float) -> int:
    return len(store.outbox.due(at(minute), 10))


def test_a_new_incident_waits_and_a_second_alert_does_not_prolong_it(holding: Store) -> None:
    told(holding, firing("a"), minute=0)
    assert (due(holding, 0), due(holding, 1.9)) == (0, 0)
    told(holding, firing("b", 1), minute=1)
    assert (due(holding, 1.9), due(holding, 2)) == (0, 1)


def test_what_resolves_meanwhile_is_not_told(holding: Store) -> None:
    told(holding, firing("a"), minute=0)
    assert told(holding, resolved("a", end=1), minute=1) is Effect.RESOLVED
    assert (due(holding, 3), holding.outbox.pending()) == (0, 0)
    assert holding.incidents.recent(10)[0].resolved_at == at(1)


def test_what_fires_again_after_it_was_not_told_is_told(holding: Store) -> None:
    told(holding, firing("a"), minute=0)
    told(holding, resolved("a", end=1), minute=1)
    assert told(holding, firing("a", 2), minute=2) is Effect.REOPENED
    assert due(holding, 4) == 1


def test_the_critical_is_never_held_nor_what_turns_critical(holding: Store) -> None:
    told(holding, firing("a", severity="critical"), minute=0)
    assert due(holding, 0) == 1
    holding.inbox.receive(delivery(firing("c"), group_key="other"), at(0))
    holding.inbox.receive(delivery(firing("c", severity="critical"), group_key="other"), at(0.5))
    assert due(holding, 0.5) == 2


def test_what_was_told_is_told_of_its_end(holding: Store) -> None:
    told(holding, firing("a"), minute=0)
    (name,) = holding.outbox.due(at(2), 10)
    claim = holding.outbox.claim(name, at(2), timedelta(minutes=1))
    assert claim is not None
    holding.outbox.finish(claim, 1, at(2.1))
    told(holding, resolved("a", end=3), minute=3)
    assert due(holding, 3) == 1


def test_without_holding_the_end_is_told_even_if_clocks_differ(store: Store) -> None:
    told(store, firing("a"), minute=1)
    told(store, resolved("a", end=1), minute=0.5)
    assert due(store, 1) == 1
