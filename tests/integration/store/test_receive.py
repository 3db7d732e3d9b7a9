from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Table, func, select, text

from domain.alert import Alert, Delivery, Rejection, Status
from domain.errors import StoreUnavailable
from tests.deliveries import at, delivery, firing, resolved
from worker.store.engine import open_database
from worker.store.fold import Effect, Policy
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.store.tables import alerts, episodes, incidents, outbox, refusals


def rows(store: Store, table: Table) -> int:
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_it_stores_alert_incident_and_work_before_it_answers(store: Store) -> None:
    receipt = store.inbox.receive(delivery(firing("a"), firing("b", 1)), at(2))
    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (2, 0, 0)
    incident = store.incidents.get(receipt.incidents[0])
    assert incident is not None
    assert [alert.fingerprint for alert in incident.alerts] == ["a", "b"]
    assert (incident.opened_at, incident.version, incident.sender) == (at(2), 1, "alertmanager")
    assert store.outbox.due(at(2), 10) == receipt.incidents


def test_what_is_read_back_equals_what_was_sent(store: Store) -> None:
    sent = Alert(
        "f1",
        Status.FIRING,
        {"alertname": "Ünïcode ✓", "z": "", "a": "x" * 10_000},
        {"description": "two\nlines"},
        datetime(2026, 3, 1, 5, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
        at(60),
        "https://example.com/?a=b&c=d",
    )
    receipt = store.inbox.receive(delivery(sent), at(1))
    incident = store.incidents.get(receipt.incidents[0])
    assert incident is not None
    assert incident.alerts == (sent,)
    assert list(incident.alerts[0].labels) == ["alertname", "z", "a"]
    assert incident.alerts[0].starts_at.tzinfo is UTC


def test_a_delivery_told_twice_is_known_and_makes_no_work(store: Store) -> None:
    first = store.inbox.receive(delivery(firing()), at(0))
    claim = store.outbox.claim(first.incidents[0], at(0), timedelta(minutes=2))
    assert claim is not None
    store.outbox.finish(claim, 1, at(0))
    again = store.inbox.receive(delivery(firing()), at(240))
    assert (again.accepted, again.duplicates, again.effect) == (0, 1, Effect.REPEAT)
    assert again.incidents == first.incidents
    assert store.outbox.due(at(240), 10) == ()


def test_a_repeat_after_the_resolve_is_still_a_repeat(store: Store) -> None:
    store.inbox.receive(delivery(firing()), at(0))
    store.inbox.receive(delivery(resolved()), at(5))
    assert store.inbox.receive(delivery(firing()), at(6)).effect is Effect.REPEAT
    assert store.inbox.receive(delivery(resolved()), at(7)).effect is Effect.REPEAT
    assert rows(store, incidents) == 1


def test_the_oldest_alert_resolves_while_others_fire_and_it_stays_one_incident(store: Store) -> None:
    first = store.inbox.receive(delivery(firing("a"), firing("b", 1)), at(2))
    second = store.inbox.receive(delivery(resolved("a"), firing("b", 1)), at(3))
    third = store.inbox.receive(delivery(firing("b", 1)), at(4))
    assert first.incidents == second.incidents == third.incidents
    incident = store.incidents.get(first.incidents[0])
    assert incident is not None
    assert [(alert.fingerprint, alert.status.value) for alert in incident.alerts] == [
        ("a", "resolved"),
        ("b", "firing"),
    ]
    assert (incident.version, third.effect) == (2, Effect.REPEAT)


def test_a_re_fire_soon_reopens_and_a_late_one_opens_another_that_links_it(store: Store) -> None:
    first = store.inbox.receive(delivery(firing()), at(0)).incidents
    store.inbox.receive(delivery(resolved()), at(5))
    soon = store.inbox.receive(delivery(firing(start=10)), at(11))
    assert (soon.effect, soon.incidents) == (Effect.REOPENED, first)
    store.inbox.receive(delivery(resolved(start=10)), at(15))
    later = store.inbox.receive(delivery(firing(start=100)), at(101))
    assert later.effect is Effect.OPENED
    incident = store.incidents.get(later.incidents[0])
    assert incident is not None
    assert (incident.previous_id,) == first
    assert later.incidents != first


def test_a_silent_incident_gives_its_place_to_a_new_one(store: Store) -> None:
    old = store.inbox.receive(delivery(firing("a")), at(0)).incidents[0]
    new = store.inbox.receive(delivery(firing("b", 2000)), at(2001)).incidents[0]
    assert old != new
    follow_up = store.inbox.receive(delivery(firing("b", 2000), firing("c", 2002)), at(2003))
    assert follow_up.incidents == (new,)


def test_a_resolve_of_what_was_never_heard_of_is_taken_and_opens_nothing(store: Store) -> None:
    receipt = store.inbox.receive(delivery(resolved()), at(0))
    assert (receipt.accepted, receipt.incidents, receipt.effect) == (1, (), Effect.RECORDED)
    assert rows(store, incidents) == 0
    assert rows(store, episodes) == 1


def test_groups_and_senders_are_told_apart(store: Store) -> None:
    receipts = [
        store.inbox.receive(delivery(firing(), group_key="one"), at(0)),
        store.inbox.receive(delivery(firing(), group_key="two"), at(0)),
        store.inbox.receive(replace(delivery(firing(), group_key="one"), sender="grafana"), at(0)),
    ]
    assert len({receipt.incidents for receipt in receipts}) == 3


def test_what_was_not_taken_is_recorded_by_place_and_reason(store: Store) -> None:
    brought = replace(delivery(firing()), rejected=(Rejection(1, "no-start"), Rejection(3, "no-labels")))
    receipt = store.inbox.receive(brought, at(0))
    assert (receipt.accepted, receipt.rejected) == (1, 2)
    with store.database.read() as connection:
        row = connection.execute(select(refusals)).mappings().one()
    assert (row["rejected"], row["details"]) == (2, [[1, "no-start"], [3, "no-labels"]])


def test_an_ignored_event_is_recorded_and_nothing_else(store: Store) -> None:
    receipt = store.inbox.receive(Delivery("pagerduty", "", (), ignored="pagerduty-v2"), at(0))
    assert (receipt.accepted, receipt.incidents, receipt.effect) == (0, (), Effect.IGNORED)
    assert (rows(store, refusals), rows(store, incidents)) == (1, 0)


HOSTILE = Alert(
    fingerprint="f\0\ud800" + "x" * 5000,
    status=Status.FIRING,
    labels={"a\0": "\ud800"},
    annotations={"\udfff": "\0"},
    starts_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ends_at=datetime(9999, 12, 31, tzinfo=timezone(-timedelta(hours=14))),
    link="https://\0",
)


def test_text_that_no_database_holds_is_cleaned_and_still_known_when_it_comes_again(store: Store) -> None:
    brought = Delivery("alert\0manager", "k\ud800" * 3000, (HOSTILE,), (Rejection(0, "bad\0"),), "id\0")
    first = store.inbox.receive(brought, at(0))
    again = store.inbox.receive(brought, at(1))
    assert (first.effect, again.effect) == (Effect.OPENED, Effect.REPEAT)
    assert store.incidents.get(first.incidents[0]) is not None


def test_a_group_of_thousands_is_one_incident_and_its_repeat_is_known(store: Store) -> None:
    many = delivery(*(firing(f"pod-{number}", number / 60) for number in range(3000)), truncated=7)
    first = store.inbox.receive(many, at(60))
    again = store.inbox.receive(many, at(61))
    assert (first.accepted, again.duplicates) == (3000, 3000)
    incident = store.incidents.get(first.incidents[0])
    assert incident is not None
    assert (len(incident.alerts), incident.truncated) == (3000, 7)


def test_a_pair_that_delivers_at_the_same_moment_makes_one_incident(store: Store) -> None:
    one = delivery(firing("a"), firing("b"))
    other = replace(one, alerts=tuple(reversed(one.alerts)), link="https://second.example.com")
    for round_ in range(10):
        start = threading.Barrier(8)

        def send(number: int, round_: int = round_, start: threading.Barrier = start) -> tuple[str, ...]:
            brought = replace(one if number % 2 else other, group_key=f"group-{round_}")
            start.wait(10)
            return store.inbox.receive(brought, at(0)).incidents

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(send, range(8)))) == 1
    assert (rows(store, incidents), rows(store, outbox), rows(store, alerts)) == (10, 10, 20)


def test_many_threads_on_one_group_lose_no_alert_and_skip_no_version(store: Store) -> None:
    def send(number: int) -> None:
        store.inbox.receive(delivery(firing(f"pod-{number}")), at(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(60)))
    (incident,) = store.incidents.recent(10)
    assert len(incident.alerts) == 60
    assert incident.version == 60
    assert store.outbox.pending() == 1


def test_nothing_is_kept_of_a_delivery_that_fails_half_way(empty_url: str) -> None:
    store = Store(open_database(empty_url), Policy())
    upgrade(store.database)
    with store.database.write() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
    with pytest.raises(StoreUnavailable):
        store.inbox.receive(replace(delivery(firing()), rejected=(Rejection(1, "no-start"),)), at(0))
    with store.database.write() as connection:
        connection.execute(text("ALTER TABLE outbox_away RENAME TO outbox"))
    assert [rows(store, table) for table in (incidents, alerts, outbox, episodes, refusals)] == [0] * 5
    assert store.inbox.receive(delivery(firing()), at(0)).effect is Effect.OPENED
    store.close()
