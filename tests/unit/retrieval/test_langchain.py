from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.runnables import ConfigurableField, RunnableLambda

from domain.access import Audience
from domain.document import Hit, Kind, Passage
from retrieval.floors import Floors
from retrieval.langchain import AudienceRetriever
from retrieval.query import Query
from retrieval.search import Ranking
from tests.library import document

PAYMENTS = Audience.of(["payments"])


def hit(name: str, score: float, **more: object) -> Hit:
    chunks = document(name, "Impact: none", "First: drop the slot", **more)
    return Hit(chunks[0].meta, score, tuple(Passage(chunk, at / 10) for at, chunk in enumerate(chunks)))


class Remembering:
    """A search that remembers who asked, for how many."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Audience, int]] = []

    def ranking(self, query: Query, audience: Audience, limit: int) -> Ranking:
        self.asked.append((query.meaning, audience, limit))
        return Ranking(
            (hit("runbooks/a.md", 0.9, link="https://wiki.example.com/a"), hit("runbooks/b.md", 0.3)),
            (hit("postmortems/c.md", 0.6), hit("postmortems/d.md", 0.5)),
            floors=Floors(0.5, 0.55),
        )


@pytest.fixture
def search() -> Remembering:
    return Remembering()


@pytest.fixture
def retriever(search: Remembering) -> AudienceRetriever:
    return AudienceRetriever(search, PAYMENTS)


def test_it_asks_as_the_audience_it_was_made_for(search: Remembering, retriever: AudienceRetriever) -> None:
    retriever.invoke("disk full")
    assert search.asked == [("disk full", PAYMENTS, 4)]


def test_each_document_comes_as_its_best_passage_with_its_source(retriever: AudienceRetriever) -> None:
    (found,) = retriever.invoke("disk full")
    assert found.page_content == "a › First\nFirst: drop the slot"
    assert found.metadata["document"] == "runbooks/a.md"
    assert found.metadata["link"] == "https://wiki.example.com/a"
    assert found.metadata["score"] == 0.9
    assert (found.metadata["start"], found.metadata["end"]) == (14, 34)


def test_what_is_below_the_floors_is_left_out(search: Remembering) -> None:
    past = AudienceRetriever(search, PAYMENTS, kind=Kind.POSTMORTEM, limit=2).invoke("disk full")
    assert [one.metadata["document"] for one in past] == ["postmortems/c.md"]


def test_it_works_in_a_chain_and_awaited(retriever: AudienceRetriever) -> None:
    chain = retriever | RunnableLambda(lambda found: [one.metadata["title"] for one in found])
    assert chain.invoke("disk full") == ["a"]
    assert [one.metadata["title"] for one in asyncio.run(retriever.ainvoke("disk full"))] == ["a"]


@pytest.mark.parametrize("audience", [None, "payments", frozenset({"payments"})])
def test_it_cannot_be_made_without_an_audience(search: Remembering, audience: Any) -> None:
    with pytest.raises(TypeError):
        AudienceRetriever(search, audience)
    with pytest.raises(TypeError):
        AudienceRetriever(search)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["audience", "_find", "tags"])
def test_it_cannot_be_changed(retriever: AudienceRetriever, name: str) -> None:
    with pytest.raises(AttributeError, match="stays bound"):
        setattr(retriever, name, Audience.of(["security"]))


def test_no_call_can_choose_who_reads(search: Remembering, retriever: AudienceRetriever) -> None:
    other = Audience.of(["security"])
    with pytest.raises(TypeError, match="Nothing but the query"):
        retriever.invoke("disk full", audience=other)
    with pytest.raises(TypeError, match="Nothing but the query"):
        asyncio.run(retriever.ainvoke("disk full", audience=other))
    with pytest.raises(TypeError, match="Nothing but the query"):
        retriever.bind(audience=other).invoke("disk full")
    with pytest.raises(ValueError, match="audience"):
        retriever.configurable_fields(audience=ConfigurableField(id="audience"))
    retriever.with_config(configurable={"audience": other}).invoke("disk full")
    retriever.invoke("disk full", {"metadata": {"audience": "security"}})
    assert {audience for _, audience, _ in search.asked} == {PAYMENTS}


def test_nothing_is_traced_to_langsmith(retriever: AudienceRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "http://127.0.0.1:9")
    seen = []

    class Watching(Remembering):
        def ranking(self, query: Query, audience: Audience, limit: int) -> Ranking:
            from langsmith.run_helpers import get_tracing_context  # noqa: PLC0415

            seen.append(get_tracing_context()["enabled"])
            return super().ranking(query, audience, limit)

    AudienceRetriever(Watching(), PAYMENTS).invoke("disk full")
    assert seen == [False]
