"""The commit of a folder, where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ingest.checkout import commit_of


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *words], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_folder_in_a_checkout_stands_at_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    inside = tmp_path / "docs" / "runbooks"
    inside.mkdir(parents=True)
    git(tmp_path, "init", "-q")
    assert commit_of(inside) == ""
    git(tmp_path, "commit", "-q", "--allow-empty", "--no-verify", "-m", "first")
    commit = git(tmp_path, "rev-parse", "HEAD").strip()
    assert commit_of(inside) == commit
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert commit_of(inside) == commit


def test_a_folder_outside_any_checkout_has_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == ""
    assert commit_of(tmp_path / "absent") == ""


def test_a_machine_without_git_has_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(Path(__file__).parent) == ""
