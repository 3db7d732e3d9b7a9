from __future__ import annotations

from domain.alert import Status
from tests.deliveries import at, delivery, firing, resolved
from worker.store.store import Store


def test_an_unknown_id_is_none(store: Store) -> None:
    assert store.incidents.get("nothing") is None
    assert store.incidents.get("\0\ud800") is None


def test_it_lists_the_newest_first_with_their_alerts_page_by_page(store: Store) -> None:
    for number in range(5):
        store.inbox.receive(delivery(firing(f"a{number}"), group_key=f"group-{number}"), at(number))
    assert [incident.alerts[0].fingerprint for incident in store.incidents.recent(2)] == ["a4", "a3"]
    assert [incident.alerts[0].fingerprint for incident in store.incidents.recent(2, offset=4)] == ["a0"]


def test_it_lists_those_of_one_status(store: Store) -> None:
    store.inbox.receive(delivery(firing("a"), group_key="one"), at(0))
    store.inbox.receive(delivery(firing("b"), group_key="two"), at(1))
    store.inbox.receive(delivery(resolved("a"), group_key="one"), at(2))
    assert [incident.group_key for incident in store.incidents.recent(9, status=Status.FIRING)] == ["two"]
    assert [incident.group_key for incident in store.incidents.recent(9, status=Status.RESOLVED)] == ["one"]
