"""Stale cases: documents that are named and gone."""

from __future__ import annotations

from dataclasses import replace

from golden_queries.gate import CANARY
from golden_queries.stale import stale

CASE = replace(CANARY, id="a", expected=("runbooks/old/disk.md",))


def test_what_is_there_is_not_stale() -> None:
    assert stale([CASE], {"runbooks/old/disk.md": "1"}) == ()


def test_a_document_that_moved_is_known_by_its_content() -> None:
    (found,) = stale([CASE], {"runbooks/new/volume.md": "1", "x/disk.md": "2"}, {"runbooks/old/disk.md": "1"})
    assert found.text == (
        "a: expected runbooks/old/disk.md is not in the snapshot; it may be runbooks/new/volume.md now"
    )


def test_a_document_of_the_same_file_name_is_suggested_only_when_it_is_the_only_one() -> None:
    assert stale([CASE], {"runbooks/new/disk.md": "1"})[0].moved_to == "runbooks/new/disk.md"
    assert stale([CASE], {"runbooks/new/disk.md": "1", "other/disk.md": "2"})[0].moved_to == ""


def test_a_forbidden_document_that_is_gone_is_told_since_the_case_then_proves_nothing() -> None:
    case = replace(CASE, expected=("runbooks/a.md",), past=("postmortems/b.md",), forbidden=("runbooks/c.md",))
    assert [(each.key, each.document) for each in stale([case], {"runbooks/a.md": "1"})] == [
        ("past", "postmortems/b.md"),
        ("forbidden", "runbooks/c.md"),
    ]


def test_a_document_without_a_known_content_is_not_taken_for_another_without_one() -> None:
    assert stale([CASE], {"runbooks/b.md": ""}, {"runbooks/old/disk.md": ""})[0].moved_to == ""
