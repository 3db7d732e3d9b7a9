"""`middlewatch dead`: what was given up can be seen, tried again, and dropped with a reason."""

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
    path.write_text(f'[store]\ndata_dir = "{tmp_path}"\ndatabase_url = "sqlite:///{tmp_path / "state.db"}"\n')
    return path


@pytest.fixture
def given_up(config: Path) -> list[str]:
    now = datetime.now(UTC)
    database = open_database(f"sqlite:///{config.parent / 'state.db'}")
    upgrade(database)
    store = Store(database, Policy())
    names = []
    for group in ("a", "b"):
        (name,) = store.inbox.receive(delivery(firing(group), group_key=group), now).incidents
        claim = store.outbox.claim(name, now, timedelta(minutes=1))
        assert claim is not None
        store.outbox.bury(claim, "slack-not-in-channel", now)
        names.append(name)
    database.close()
    return names


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app_of(["dead"]), ["dead", *words, "--config", str(config)])


def listed(config: Path) -> set[str]:
    return {row["incident"] for row in json.loads(run(config, "list", "--json").stdout)["dead"]}


def test_it_lists_what_was_given_up_and_why(config: Path, given_up: list[str]) -> None:
    shown = run(config, "list")
    assert (shown.exit_code, shown.stdout.count("slack-not-in-channel"), "2 given up" in shown.stdout) == (0, 2, True)
    assert listed(config) == set(given_up)


def test_one_is_tried_again_and_the_other_dropped(config: Path, given_up: list[str]) -> None:
    assert run(config, "retry", given_up[0]).exit_code == 0
    assert listed(config) == {given_up[1]}
    assert run(config, "drop", given_up[1], "--reason", "archived").exit_code == 0
    assert listed(config) == set()


def test_what_is_not_among_the_dead_is_said(config: Path, given_up: list[str]) -> None:
    answer = run(config, "retry", "nothing", *given_up)
    assert (answer.exit_code, "retry: 2 of 3" in answer.stdout, "nothing is not" in answer.stdout) == (1, True, True)


@pytest.mark.parametrize("words", [["retry"], ["retry", "--all", "x"], ["drop", "--all"]])
def test_misuse_is_told_and_changes_nothing(config: Path, given_up: list[str], words: list[str]) -> None:
    assert run(config, *words).exit_code == 2
    assert listed(config) == set(given_up)
