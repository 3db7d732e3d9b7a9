from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.deliveries import at
from worker.store.store import Store

LEASE = timedelta(minutes=5)


def test_one_has_it_until_the_lease_runs_out(store: Store) -> None:
    assert store.locks.acquire("ingest", "one", at(0), LEASE)
    assert not store.locks.acquire("ingest", "two", at(4), LEASE)
    assert store.locks.acquire("other", "two", at(4), LEASE)
    assert store.locks.acquire("ingest", "two", at(5), LEASE)
    assert not store.locks.renew("ingest", "one", at(5), LEASE)


def test_its_owner_can_hold_it_for_longer(store: Store) -> None:
    assert store.locks.acquire("ingest", "one", at(0), LEASE)
    assert store.locks.acquire("ingest", "one", at(1), LEASE)
    assert store.locks.renew("ingest", "one", at(4), LEASE)
    assert not store.locks.acquire("ingest", "two", at(8), LEASE)


def test_what_is_given_back_is_free_and_only_its_owner_gives_it_back(store: Store) -> None:
    store.locks.acquire("ingest", "one", at(0), LEASE)
    store.locks.release("ingest", "two")
    assert not store.locks.acquire("ingest", "two", at(0), LEASE)
    store.locks.release("ingest", "one")
    assert store.locks.acquire("ingest", "two", at(0), LEASE)


def test_of_many_who_ask_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: store.locks.acquire("ingest", f"owner {n}", at(0), LEASE), range(8)))
    assert answers.count(True) == 1
