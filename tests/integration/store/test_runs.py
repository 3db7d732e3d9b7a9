from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.deliveries import at
from worker.store.runs import RunRecord
from worker.store.store import Store

RUN = RunRecord(
    id="r1",
    incident_id="i1",
    channel_id="C1",
    incident_version=2,
    audience=frozenset({"payments", "everyone"}),
    decision="new",
    started_at=at(0),
    ended_at=at(1),
    versions={"product": "0.1.0", "prompt": "3", "snapshot": "s1"},
    steps_ms={"retrieve": 12.5, "model": 900.0},
    rung="model",
    model="openai:test",
    model_outcome="accepted",
    input_tokens=1200,
    output_tokens=300,
    cost_usd=Decimal("0.000123456"),
    kept=5,
    dropped={"no-citation": 2},
    first_message_at=at(0.5),
    resolved_at=None,
    message_ts="1700.1",
    details={"nearest": ["a"]},
)


def test_a_run_is_read_as_it_was_written(store: Store) -> None:
    store.runs.record(RUN)
    assert store.runs.get("r1") == RUN
    assert store.runs.get("r2") is None


def test_an_unknown_cost_stays_unknown(store: Store) -> None:
    store.runs.record(replace(RUN, cost_usd=None))
    found = store.runs.get("r1")
    assert found is not None
    assert found.cost_usd is None


def test_a_run_written_again_takes_the_place_of_the_old_record(store: Store) -> None:
    store.runs.record(RUN)
    store.runs.record(replace(RUN, error="model-unavailable", resolved_at=at(9)))
    assert store.runs.recent(9) == (replace(RUN, error="model-unavailable", resolved_at=at(9)),)


def test_the_newest_come_first_and_those_of_one_incident_can_be_asked_for(store: Store) -> None:
    for number, incident in enumerate(["i1", "i2", "i1"]):
        store.runs.record(replace(RUN, id=f"r{number}", incident_id=incident, started_at=at(number)))
    assert [run.id for run in store.runs.recent(2)] == ["r2", "r1"]
    assert [run.id for run in store.runs.recent(9, "i1")] == ["r2", "r0"]
