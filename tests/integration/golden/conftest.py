"""A small library that is ingested once with the bundled model, and its golden cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from worker.cli.main import app

RUNBOOKS = {
    "disk.md": (
        "everyone",
        "# Volume filling up\n\nThe disk is nearly full. Delete old write-ahead logs, then grow it.",
    ),
    "kafka.md": ("everyone", "# Kafka consumer lag\n\nThe consumer group falls behind. Add consumers or restart them."),
    "cards.md": ("everyone", "# Card payments fail\n\nThe acquirer does not answer. Ask the payments team."),
    "keys.md": ("security", "# Leaked credential\n\nRotate the signing key and revoke every session."),
}
CASES = """
- id: disk
  alert: {labels: {alertname: VolumeFillingUp}, annotations: {summary: The disk is nearly full}}
  expected: [runbooks/disk.md]
  must: true
- {id: kafka, query: kafka consumer lag grows, expected: [runbooks/kafka.md], tags: [kafka]}
- {id: cards, query: card payments fail, expected: [runbooks/cards.md]}
- {id: keys, query: a leaked credential, groups: [security], expected: [runbooks/keys.md]}
- {id: keys-everyone, query: rotate the leaked signing key, expected: [], forbidden: [runbooks/keys.md]}
"""

Golden = Callable[..., "Ran"]


class Ran:
    """A command that has run."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a settings file, two sources, golden cases, and a live index."""
    folder = tmp_path_factory.mktemp("golden")
    for name, (reader, text) in RUNBOOKS.items():
        (folder / "runbooks").mkdir(exist_ok=True)
        (folder / "runbooks" / name).write_text(f"---\nallow: [{reader}]\n---\n{text}\n", encoding="utf-8")
    (folder / "postmortems").mkdir()
    (folder / "postmortems" / "2024-03-01-disk.md").write_text(
        "# The disk was full\n\nOn 2024-03-01 the volume filled up since old logs were kept.\n", encoding="utf-8"
    )
    (folder / "cases").mkdir()
    (folder / "cases" / "all.yaml").write_text(CASES, encoding="utf-8")
    source = '[[sources]]\nname = "{0}s"\nkind = "{0}"\npath = "{0}s"\nallow = ["everyone"]\n'
    (folder / "middlewatch.toml").write_text(
        '[golden]\npaths = ["cases"]\nbaseline = "baseline.yaml"\nmin_cases = 3\n'
        + source.format("runbook")
        + source.format("postmortem"),
        encoding="utf-8",
    )
    ran = CliRunner().invoke(app, ["ingest", "--config", str(folder / "middlewatch.toml")])
    assert ran.exit_code == 0, ran.output
    return folder


@pytest.fixture
def golden(home: Path) -> Golden:
    """Return what runs `middlewatch golden …` there."""

    def run(*arguments: object, stdin: str = "") -> Ran:
        words = ["golden", *map(str, arguments), "--config", str(home / "middlewatch.toml")]
        ran = CliRunner().invoke(app, words, input=stdin or None)
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    return run
