from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.deliveries import at, delivery, firing
from worker.store.outbox import Claim
from worker.store.store import Store

LEASE = timedelta(minutes=2)


@pytest.fixture
def waiting(store: Store) -> str:
    return store.inbox.receive(delivery(firing("a")), at(0)).incidents[0]


def claimed(store: Store, incident_id: str, minute: float = 0) -> Claim:
    claim = store.outbox.claim(incident_id, at(minute), LEASE)
    assert claim is not None
    return claim


def change(store: Store, name: str, minute: float) -> None:
    store.inbox.receive(delivery(firing(name, minute)), at(minute))


def test_work_is_claimed_once_until_its_lease_runs_out(store: Store, waiting: str) -> None:
    first = claimed(store, waiting)
    assert store.outbox.claim(waiting, at(1), LEASE) is None
    assert store.outbox.due(at(1), 10) == ()
    assert store.outbox.due(at(2), 10) == (waiting,)
    second = claimed(store, waiting, 2)
    assert (first.token, second.token) == (1, 2)
    assert (first.attempts, second.attempts) == (1, 2)
    assert first.lease_until == at(2)


def test_of_many_who_claim_one_gets_it(store: Store, waiting: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: store.outbox.claim(waiting, at(0), LEASE), range(8)))
    assert len([claim for claim in claims if claim is not None]) == 1


def test_finished_work_is_no_longer_due(store: Store, waiting: str) -> None:
    assert store.outbox.finish(claimed(store, waiting), 1, at(1))
    assert store.outbox.due(at(100), 10) == ()
    assert store.outbox.claim(waiting, at(100), LEASE) is None
    assert store.outbox.pending() == 0


def test_a_change_while_it_was_worked_on_keeps_it_due(store: Store, waiting: str) -> None:
    claim = claimed(store, waiting)
    change(store, "b", 1)
    assert store.outbox.finish(claim, 1, at(1))
    assert store.outbox.due(at(1), 10) == (waiting,)
    assert claimed(store, waiting, 1).wanted_version == 2


def test_changes_while_it_waits_are_one_piece_of_work(store: Store, waiting: str) -> None:
    for number in range(5):
        change(store, f"b{number}", number)
    assert store.outbox.pending() == 1
    assert claimed(store, waiting, 5).wanted_version == 6


def test_a_worker_whose_lease_ran_out_can_neither_finish_nor_return_nor_bury(store: Store, waiting: str) -> None:
    late = claimed(store, waiting)
    holder = claimed(store, waiting, 3)
    assert not store.outbox.finish(late, 1, at(3))
    assert not store.outbox.retry(late, at(9), "late")
    assert not store.outbox.bury(late, "late", at(3))
    assert not store.outbox.renew(late, at(3), LEASE)
    assert store.outbox.finish(holder, 1, at(4))


def test_a_worker_that_finished_cannot_finish_again(store: Store, waiting: str) -> None:
    claim = claimed(store, waiting)
    assert store.outbox.finish(claim, 1, at(1))
    assert not store.outbox.finish(claim, 1, at(1))


def test_a_lease_can_be_held_for_longer(store: Store, waiting: str) -> None:
    assert store.outbox.renew(claimed(store, waiting), at(1), LEASE)
    assert store.outbox.due(at(2), 10) == ()
    assert store.outbox.due(at(3), 10) == (waiting,)


def test_work_given_back_waits_for_its_time_and_counts_its_attempts(store: Store, waiting: str) -> None:
    assert store.outbox.retry(claimed(store, waiting), at(5), "slack-unavailable")
    assert store.outbox.due(at(4), 10) == ()
    assert store.outbox.claim(waiting, at(4), LEASE) is None
    assert claimed(store, waiting, 5).attempts == 2


def test_a_new_change_need_not_wait_for_a_back_off(store: Store, waiting: str) -> None:
    store.outbox.retry(claimed(store, waiting), at(60), "slack-unavailable")
    change(store, "b", 1)
    assert claimed(store, waiting, 1).attempts == 1


def test_a_change_that_came_while_it_was_held_need_not_wait_for_a_turn(store: Store, waiting: str) -> None:
    claim = claimed(store, waiting)
    change(store, "b", 0.1)
    assert store.outbox.retry(claim, at(60), "slack-turn")
    assert store.outbox.due(at(0.2), 10) == (waiting,)


def test_work_given_up_is_kept_with_its_reason_and_comes_back_with_the_next_change(store: Store, waiting: str) -> None:
    assert store.outbox.bury(claimed(store, waiting), "refused", at(1))
    assert store.outbox.due(at(9), 10) == ()
    assert store.outbox.pending() == 0
    (dead,) = store.outbox.dead(10)
    assert (dead.incident_id, dead.reason, dead.at) == (waiting, "refused", at(1))
    change(store, "b", 9)
    assert store.outbox.due(at(9), 10) == (waiting,)
    assert store.outbox.dead(10) == ()


def test_a_change_that_came_while_it_was_held_is_not_buried_with_it(store: Store, waiting: str) -> None:
    claim = claimed(store, waiting)
    change(store, "b", 1)
    assert store.outbox.bury(claim, "refused", at(1))
    assert store.outbox.due(at(1), 10) == (waiting,)


@pytest.mark.parametrize("end", ["done", "dead"])
def test_work_can_be_asked_for_again(store: Store, waiting: str, end: str) -> None:
    claim = claimed(store, waiting)
    if end == "done":
        store.outbox.finish(claim, 1, at(1))
    else:
        store.outbox.bury(claim, "refused", at(1))
    assert store.outbox.again(waiting, at(2))
    assert claimed(store, waiting, 2).attempts == 1
    assert not store.outbox.again("nothing", at(2))


def test_the_longest_waiting_come_first_and_no_more_than_asked(store: Store) -> None:
    ids = [store.inbox.receive(delivery(firing(), group_key=f"g{n}"), at(10 - n)).incidents[0] for n in range(4)]
    assert store.outbox.due(at(10), 3) == (ids[3], ids[2], ids[1])


def test_it_knows_how_long_the_oldest_has_waited(store: Store) -> None:
    assert store.outbox.oldest_age(at(0)) == timedelta(0)
    first = store.inbox.receive(delivery(firing(), group_key="one"), at(0)).incidents[0]
    store.inbox.receive(delivery(firing(), group_key="two"), at(3))
    assert store.outbox.oldest_age(at(5)) == timedelta(minutes=5)
    store.outbox.finish(claimed(store, first, 5), 1, at(5))
    assert store.outbox.oldest_age(at(5)) == timedelta(minutes=2)


def dead(store: Store, waiting: str) -> None:
    store.outbox.bury(claimed(store, waiting), "slack-not-in-channel", at(1))


def test_dead_work_can_be_tried_again_from_the_first_attempt(store: Store, waiting: str) -> None:
    assert not store.outbox.revive(waiting, at(1))
    dead(store, waiting)
    assert [each.incident_id for each in store.outbox.dead(10)] == [waiting]
    assert store.outbox.revive(waiting, at(2))
    assert store.outbox.dead(10) == ()
    assert claimed(store, waiting, 2).attempts == 1


def test_dropped_work_is_gone_until_the_incident_changes(store: Store, waiting: str) -> None:
    assert not store.outbox.drop(waiting)
    dead(store, waiting)
    assert store.outbox.drop(waiting)
    assert (store.outbox.dead(10), store.outbox.due(at(9), 10)) == ((), ())
    change(store, "b", 10)
    assert store.outbox.due(at(10), 10) == (waiting,)
