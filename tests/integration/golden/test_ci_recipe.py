"""The recipe for the repository in which the runbooks live: its workflow, and its script that gates a pull request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.scale import scaled
from worker.settings import with_environment

RECIPE = Path(__file__).parents[3] / "deploy" / "ci"
SCRIPT = RECIPE / "golden-gate.sh"
SETTINGS = """
[golden]
paths = ["cases"]
baseline = "baseline.yaml"
min_cases = 2
[[sources]]
name = "runbooks"
kind = "runbook"
path = "runbooks"
allow = ["everyone"]
"""
CASES = """
- {id: disk, query: the disk is nearly full, expected: [runbooks/disk.md], at: 1, must: true}
- {id: kafka, query: kafka consumer lag grows, expected: [runbooks/kafka.md], at: 1}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository of runbooks, with a `middlewatch` on the path."""
    root = tmp_path / "repository"
    for name, text in {
        "runbooks/disk.md": "# Volume filling up\n\nThe disk is nearly full. Delete old logs, then grow it.\n",
        "runbooks/kafka.md": "# Kafka consumer lag\n\nThe consumer group falls behind. Add consumers.\n",
        "cases/all.yaml": CASES,
        "middlewatch.toml": SETTINGS,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    program = tmp_path / "bin" / "middlewatch"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m worker.cli.main "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    _git(root, "init", "-q", "-b", "main")
    _commit(root)
    return root


def _git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def _commit(root: Path) -> None:
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "change")


def _gate(root: Path) -> subprocess.CompletedProcess[str]:
    path = f"{root.parent / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    words = ["sh", str(SCRIPT), "main", "out"]
    return subprocess.run(
        words, cwd=root, env=with_environment({"PATH": path}), capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(600)
def test_a_pull_request_that_costs_a_query_is_stopped_and_told_which_change_does(repository: Path) -> None:
    _git(repository, "checkout", "-q", "-b", "change")
    (repository / "runbooks" / "disk.md").unlink()
    _commit(repository)
    ran = _gate(repository)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    report = (repository / "out" / "report.md").read_text(encoding="utf-8")
    assert "## Golden queries: failed" in report
    assert "lost: disk: rank 1 → none" in report
    assert "`disk`: expected document runbooks/disk.md (rank 1 -> none) was removed" in report
    assert {file.name for file in (repository / "out").iterdir()} == {
        "diff.txt", "ingest.json", "junit.xml", "report.md", "report.svg",
    }  # fmt: skip
    assert 'failures="0"' not in (repository / "out" / "junit.xml").read_text(encoding="utf-8")

    if not scaled(0, 1):
        return
    # Taken back, and a harmless page added: it may go live.
    _git(repository, "checkout", "-q", "main", "--", "runbooks")
    (repository / "runbooks" / "mail.md").write_text("# Mail queue\n\nMails wait in the queue.\n", encoding="utf-8")
    _commit(repository)
    ran = _gate(repository)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 of 2 cases changed" in (repository / "out" / "diff.txt").read_text(encoding="utf-8")


def test_the_workflow_holds_no_secret_and_runs_the_script_that_is_tested() -> None:
    flow = yaml.safe_load((RECIPE / "golden-queries.yml").read_text(encoding="utf-8"))
    assert flow[True] == {"pull_request": None}  # YAML 1.1 reads `on` as a boolean
    assert flow["permissions"] == {"contents": "read"}
    steps = flow["jobs"]["gate"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    runs = " ".join(step.get("run", "") for step in steps)
    assert 'sh .github/golden-gate.sh "$BASE" golden-report' in runs
    assert "secrets." not in str(flow)
    assert "${{" not in runs, "nothing of a pull request is put into a shell's text"
    assert subprocess.run(["sh", "-n", str(SCRIPT)], check=False).returncode == 0
