"""What keeps coming back stays in one incident for longer each time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.deliveries import at, delivery, firing, resolved
from worker.store.engine import Database
from worker.store.fold import Effect, History, Policy, cooled_window
from worker.store.store import Store


@pytest.fixture
def cooling(database: Database) -> Store:
    return Store(database, Policy(cooldown=timedelta(hours=24)))


def fire_every(store: Store, minutes: float, times: int) -> list[Effect]:
    """Have an alert fire for a minute, so many minutes apart; return what each firing did."""
    effects = []
    for number in range(times):
        began = number * minutes
        effects.append(store.inbox.receive(delivery(firing("a", began)), at(began)).effect)
        store.inbox.receive(delivery(resolved("a", began, began + 1)), at(began + 1))
    return effects


def test_without_a_cooldown_each_late_recurrence_is_an_incident_of_its_own(store: Store) -> None:
    assert fire_every(store, 40, 6) == [Effect.OPENED] * 6


def test_with_one_the_second_recurrence_is_in_the_incident_of_the_first(cooling: Store) -> None:
    assert fire_every(cooling, 40, 6) == [Effect.OPENED, Effect.OPENED, *[Effect.REOPENED] * 4]
    assert [each.reopened for each in cooling.incidents.recent(9)] == [4, 0]


def test_what_came_back_long_ago_does_not_count(cooling: Store) -> None:
    fire_every(cooling, 40, 3)
    days = 60.0 * 24 * 3
    cooling.inbox.receive(delivery(firing("a", days)), at(days))
    cooling.inbox.receive(delivery(resolved("a", days, days + 1)), at(days + 1))
    late = cooling.inbox.receive(delivery(firing("a", days + 40)), at(days + 40))
    assert late.effect is Effect.OPENED


def test_another_group_is_not_counted(cooling: Store) -> None:
    fire_every(cooling, 40, 2)
    cooling.inbox.receive(delivery(firing("b", 100), group_key="other"), at(100))
    cooling.inbox.receive(delivery(resolved("b", 100, 101), group_key="other"), at(101))
    again = cooling.inbox.receive(delivery(firing("b", 140), group_key="other"), at(140))
    assert again.effect is Effect.OPENED


@pytest.mark.parametrize(("recurrences", "minutes"), [(0, 30), (1, 60), (3, 240), (4, 480), (99, 480)])
def test_the_window_doubles_up_to_sixteenfold(cooling: Store, recurrences: int, minutes: int) -> None:
    cooling.inbox.receive(delivery(firing("a")), at(0))
    history = History(cooling.incidents.recent(1)[0], at(0), recurrences=recurrences)
    assert cooled_window(Policy(cooldown=timedelta(hours=24)), history) == timedelta(minutes=minutes)
    assert cooled_window(Policy(), history) == timedelta(minutes=30)
