"""Tokens from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from structlog import reset_defaults
from typer.testing import CliRunner

from worker.cli.token import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    config = tmp_path / "middlewatch.toml"
    config.write_text("", encoding="utf-8")
    yield lambda *words: CliRunner().invoke(app, [*words, "--config", str(config)])
    reset_defaults()


def listed(run: Run) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("list", "--json").stdout)["tokens"]
    return found


def test_a_token_is_shown_once_and_never_listed(run: Run) -> None:
    made = run("create", "--name", "panel", "--groups", "payments, on-call", "--expires", "90d")
    assert made.exit_code == 0
    text = made.stdout.strip()
    assert text.startswith("mw_")
    (row,) = listed(run)
    assert (row["id"], row["state"], row["groups"]) == (
        text.split("_")[1],
        "valid",
        ["everyone", "on-call", "payments"],
    )
    assert text.split("_", 2)[2] not in run("list", "--json").stdout + run("list").stdout


def test_an_operators_token_and_several_at_once(run: Run) -> None:
    for _ in range(2):
        assert run("create", "--name", "ops", "--operator").exit_code == 0
    assert [row["reads"] for row in listed(run)] == ["operator", "operator"]


def test_a_token_is_revoked_once(run: Run) -> None:
    identity = run("create", "--name", "ops", "--operator").stdout.split("_")[1]
    assert [run("revoke", identity).exit_code, run("revoke", identity).exit_code] == [0, 1]
    assert [row["state"] for row in listed(run)] == ["revoked"]


@pytest.mark.parametrize(
    "words",
    [
        ["--name", "x"],
        ["--name", "x", "--groups", "a", "--operator"],
        ["--name", " ", "--operator"],
        ["--name", "x", "--groups", " , "],
        ["--name", "x", "--operator", "--expires", "soon"],
        ["--name", "x", "--operator", "--expires", "0d"],
    ],
)
def test_who_reads_must_be_said_and_for_how_long_must_make_sense(run: Run, words: list[str]) -> None:
    assert run("create", *words).exit_code == 2
    assert listed(run) == []
