"""Titles: what a document says, else what its file is called."""

from __future__ import annotations

import pytest

from ingest.titles import MAX_CHARACTERS, title_of


@pytest.mark.parametrize(
    ("stated", "text", "path", "title"),
    [
        ("Kube Pod Crash Looping", "# KubePodCrashLooping", "a.md", "Kube Pod Crash Looping"),
        ("", "intro\n\n# The **first** `one`\n\n# Second", "a.md", "The first one"),
        ("", "Top\n===\n", "a.md", "Top"),
        ("", "---\nx: y\n---\n```\n# code\n```\n", "db/2018-02-06-hub-db-dir.md", "Hub db dir"),
        ("", "text", "KubePodCrashLooping.md", "Kube Pod Crash Looping"),
        ("", "text", "etcdHTTPErrors.md", "Etcd HTTP Errors"),
        ("", "text", "teams/order_queue/README.md", "Order queue"),
        ("", "text", "README.md", "Runbooks"),
        ("", "text", "2018-02-06.md", "2018 02 06"),
        ("", "# \n", "a.md", "A"),
    ],
)
def test_a_document_has_a_title(stated: str, text: str, path: str, title: str) -> None:
    assert title_of(stated, text, path, "runbooks") == title


def test_an_endless_title_is_cut() -> None:
    assert len(title_of("x" * 9000, "", "a.md", "s")) == MAX_CHARACTERS
