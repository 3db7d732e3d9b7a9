"""`search --explain` over a real index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from worker.cli.main import app


def _search(home: Path, *more: str) -> str:
    words = ["search", "kafka consumer lag", "--groups", "everyone", "--config", str(home / "middlewatch.toml"), *more]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_it_takes_each_score_apart_and_stays_with_what_the_audience_may_read(home: Path) -> None:
    content = json.loads(_search(home, "--explain", "--json"))
    assert [hit["doc"] for hit in content["runbooks"]][0] == "runbooks/kafka.md"
    for hit in content["runbooks"]:
        assert sum(hit["parts"].values()) == pytest.approx(hit["score"], abs=1e-12)
    assert "keys.md" not in _search(home, "--explain")


def test_without_the_option_the_output_is_as_before(home: Path) -> None:
    assert "parts" not in json.loads(_search(home, "--json"))["runbooks"][0]
