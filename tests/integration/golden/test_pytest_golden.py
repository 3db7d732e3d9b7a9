"""`pytest golden_queries/`: one test for each case, over a real index."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.settings import with_environment

ROOT = Path(__file__).parents[3]
MIXED = """
- {id: good, query: kafka consumer lag, expected: [runbooks/kafka.md]}
- {id: bad, query: kafka consumer group lag, expected: [runbooks/disk.md], at: 1}
- id: aside
  query: kafka consumer group lag
  expected: [runbooks/disk.md]
  at: 1
  quarantine: {until: 2999-01-01, owner: platform team, why: the page is being written}
- id: leaking
  query: kafka consumer lag
  expected: [runbooks/kafka.md]
  forbidden: [runbooks/disk.md]
  quarantine: {until: 2999-01-01, owner: platform team, why: the page is being written}
"""

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def session() -> Pytest:
    """Return what runs a pytest session of its own in a folder, with this plugin and no other."""

    def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "pytest", "-p", "worker.pytest_plugin", "-ra", *map(str, arguments)]
        more = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "MIDDLEWATCH_CONFIG": ""}
        return subprocess.run(
            words, cwd=folder, env=with_environment(more), capture_output=True, text=True, check=False
        )

    return run


def test_each_case_below_the_configured_path_is_a_test(session: Pytest, home: Path) -> None:
    ran = session(home, "cases", "-v")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "5 passed" in ran.stdout
    assert "all.yaml::keys-everyone PASSED" in ran.stdout


def test_a_failure_shows_the_ranked_list_and_why_and_nothing_skips(session: Pytest, home: Path, tmp_path: Path) -> None:
    cases = tmp_path / "mixed.yaml"
    cases.write_text(MIXED, encoding="utf-8")
    ran = session(home, cases, "--middlewatch-config", home / "middlewatch.toml")
    assert ran.returncode == 1
    assert "2 failed, 1 passed, 1 xfailed" in ran.stdout
    assert "  1. 0." in ran.stdout
    assert "outranked by runbooks/kafka.md" in ran.stdout
    assert "leaked: runbooks/disk.md" in ran.stdout
    assert "set aside until 2999-01-01 by platform team" in ran.stdout
    assert "skipped" not in ran.stdout


def test_without_an_index_the_session_fails_and_says_what_to_do(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "golden_queries" / "cases").mkdir(parents=True)
    (tmp_path / "golden_queries" / "cases" / "a.yaml").write_text(MIXED, encoding="utf-8")
    (tmp_path / "golden_queries" / "baseline.yaml").write_text("metrics: {}\n", encoding="utf-8")
    ran = session(tmp_path, "golden_queries")
    assert ran.returncode == 1
    assert "middlewatch" in ran.stdout
    assert "golden cases cannot be run" in ran.stdout


def test_a_case_that_cannot_be_read_is_an_error_of_one_line(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "golden_queries" / "cases").mkdir(parents=True)
    (tmp_path / "golden_queries" / "cases" / "a.yaml").write_text("- {id: a, query: x, expcted: []}", encoding="utf-8")
    ran = session(tmp_path, "golden_queries")
    assert ran.returncode == 2
    assert "did you mean 'expected'?" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_other_files_are_left_alone_and_nothing_heavy_is_loaded(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("- {id: a, query: x, expected: []}", encoding="utf-8")
    (tmp_path / "middlewatch.toml").write_text("this is broken", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n    assert not {'torch', 'celery', 'worker.wiring'} & set(sys.modules)\n",
        encoding="utf-8",
    )
    ran = session(tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout
