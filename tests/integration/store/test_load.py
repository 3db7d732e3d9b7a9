"""What is measured of the outbox, on both databases."""

from __future__ import annotations

from datetime import timedelta

from domain.alert import Severity
from tests.deliveries import at, delivery, firing
from worker.store.fold import Effect, Policy
from worker.store.load import Load
from worker.store.store import Store

LEASE = timedelta(minutes=2)


def opened(store: Store, name: str, minute: float = 0, severity: str = "warning") -> str:
    return store.inbox.receive(delivery(firing(name, minute, severity), group_key=name), at(minute)).incidents[0]


def done(store: Store, incident: str, minute: float) -> None:
    claim = store.outbox.claim(incident, at(minute), LEASE)
    assert claim is not None
    assert store.outbox.finish(claim, claim.wanted_version, at(minute))


def test_an_empty_outbox_is_no_load(store: Store) -> None:
    assert store.loads.now(at(0)) == Load()


def test_it_counts_what_waits_and_how_long_nobody_has_tried_it(store: Store) -> None:
    for minute, name in enumerate("abc"):
        opened(store, name, minute)
    assert store.loads.now(at(5)) == Load(3, timedelta(minutes=5), 0)


def test_it_counts_what_was_done_within_the_last_minute(store: Store) -> None:
    names = [opened(store, name) for name in "abcd"]
    for minute, name in zip((0.5, 2.5, 2.9), names, strict=False):
        done(store, name, minute)
    load = store.loads.now(at(3))
    assert (load.waiting, load.done) == (1, 2)


def test_what_fails_and_is_tried_again_waits_but_is_not_untouched(store: Store) -> None:
    stuck = opened(store, "stuck")
    claim = store.outbox.claim(stuck, at(0), LEASE)
    assert claim is not None
    store.outbox.retry(claim, at(60), "slack-broken")
    opened(store, "fresh", 9)
    assert store.loads.now(at(10)) == Load(2, timedelta(minutes=1), 0)


def test_what_is_worked_on_is_not_untouched(store: Store) -> None:
    assert store.outbox.claim(opened(store, "taken"), at(0), LEASE) is not None
    assert store.loads.now(at(1)).untouched_for == timedelta(0)


def test_what_is_held_on_purpose_and_what_is_dead_is_no_load(store: Store) -> None:
    held = Store(store.database, Policy(hold_new=timedelta(minutes=10)))
    opened(held, "held")
    dead = opened(store, "dead")
    claim = store.outbox.claim(dead, at(0), LEASE)
    assert claim is not None
    store.outbox.bury(claim, "refused", at(0))
    assert store.loads.now(at(5)) == Load()
    assert store.loads.now(at(11)).waiting == 1


def test_what_a_delivery_would_do_is_foreseen_and_nothing_is_stored(store: Store) -> None:
    opened(store, "known")
    before = store.loads.now(at(1)), len(store.incidents.recent(99))
    new = store.inbox.foresee(delivery(firing("new", 1, "critical"), group_key="new"), at(1))
    assert (new.effects, new.worst_opened) == ((Effect.OPENED,), Severity.CRITICAL)
    repeat = store.inbox.foresee(delivery(firing("known"), group_key="known"), at(1))
    assert (repeat.effects, repeat.worst_opened, repeat.heard_lately) == ((Effect.REPEAT,), None, True)
    assert (repeat.receipt.accepted, repeat.receipt.duplicates, len(repeat.receipt.incidents)) == (0, 1, 1)
    changed = store.inbox.foresee(delivery(firing("known"), firing("more", 1), group_key="known"), at(1))
    assert changed.effects == (Effect.CHANGED,)
    assert (store.loads.now(at(1)), len(store.incidents.recent(99))) == before


def test_a_repeat_after_a_long_silence_is_to_be_written_down(store: Store) -> None:
    opened(store, "known")
    late = store.inbox.foresee(delivery(firing("known"), group_key="known"), at(4 * 60))
    assert (late.effects, late.heard_lately) == ((Effect.REPEAT,), False)
