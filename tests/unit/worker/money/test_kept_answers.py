"""A model's answer is given again to the same question of the same audience, and to no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.access import Audience
from domain.errors import MiddlewatchError
from domain.summary import Usage
from summarizer.extractive import extract
from summarizer.summarize import Attempt, Caps, Summarizer, Tools
from tests.evidence import evidence, incident
from tests.story import THREE, MoodyModel
from worker.money.budget import Meter, Till
from worker.money.kept_answers import KeptAnswers
from worker.redaction.redactor import redact
from worker.replay.records_access import Operator, Records
from worker.sections.budget import BudgetSettings
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics

ORDERS = Audience.of(["orders"])
TEN = timedelta(minutes=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    upgrade(database)
    yield Store(database, Policy())
    database.close()


def cost(model: str, usage: Usage | None, at: datetime) -> Decimal | None:
    return None if usage is None else Decimal("0.001")


class House:
    """A ladder with a clock that a test moves."""

    def __init__(self, store: Store, ttl: timedelta = TEN) -> None:
        self.model, self.now, self.metrics = MoodyModel(), THREE, Metrics()
        kept = KeptAnswers(store.answers, redact, ttl)
        till = Till(store.spend, cost, BudgetSettings(), 800, kept)
        self._meter = Meter(till, self.metrics, lambda _: None, lambda: self.now)
        self._nonces = iter(f"{number:016x}" for number in range(1, 99))

    def ask(self, audience: Audience = ORDERS, snapshot: str = "s1", **labels: str) -> Attempt:
        tools = Tools(extract, redact, lambda: next(self._nonces), self._meter)
        ladder = Summarizer(tools, self.model, Caps())
        one, found = incident(labels), replace(evidence(), audience=audience, snapshot=snapshot)
        return ladder.improved(one, found, ladder.first(one, found))


def test_the_same_question_is_asked_once_and_what_that_saved_is_on_record(store: Store) -> None:
    house = House(store)
    first, second = house.ask(), house.ask()
    assert house.model.asked == 1
    assert first.summary is not None
    assert second.summary is not None
    assert second.summary.claims == first.summary.claims
    assert second.usage == Usage(0, 0, Decimal(0))
    total = store.spend_reports.report("model", THREE, THREE + TEN).total.as_json()
    assert (total["calls"], total["kept_answers"], total["hit_rate"], total["saved_usd"]) == (1, 1, 0.5, 0.001)
    assert house.metrics.value("middlewatch_kept_answers_total", outcome="hit") == 1


def test_no_other_audience_snapshot_or_incident_is_given_it(store: Store) -> None:
    house = House(store)
    house.ask()
    house.ask(Audience.of(["orders", "payments"]))
    house.ask(Audience.of([]))
    house.ask(snapshot="s2")
    house.ask(pod="orders-db-7")
    assert house.model.asked == 5


def test_an_unknown_audience_is_given_nothing_again(store: Store) -> None:
    house = House(store)
    house.ask(Audience.nobody())
    house.ask(Audience.nobody())
    assert house.model.asked == 2


def test_it_is_forgotten_after_its_time_or_when_a_document_is_erased(store: Store) -> None:
    house = House(store)
    house.ask()
    house.now += TEN + timedelta(seconds=1)
    house.ask()
    assert house.model.asked == 2
    Records(store, Operator()).erase("runbooks/volume.md")
    house.ask()
    assert house.model.asked == 3


def test_nothing_is_kept_where_it_is_switched_off_or_cannot_be_redacted(store: Store) -> None:
    house = House(store, timedelta(0))
    house.ask()
    house.ask()
    assert house.model.asked == 2

    def broken(text: str) -> str:
        raise MiddlewatchError("It failed.", reason="redaction-failed")

    prompt = house.ask().asked
    answer = house.ask().replies[0].answer
    assert prompt is not None
    assert answer is not None
    assert KeptAnswers(store.answers, broken, TEN).keep("k", answer, prompt, THREE) is False
