"""`middlewatch storm`: what was told together can be seen and parted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.deliveries import delivery, firing
from worker.cli.main import app_of
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.messages import Place
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.store.storm import Member


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "middlewatch.toml"
    path.write_text(f'[store]\ndata_dir = "{tmp_path}"\ndatabase_url = "sqlite:///{tmp_path / "state.db"}"\n')
    return path


def store_of(config: Path) -> Store:
    return Store(open_database(f"sqlite:///{config.parent / 'state.db'}"), Policy())


@pytest.fixture
def members(config: Path) -> list[str]:
    now = datetime.now(UTC)
    store = store_of(config)
    upgrade(store.database)
    names = []
    for group in ("DiskFull", "Latency"):
        (name,) = store.inbox.receive(delivery(firing(group), group_key=group), now).incidents
        incident = store.incidents.get(name)
        assert incident is not None
        assert store.storms.join(Place("C1", name), Member.of(incident), now)
        claim = store.outbox.claim(name, now, now - now)
        assert claim is not None
        store.outbox.finish(claim, 1, now)
        names.append(name)
    store.close()
    return names


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app_of(["storm"]), ["storm", *words, "--config", str(config)])


def storm_id(config: Path) -> str:
    (storm,) = json.loads(run(config, "list", "--json").stdout)["storms"]
    return str(storm["id"])


def test_it_lists_storms_with_their_counts(config: Path, members: list[str]) -> None:
    shown = run(config, "list")
    assert shown.exit_code == 0
    assert "C1" in shown.stdout
    assert "goes on  2 incidents, 2 firing\n1 storms" in shown.stdout


def test_it_shows_every_incident_of_a_storm(config: Path, members: list[str]) -> None:
    shown = run(config, "show", storm_id(config)).stdout
    assert all(name in shown for name in (*members, "DiskFull", "Latency", "warning", "orders"))
    content = json.loads(run(config, "show", storm_id(config), "--json").stdout)
    assert [each["incident"] for each in content["members"]] == sorted(members)


def test_a_split_incident_is_due_and_the_storm_counts_it_no_more(config: Path, members: list[str]) -> None:
    done = run(config, "split", members[0], "--reason", "it is another cause")
    assert (done.exit_code, done.stdout) == (0, "split: 1 of 1\n")
    store = store_of(config)
    assert members[0] in store.outbox.due(datetime.now(UTC), 10)
    (act,) = store.audit.acts()
    assert (act.action, act.subject, "another cause" in act.reason) == ("storm-split", members[0], True)
    store.close()
    content = json.loads(run(config, "show", storm_id(config), "--json").stdout)
    assert (content["incidents"], content["split"]) == (1, 1)
    assert "(has a message of its own)" in run(config, "show", storm_id(config)).stdout


def test_what_no_storm_tells_of_is_said(config: Path, members: list[str]) -> None:
    answer = run(config, "split", "nothing", members[0], "--channel", "C2")
    assert (answer.exit_code, "split: 0 of 2" in answer.stdout) == (1, True)
    assert "No storm tells of nothing." in answer.stdout


def test_a_storm_that_is_not_there_is_misuse(config: Path, members: list[str]) -> None:
    assert run(config, "show", "storm-x").exit_code == 2
