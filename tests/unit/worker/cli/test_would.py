"""`middlewatch would`: other rules over what is on record, with counts and examples."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.deliveries import delivery, firing
from worker.cli.main import app_of
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "middlewatch.toml"
    url = f"sqlite:///{tmp_path / 'state.db'}"
    path.write_text(f'[store]\ndatabase_url = "{url}"\n[[channels]]\nid = "C1"\ndefault = true\n')
    store = Store(open_database(url), Policy())
    upgrade(store.database)
    for number in range(6):
        now = datetime.now(UTC) - timedelta(minutes=number)
        store.inbox.receive(delivery(firing(f"Alert{number}"), group_key=f"g{number}"), now)
    store.inbox.receive(delivery(firing("Old"), group_key="old"), datetime.now(UTC) - timedelta(days=9))
    store.close()
    return path


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app_of(["would"]), ["would", *words, "--config", str(config)])


def test_it_says_what_would_have_been_merged(config: Path) -> None:
    content = json.loads(run(config, "--try", "group_by=service", "--json").stdout)
    assert content["n"] == 6
    assert content["counts"]["incidents"] == {"now": 6, "would": 1}
    assert content["merged"]["n"] == 1
    assert len(content["merged"]["examples"][0]["incidents"]) == 6
    shown = run(config, "--try", "group_by=service").stdout
    assert "6 incidents on record in 7 days" in shown
    assert "would be one incident: 1\n  " in shown
    assert "Alert5 (orders); " in shown
    assert "; and 2 more" in shown


def test_it_says_what_would_have_been_a_storm(config: Path) -> None:
    content = json.loads(run(config, "--try", "storm=3/10m", "--json").stdout)
    assert content["counts"]["messages"] == {"now": 6, "would": 4}
    assert [storm["incidents"] for storm in content["storms"]] == [3]
    assert "storms: 1\n  C1 2" in run(config, "--try", "storm=3/10m").stdout


def test_silences_of_another_file_are_tried(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        '[[silences]]\nname = "all"\nmatch = { service = "orders" }\nreason = "a try"\n'
        'weekly = ["mon-sun 00:00-24:00"]\n'
    )
    content = json.loads(run(config, "--with", str(other), "--json").stdout)
    assert content["counts"]["silent, not told"] == {"now": 0, "would": 6}
    assert "silent: 6\n  C1: " in run(config, "--with", str(other)).stdout


def test_days_widen_the_look(config: Path) -> None:
    assert json.loads(run(config, "--days", "10", "--try", "storm=0", "--json").stdout)["n"] == 7


@pytest.mark.parametrize("words", [[], ["--try", "storm=many"], ["--try", "storm=3"], ["--try", "colour=red"]])
def test_what_cannot_be_tried_is_misuse_and_says_what_to_write(config: Path, words: list[str]) -> None:
    answer = run(config, *words)
    assert answer.exit_code == 2
    assert "storm=10/5m" in answer.output or "10/5m" in answer.output
