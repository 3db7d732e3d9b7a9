from __future__ import annotations

from tests.deliveries import at
from worker.store.ids import new_id


def test_ids_sort_by_the_time_they_were_given() -> None:
    ids = [new_id(at(minute)) for minute in range(50)]
    assert ids == sorted(ids)


def test_ids_given_in_the_same_moment_differ() -> None:
    assert len({new_id(at(0)) for _ in range(1000)}) == 1000


def test_an_id_is_short_and_plain() -> None:
    assert len(new_id(at(0))) == 22
    assert set(new_id(at(0))) <= set("0123456789abcdef")
