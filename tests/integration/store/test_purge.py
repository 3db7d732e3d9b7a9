from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from domain.alert import Change, Delivery
from tests.deliveries import at, delivery, firing, resolved
from worker.store.feedback import Vote
from worker.store.fold import Effect
from worker.store.messages import Body, Place
from worker.store.money_tables import answers, recordings
from worker.store.purge import Retention
from worker.store.runs import RunRecord
from worker.store.spend import Order, Purse
from worker.store.store import Store
from worker.store.tables import metadata
from worker.store.tokens import Denial

KEEP = Retention.same(timedelta(days=1))
DAY = 24 * 60


def fill(store: Store, minute: float) -> str:
    """Put a row into every table that is purged, and return the incident's id."""
    name = f"group-{minute}"
    incident_id = store.inbox.receive(delivery(firing(name, minute), group_key=name), at(minute)).incidents[0]
    place = Place("C1", incident_id)
    store.messages.begin(place, at(minute))
    store.messages.posted(place, "1", Body(1, "text", []), at(minute))
    store.messages.reply_once(place, "reopened", at(minute))
    store.runs.record(RunRecord(name, incident_id, "C1", 1, frozenset(), "new", at(minute)))
    store.changes.add(Change(name, "who", "what", "orders", at(minute), "", frozenset({"everyone"})))
    store.inbox.receive(Delivery("pagerduty", "", (), ignored="why"), at(minute))
    store.denials.add(Denial(at(minute), "t1", "panel", "incident", incident_id, "not-readable"))
    order = Order(at(minute), incident_id, "team", "orders", "m", "p", Decimal("0.01"), 10)
    store.spend.reserve(order, [Purse(f"incident:{incident_id}", "incident", None, None)])
    store.feedback.cast(Vote(name, "aa11", incident_id, "C1", at(minute), up=True))
    with store.database.write() as connection:
        kept = {"at": at(minute), "documents": [], "body": b"x"}
        connection.execute(answers.insert().values(id=name, **kept))
        about = {"incident_id": incident_id, "channel_id": "C1", "digest": "d"}
        connection.execute(recordings.insert().values(id=name, **about, **kept))
    return incident_id


def counts(store: Store) -> dict[str, int]:
    kept_for_ever = {"snapshots", "documents", "pointers", "withdrawals", "audit", "leases", "api_tokens"}
    kept_for_ever |= {"rulings", "revocations", "epochs", "audiences", "showings"}
    kept_for_ever |= {"cutlines"}
    with store.database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in kept_for_ever
        }


def test_what_is_too_old_is_gone_everywhere_and_the_rest_stays(store: Store) -> None:
    fill(store, 0)
    young = fill(store, DAY)
    gone = store.purge(at(DAY + 60), KEEP)
    first = (
        "denied_reads",
        "episodes",
        "incidents",
        "runs",
        "changes",
        "refusals",
        "recordings",
        "answers",
        "spend",
        "purses",
        "feedback",
    )
    assert {name for name, rows in gone.items() if rows == 1} == set(first)
    assert set(counts(store).values()) == {1}
    assert [incident.id for incident in store.incidents.recent(9)] == [young]


def test_everything_can_go(store: Store) -> None:
    for minute in range(3):
        fill(store, minute)
    store.purge(at(3 * DAY), KEEP)
    assert set(counts(store).values()) == {0}


def test_an_incident_that_is_still_heard_of_stays_whole_however_old(store: Store) -> None:
    store.inbox.receive(delivery(firing("a")), at(0))
    for hours in range(6, 48, 6):
        assert store.inbox.receive(delivery(firing("a")), at(hours * 60)).effect is Effect.REPEAT
    assert set(store.purge(at(2 * DAY), KEEP).values()) == {0}
    assert store.inbox.receive(delivery(firing("a")), at(2 * DAY)).effect is Effect.REPEAT
    assert store.inbox.receive(delivery(resolved("a")), at(2 * DAY + 1)).effect is Effect.RESOLVED


def test_an_alert_whose_incident_was_forgotten_opens_a_new_one_when_it_is_heard_again(store: Store) -> None:
    store.inbox.receive(delivery(firing("a")), at(0))
    store.purge(at(2 * DAY), KEEP)
    assert store.inbox.receive(delivery(firing("a")), at(2 * DAY)).effect is Effect.OPENED


def test_it_deletes_more_than_one_batch(store: Store) -> None:
    change = Change("c", "who", "what", "orders", at(0), "", frozenset({"everyone", "payments"}))
    for number in range(501):
        store.changes.add(replace(change, id=f"c{number}"))
    assert store.purge(at(2 * DAY), KEEP)["changes"] == 501
    assert counts(store)["change_readers"] == 0


def test_each_is_kept_for_its_own_time(store: Store) -> None:
    name = "a"
    incident_id = store.inbox.receive(delivery(firing(name)), at(0)).incidents[0]
    store.inbox.receive(delivery(resolved(name, end=1)), at(1))
    place = Place("C1", incident_id)
    store.messages.begin(place, at(0))
    store.messages.posted(place, "1", Body(1, "first", [], run_id="r1"), at(0))
    store.messages.edited(place, 1, Body(2, "second", [], run_id="r2"), at(1))
    store.runs.record(RunRecord("r1", incident_id, "C1", 1, frozenset(), "new", at(0)))
    days = [timedelta(days=number) for number in (2, 9, 4, 1, 9)]
    keep = Retention(*days)
    store.purge(at(DAY + 60), keep)
    assert (store.runs.get("r1"), [edition.body.text for edition in store.messages.history(place)]) == (
        None,
        ["second"],
    )
    assert store.incidents.recent(1)[0].alerts
    store.purge(at(3 * DAY), keep)
    assert store.incidents.recent(1)[0].alerts == ()
    assert store.messages.last(place) is not None
    store.purge(at(5 * DAY), keep)
    assert store.messages.last(place) is None
    assert store.incidents.recent(1)[0].id == incident_id
    store.purge(at(10 * DAY), keep)
    assert store.incidents.recent(1) == ()
