"""P6 over money: fifty incidents at once against a cap. It is never overspent, and every incident gets its message."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.alert import Incident
from domain.errors import StoreUnavailable
from domain.summary import Usage
from tests.postgres import running_postgres
from tests.scale import scaled
from tests.story import THREE, MoodyModel, Scene, stored_incident
from worker.money.budget import Meter, Till
from worker.pipeline import Pipeline
from worker.sections.budget import BudgetSettings
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.money_tables import purses
from worker.store.schema import upgrade
from worker.store.spend import NANO
from worker.store.store import Store
from worker.telemetry import Metrics

INCIDENTS = 50
SEEDS = range(scaled(1, 10))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path}/state.db")
        upgrade(database)
        yield Store(database, Policy())
        database.close()
        return
    with running_postgres() as server:
        database = open_database(server.new_database())
        upgrade(database)
        yield Store(database, Policy())
        database.close()


def cost(model: str, usage: Usage | None, at: datetime) -> Decimal | None:
    """One thousandth of a cent a token."""
    return None if usage is None else Decimal(usage.input_tokens + usage.output_tokens) / 100_000


def booked(store: Store) -> dict[str, Decimal]:
    with store.database.read() as connection:
        return {row.id: row.nanousd / NANO for row in connection.execute(select(purses))}


def make_scene(store: Store, seed: int, seen: list[Decimal], told: list[str]) -> Scene:
    """Return a scene with caps that a fifth of the incidents fit under; what is booked is looked at in every call."""
    moods = ("good", "good", "good", "lies", "liar", "garbage", "slow", "refuses")
    model, metrics = MoodyModel(seed=seed, moods=moods), Metrics()
    model.looks = lambda: seen.append(booked(store)["day:2026-11-21"])
    budget = BudgetSettings(usd_per_day=0.60, usd_per_team_day=0.35, usd_per_incident=0.10)
    meter = Meter(Till(store.spend, cost, budget, 800), metrics, told.append, lambda: THREE)
    return Scene(store, model, meter, metrics=metrics)


def handled(pipeline: Pipeline, incident: Incident) -> int:
    """Handle an incident as the outbox does: again where the database was too busy. Return how often it was again."""
    for again in range(8):
        try:
            pipeline.handle(incident)
        except StoreUnavailable:
            continue
        return again
    raise AssertionError("the database stayed too busy")


@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_incidents_at_once_never_overspend_and_each_gets_its_message(store: Store, seed: int) -> None:
    seen: list[Decimal] = []
    told: list[str] = []
    scene = make_scene(store, seed, seen, told)
    asked = lambda: scene.model.asked  # type: ignore[union-attr]  # noqa: E731
    incidents = [stored_incident(store, number, team=f"team{number % 3}") for number in range(INCIDENTS)]
    pipeline = scene.pipeline()
    with ThreadPoolExecutor(INCIDENTS) as pool:
        again = sum(pool.map(partial(handled, pipeline), incidents))

    report = store.spend_reports.report("team", THREE, THREE.replace(hour=4))
    assert max(seen) <= Decimal("0.60")
    assert report.total.usd + report.total.held_usd <= Decimal("0.60")
    assert all(line.usd + line.held_usd <= Decimal("0.35") for line in report.lines)
    assert booked(store)["day:2026-11-21"] == report.total.usd + report.total.held_usd
    assert scene.wall.posts == INCIDENTS
    shown = [message.text for message in scene.wall.shows.values()]
    unasked = [text for text in shown if "budget is used up" in text]
    assert 0 < asked() < INCIDENTS
    assert INCIDENTS - asked() - again <= len(unasked) <= INCIDENTS - asked()
    assert all("find out whether the write-ahead log or the tables grow" in text for text in shown)
    assert len(told) == len(set(told))
    assert any("100 %" in line for line in told)
    print(f"n={INCIDENTS} seed={seed}: asked {asked()}, most booked {max(seen)}, cap 0.60")  # noqa: T201


@pytest.mark.parametrize("setting", ["tokens", "refuse"])
def test_a_model_whose_price_nobody_knows_is_capped_by_tokens_or_not_asked(store: Store, setting: str) -> None:
    model = MoodyModel()
    budget = BudgetSettings(unknown_price=setting, tokens_per_day=25_000)
    meter = Meter(Till(store.spend, lambda *_: None, budget, 800), Metrics(), lambda _: None, lambda: THREE)
    scene = Scene(store, model, meter)
    pipeline = scene.pipeline()
    for number in range(20):
        pipeline.handle(stored_incident(store, number))
    report = store.spend_reports.report("model", THREE, THREE.replace(hour=4))
    assert len(scene.wall.shows) == 20
    if setting == "refuse":
        assert (model.asked, report.total.calls) == (0, 0)
        return
    assert 0 < model.asked < 20
    assert report.total.unknown == report.total.calls == model.asked
    assert report.total.as_json()["usd"] is None
    assert report.total.input_tokens + report.total.output_tokens <= 25_000
