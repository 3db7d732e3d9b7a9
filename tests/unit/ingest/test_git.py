"""Repositories as sources: fetched with the git program from folders of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from domain.document import Kind
from domain.errors import BadSettings
from ingest.git import GitUnavailable, Origin, last_changes, update
from ingest.sources import Reading, SourceSpec, read

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str, day: str = "2024-03-05") -> None:
    at = f"{day}T12:00:00+00:00"
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(folder), *arguments]
    environment = {"LC_ALL": "C", "HOME": str(folder), "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    subprocess.run(command, check=True, capture_output=True, env=environment | {"PATH": os.defpath})


def commit(folder: Path, name: str, text: str, day: str = "2024-03-05") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x", day=day)


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "docs/disk.md", "# Disk\n", "2023-01-02")
    commit(folder, "docs/übung é.md", "# Two\n", "2024-03-05")
    return folder


@pytest.fixture
def origin(upstream: Path, tmp_path: Path) -> Origin:
    return Origin(str(upstream), "", tmp_path / "data" / "runbooks")


def reading(origin: Origin, folder: str = "docs") -> Reading:
    path = origin.checkout / folder
    return read(SourceSpec("runbooks", Kind.RUNBOOK, path, frozenset({"sre"}), origin=origin), lambda text: text)


@needs_git
def test_documents_of_a_repository_carry_its_commit_and_the_day_of_their_last_change(origin: Origin) -> None:
    found = reading(origin)
    assert [(each.meta.path, each.meta.reviewed) for each in found.documents] == [
        ("disk.md", date(2023, 1, 2)),
        ("übung é.md", date(2024, 3, 5)),
    ]
    assert len(found.commit) == 40
    assert found.problems == ()


@needs_git
def test_a_day_in_the_front_matter_wins_over_the_last_change(origin: Origin, upstream: Path) -> None:
    commit(upstream, "docs/disk.md", "---\nreviewed: 2022-02-02\n---\n# Disk\n")
    assert reading(origin).documents[0].meta.reviewed == date(2022, 2, 2)


@needs_git
def test_it_follows_the_repository_also_where_its_history_was_rewritten(origin: Origin, upstream: Path) -> None:
    reading(origin)
    (upstream / "docs/disk.md").unlink()
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "--amend", "-m", "y")
    commit(upstream, "docs/new.md", "# New\n")
    (origin.checkout / "docs" / "stray.md").write_text("# Stray\n", encoding="utf-8")
    assert [each.meta.path for each in reading(origin).documents] == ["new.md", "übung é.md"]


@needs_git
def test_another_branch_or_address_is_another_copy(origin: Origin, upstream: Path, tmp_path: Path) -> None:
    reading(origin)
    git(upstream, "checkout", "-q", "-b", "next")
    commit(upstream, "docs/next.md", "# Next\n")
    git(upstream, "checkout", "-q", "main")
    branch = Origin(origin.url, "next", origin.checkout)
    assert "next.md" in {each.meta.path for each in reading(branch).documents}
    assert "next.md" not in {each.meta.path for each in reading(Origin(origin.url, "main", origin.checkout)).documents}


@needs_git
def test_where_it_cannot_be_fetched_what_was_fetched_before_is_read_and_it_is_said(
    origin: Origin, upstream: Path
) -> None:
    reading(origin)
    upstream.rename(upstream.with_name("gone"))
    found = reading(origin)
    assert len(found.documents) == 2
    (problem,) = found.problems
    assert problem.path == "runbooks"
    assert "could not be fetched" in problem.reason
    assert str(upstream) not in problem.reason


@needs_git
def test_what_was_never_fetched_is_an_error_that_does_not_repeat_the_address(tmp_path: Path) -> None:
    origin = Origin(str(tmp_path / "nowhere"), "", tmp_path / "copy")
    with pytest.raises(GitUnavailable, match="no such repository") as caught:
        reading(origin)
    assert "nowhere" not in str(caught.value)
    assert not (tmp_path / "copy").exists()


@needs_git
def test_nothing_of_a_repository_is_run(origin: Origin, upstream: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    hook = template / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n", encoding="utf-8")
    hook.chmod(0o755)
    commit(upstream, ".gitattributes", "*.md filter=lfs\n")
    update(origin)
    shutil.copytree(template, origin.checkout / ".git" / "hooks", dirs_exist_ok=True)
    commit(upstream, "docs/more.md", "# More\n")
    update(origin)
    assert (origin.checkout / "docs" / "more.md").read_text(encoding="utf-8") == "# More\n"
    assert not mark.exists()


@needs_git
def test_a_folder_that_leads_out_of_the_repository_is_not_read(origin: Origin, upstream: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n", encoding="utf-8")
    (upstream / "way").symlink_to(outside)
    git(upstream, "add", "-A")
    git(upstream, "commit", "-q", "-m", "x")
    with pytest.raises(BadSettings, match="not there"):
        reading(origin, "way")


def test_days_are_unknown_where_there_is_no_repository(tmp_path: Path) -> None:
    assert last_changes(Origin("/x", "", tmp_path), tmp_path) == {}


@pytest.mark.parametrize(
    "url",
    [
        "https://token@example.com/a.git",
        "https://user:secret@example.com/a.git",
        "ssh://git:secret@example.com/a.git",
        "http://example.com/a.git",
        "file:///srv/a.git",
        "ext::sh -c touch% /tmp/x",
        "--upload-pack=x",
        "-oProxyCommand=x@y:z",
        "git@-oProxyCommand=x:y",
        "ssh://-oProxyCommand=x/y",
        "relative/path",
        "",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        Origin(url, "", tmp_path)
    assert "secret" not in str(caught.value)
    assert "token@" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.git", "ssh://git@example.com/a.git", "git@example.com:a/b.git", "/srv/a.git"]
)
def test_https_ssh_and_local_paths_are_addresses(url: str, tmp_path: Path) -> None:
    assert Origin(url, "release/1.0", tmp_path).url == url


@pytest.mark.parametrize("branch", ["--all", "a..b", "a b", "a:b", "/a", "a.lock", "@{-1}", "a/"])
def test_what_is_no_branch_is_refused(branch: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="branch"):
        Origin("/srv/a.git", branch, tmp_path)
