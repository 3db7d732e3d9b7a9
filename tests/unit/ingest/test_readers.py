"""Readers: a document narrows its source and never widens it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import EVERYONE, Audience
from ingest.readers import objection, readers_of

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
