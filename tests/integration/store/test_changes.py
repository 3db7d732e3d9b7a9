from __future__ import annotations

from datetime import timedelta

from domain.access import Audience
from domain.alert import Change
from tests.deliveries import at
from worker.store.store import Store

HOUR = timedelta(hours=1)
PAYMENTS = Audience.of(["payments"])


def change(
    number: int, minute: float, service: str = "orders", readers: frozenset[str] = frozenset({"everyone"})
) -> Change:
    return Change(f"c{number}", "deployer", f"release {number}", service, at(minute), "https://ci.example.com", readers)


def found(store: Store, audience: Audience, services: list[str], minute: float = 60) -> list[str]:
    return [one.id for one in store.changes.before(audience, services, at(minute), HOUR)]


def test_a_change_is_read_as_it_was_written(store: Store) -> None:
    sent = change(1, 30, readers=frozenset({"payments", "orders"}))
    assert store.changes.add(sent)
    assert store.changes.before(PAYMENTS, ["orders"], at(60), HOUR) == (sent,)


def test_a_change_told_twice_is_kept_once(store: Store) -> None:
    assert store.changes.add(change(1, 30))
    assert not store.changes.add(change(1, 31))
    assert found(store, PAYMENTS, ["orders"]) == ["c1"]


def test_it_returns_changes_to_these_services_within_the_window_newest_first(store: Store) -> None:
    for number, minute in enumerate([-0.5, 0, 30, 60, 60.5]):
        store.changes.add(change(number, minute))
    store.changes.add(change(9, 30, service="search"))
    assert found(store, PAYMENTS, ["orders"]) == ["c3", "c2", "c1"]
    assert found(store, PAYMENTS, ["orders", "search"]) == ["c3", "c9", "c2", "c1"]
    assert found(store, PAYMENTS, []) == []


def test_what_the_audience_may_not_read_is_not_there(store: Store) -> None:
    store.changes.add(change(1, 10, readers=frozenset({"security"})))
    store.changes.add(change(2, 20, readers=frozenset()))
    store.changes.add(change(3, 30, readers=frozenset({"payments"})))
    store.changes.add(change(4, 40))
    assert found(store, PAYMENTS, ["orders"]) == ["c4", "c3"]
    assert found(store, Audience.of(["security"]), ["orders"]) == ["c4", "c1"]
    assert found(store, Audience.nobody(), ["orders"]) == []


def test_what_may_not_be_read_cannot_push_out_what_may(store: Store) -> None:
    store.changes.add(change(0, 1))
    for number in range(1, 60):
        store.changes.add(change(number, 2 + number / 2, readers=frozenset({"security"})))
    assert found(store, PAYMENTS, ["orders"]) == ["c0"]


def test_there_is_an_end_to_the_list(store: Store) -> None:
    for number in range(50):
        store.changes.add(change(number, number))
    assert len(found(store, PAYMENTS, ["orders"])) == 20


def test_names_too_long_for_an_index_still_match(store: Store) -> None:
    group, service = "g" * 3000, "s" * 3000
    store.changes.add(change(1, 30, service, frozenset({group})))
    assert found(store, Audience.of([group]), [service]) == ["c1"]
    assert found(store, Audience.of([group + "x"]), [service]) == []
