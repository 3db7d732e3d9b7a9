"""Readers: a document narrows its source and never widens it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import EVERYONE, Audience, Readers
from ingest.readers import BY_FRONT_MATTER, BY_SOURCE, PathRule, objection, objections, ruling


def readers_of(source: Readers, document: Readers | None) -> Readers:
    return ruling(source, (), "a.md", document).readers


GROUPS = st.frozensets(st.sampled_from([EVERYONE, "payments", "security", "platform"]))


@pytest.mark.parametrize(
    ("source", "document", "readers", "reported"),
    [
        ({"everyone"}, None, {"everyone"}, False),
        ({"everyone"}, {"payments"}, {"payments"}, False),
        ({"payments", "security"}, {"payments"}, {"payments"}, False),
        ({"payments"}, {"payments", "security"}, {"payments"}, True),
        ({"payments"}, {"everyone"}, {"payments"}, True),
        ({"payments"}, {"security"}, set(), True),
        ({"everyone"}, set(), set(), False),
        (set(), None, set(), False),
        (set(), {"everyone"}, set(), True),
    ],
)
def test_the_readers_of_a_document(
    source: set[str], document: set[str] | None, readers: set[str], reported: bool
) -> None:
    named = None if document is None else frozenset(document)
    assert readers_of(frozenset(source), named) == readers
    assert bool(objection(frozenset(source), named)) is reported


@given(GROUPS, st.none() | GROUPS, GROUPS)
def test_whoever_reads_a_document_may_read_its_source(
    source: frozenset[str], document: frozenset[str] | None, held: frozenset[str]
) -> None:
    audience = Audience.of(held)
    if audience.may_read(readers_of(source, document)):
        assert audience.may_read(source)


@given(GROUPS, st.lists(GROUPS, max_size=3), st.none() | GROUPS, GROUPS)
def test_a_path_rule_never_widens(
    source: frozenset[str], allows: list[frozenset[str]], document: frozenset[str] | None, held: frozenset[str]
) -> None:
    rules = [PathRule(("**",), allow) for allow in allows]
    audience = Audience.of(held)
    if audience.may_read(ruling(source, rules, "x/a.md", document).readers):
        assert all(audience.may_read(allow) for allow in (source, *allows))


@pytest.mark.parametrize(
    ("pattern", "path", "covers"),
    [
        ("security/**", "security/keys/Rotate.md", True),
        ("security/", "security/keys/Rotate.md", True),
        ("Security/**", "security/Rotate.md", True),
        ("security/**", "SECURITY/Rotate.md", True),
        ("security/**", "insecurity/Rotate.md", False),
        ("security/**", "deep/security/Rotate.md", False),
        ("**/security/*", "deep/security/Rotate.md", True),
        ("**/security/*", "security/Rotate.md", True),
        ("security/*", "security/keys/Rotate.md", False),
        ("Rotate.md", "security/keys/Rotate.md", True),
        ("*.txt", "a.md", False),
        ("./security/*.md", "security/a.md", True),
        ("a?.md", "ab.md", True),
        ("a[b].md", "ab.md", False),
    ],
)
def test_which_documents_a_path_rule_covers(pattern: str, path: str, covers: bool) -> None:
    assert PathRule((pattern,), frozenset()).covers(path) is covers


def test_a_ruling_says_by_which_rule_each_group_is_left_out() -> None:
    rule = PathRule(("security/**",), frozenset({"security"}))
    made = ruling(frozenset({"security", "ops"}), [rule], "security/a.md", frozenset({"ops"}))
    assert [(step.rule, step.readers) for step in made.steps] == [
        (BY_SOURCE, {"security", "ops"}),
        ("the path rule for `security/**`", {"security"}),
        (BY_FRONT_MATTER, set()),
    ]
    assert made.readers == frozenset()


def test_a_rule_that_widens_leaves_nobody_or_covers_nothing_is_reported_by_name() -> None:
    rules = [
        PathRule(("a/**",), frozenset({"ops", "everyone"})),
        PathRule(("a/b.md",), frozenset({"sales"})),
        PathRule(("typo/**",), frozenset({"ops"})),
        PathRule(("a/c.md",), frozenset()),
    ]
    assert objections(frozenset({"ops"}), rules, ["a/b.md", "a/c.md"]) == (
        "the path rule for `a/**` names groups beyond its source's `allow`; they were left out: everyone",
        "the path rule for `a/b.md` names no reader of its source, so nobody may read what it covers",
        "the path rule for `typo/**` is for no document; mend its `paths`",
    )
