from __future__ import annotations

from types import ModuleType

import pytest
import qdrant_edge
from qdrant_client import models

from domain.access import Audience
from domain.document import Kind
from retrieval.access_filter import READERS, Scope, read_filter

ENGINES = pytest.mark.parametrize("engine", [qdrant_edge, models])
PAYMENTS = Audience.of(["payments"])


@ENGINES
@pytest.mark.parametrize(
    "scope",
    [
        Scope(PAYMENTS),
        Scope(PAYMENTS, Kind.RUNBOOK),
        Scope(PAYMENTS, role="chunk"),
        Scope(PAYMENTS, documents=frozenset()),
        Scope(PAYMENTS, Kind.POSTMORTEM, "document", frozenset({"a", "b"})),
    ],
)
def test_every_filter_demands_one_of_the_audiences_groups_among_the_readers(engine: ModuleType, scope: Scope) -> None:
    made = read_filter(engine, scope)
    first = made.must[0]
    assert first.key == READERS
    assert sorted(getattr(first.match, "any", None) or first.match.value) == ["everyone", "payments"]
    assert not made.should
    assert not made.must_not


@ENGINES
def test_it_refuses_an_audience_without_groups(engine: ModuleType) -> None:
    with pytest.raises(ValueError, match="without groups"):
        read_filter(engine, Scope(Audience.nobody()))


@ENGINES
def test_no_documents_means_none_and_not_all(engine: ModuleType) -> None:
    made = read_filter(engine, Scope(PAYMENTS, documents=frozenset()))
    assert len(made.must) == 2
