"""A LangChain retriever over the search, for chains of one's own. It reads as one audience, from when it is made.

LangChain hands a retriever settings at run time, in `invoke`, `bind`, `with_config` and `configurable_fields`. None of
them reaches the audience: it is no field, and a call that brings an argument beside its query is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from langsmith import tracing_context
from pydantic import ConfigDict, PrivateAttr

from domain.access import Audience
from domain.document import Hit, Kind
from retrieval.query import Query, from_text
from retrieval.search import Ranking

MOST = 4
"""How many documents a query is given unless the maker says otherwise."""


class Ranks(Protocol):
    """Ranks documents for a query, as an audience."""

    def ranking(self, query: Query, audience: Audience, limit: int) -> Ranking:
        """Return the best of both lists."""


class AudienceRetriever(BaseRetriever):
    """A retriever that gives what one audience may read, and nothing else, whoever calls it.

    Each document comes once, as its best passage under its title and headings; `metadata` says where it stands, so
    that it can be cited. What does not reach the search's own floors is left out: an empty list says that nothing is
    known. Nothing is sent to LangSmith, whatever the environment says: queries and passages may be confidential.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    _find: Callable[[str], list[Document]] | None = PrivateAttr(default=None)

    def __init__(self, search: Ranks, audience: Audience, *, kind: Kind = Kind.RUNBOOK, limit: int = MOST) -> None:
        """Bind a search to an audience, and to one kind of document.

        Raises TypeError for what is not an audience.
        """
        if not isinstance(audience, Audience):
            raise TypeError("A retriever is made for an Audience; give it one: Audience.of([...]).")
        super().__init__()
        self._find = _bound(search, audience, kind, limit)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse every change: a retriever for another audience is another retriever."""
        if name != "_find" or self._find is not None:
            raise AttributeError("A retriever stays bound to what it was made with. Make another one.")
        super().__setattr__(name, value)

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:
        """Return the documents for a query, without tracing."""
        with tracing_context(enabled=False):
            return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:
        """Return the documents for a query, without tracing."""
        with tracing_context(enabled=False):
            return await super().ainvoke(input, config, **kwargs)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **more: object
    ) -> list[Document]:
        if more or self._find is None:
            raise TypeError("Nothing but the query can be asked for; audience, kind and limit are set when it is made.")
        return self._find(query)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **more: object
    ) -> list[Document]:
        if more:
            raise TypeError("Nothing but the query can be asked for; audience, kind and limit are set when it is made.")
        return await super()._aget_relevant_documents(query, run_manager=run_manager)


def _bound(search: Ranks, audience: Audience, kind: Kind, limit: int) -> Callable[[str], list[Document]]:
    def find(query: str) -> list[Document]:
        ranking = search.ranking(from_text(query), audience, limit)
        floors = ranking.floors
        if kind is Kind.RUNBOOK:
            return [_document(hit) for hit in ranking.runbooks if hit.score >= floors.runbook]
        return [_document(hit) for hit in ranking.postmortems if hit.score >= floors.postmortem]

    return find


def _document(hit: Hit) -> Document:
    chunk = hit.best[0].chunk
    return Document(
        id=chunk.id,
        page_content=f"{chunk.breadcrumb}\n{chunk.text}",
        metadata={
            "document": hit.meta.id,
            "title": hit.meta.title,
            "kind": hit.meta.kind.value,
            "link": hit.meta.link,
            "date": hit.meta.date.isoformat() if hit.meta.date else "",
            "reviewed": hit.meta.reviewed.isoformat() if hit.meta.reviewed else "",
            "send_to_model": hit.meta.send_to_model.value,
            "start": chunk.start,
            "end": chunk.end,
            "score": hit.score,
        },
    )
