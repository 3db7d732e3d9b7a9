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


def test_without_the_option_no_score_is_taken_apart(home: Path) -> None:
    assert "parts" not in json.loads(_search(home, "--json"))["runbooks"][0]


def test_it_says_what_golden_explain_says_of_the_same_words(home: Path, tmp_path: Path) -> None:
    case = "- {id: same, query: kafka consumer lag, expected: [runbooks/disk.md], at: 3}"
    (tmp_path / "same.yaml").write_text(case, encoding="utf-8")
    words = ["golden", "explain", "same", str(tmp_path / "same.yaml"), "--config", str(home / "middlewatch.toml")]
    golden = CliRunner().invoke(app, words).stdout.splitlines()
    ours = _search(home, "--expected", "runbooks/disk.md").splitlines()
    reasons = [line for line in ours if line.startswith("expected ")]
    assert reasons
    assert all(line in golden for line in ours if not line.startswith("postmortems") and "postmortems/" not in line)


@pytest.mark.parametrize(
    ("document", "why"),
    [("runbooks/keys.md", "not readable by this audience"), ("runbooks/none.md", "not ingested")],
)
def test_a_document_outside_is_told_without_rank_score_or_passage(home: Path, document: str, why: str) -> None:
    content = json.loads(_search(home, "--expected", document, "--json"))
    assert content["expected"] == [{"doc": document, "rank": None, "why": why, "text": f"{document}: {why}"}]
    told = [line for line in _search(home, "--explain", "--expected", document).splitlines() if document in line]
    assert told == [f"expected {document}: {why}"]


def test_the_readers_of_a_document_are_told_its_rank_and_score(home: Path) -> None:
    words = ["search", "a leaked credential", "--groups", "security", "--expected", "runbooks/keys.md"]
    out = CliRunner().invoke(app, [*words, "--config", str(home / "middlewatch.toml")]).stdout
    assert "expected runbooks/keys.md: found at rank 1" in out
    assert "*>  1. " in out
