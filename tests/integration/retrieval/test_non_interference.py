"""What an audience may not read moves nothing that it sees: not a score, not an order, not one bit."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from domain.access import Audience
from domain.document import Chunk, Hit
from retrieval.edge import EdgeIndex
from retrieval.finder import Finder
from retrieval.indexer import Indexer
from retrieval.query import from_parts, from_text
from retrieval.search import Search
from tests.library import Shelf, WordEmbedder, document

WORLDS = 60
GROUPS = ("payments", "security", "platform")
WORDS = "disk full volume slot card acquirer error latency node pod crash memory cache queue lag replica".split()  # noqa: SIM905


def world(rng: random.Random, number: int) -> list[list[Chunk]]:
    """Return documents of few words, so that scores tie and many are alike, each with readers of its own."""
    library = []
    for position in range(rng.randint(8, 70)):
        kind = rng.choice(["runbooks", "postmortems"])
        paragraphs = [" ".join(rng.choices(WORDS, k=rng.randint(2, 8))) for _ in range(rng.randint(1, 3))]
        readers = rng.choice([["everyone"], [rng.choice(GROUPS)], rng.sample(GROUPS, 2), []])
        title = rng.choice(["Runbook", rng.choice(WORDS)])
        library.append(document(f"{kind}/{number}-{position}.md", *paragraphs, readers=readers, title=title))
    return library


def seen(hits: tuple[Hit, ...]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return all that a reader is given, with every score to its last bit."""
    return [
        (hit.meta.id, hit.score.hex(), [(passage.chunk.id, passage.score.hex()) for passage in hit.passages])
        for hit in hits
    ]


def answers(folder: Path, chunks: list[Chunk], audience: Audience, queries: list[str]) -> list[object]:
    index = EdgeIndex(folder)
    Indexer(index, WordEmbedder()).build("s", chunks)
    search = Search(Finder(index, WordEmbedder()), Shelf(chunks), lambda: "s", lambda text: text)
    named = [from_parts({"alertname": query.title().replace(" ", "")}, {"summary": query}) for query in queries]
    rankings = [search.ranking(query, audience, 10) for query in [*map(from_text, queries), *named]]
    index.close()
    return [(seen(ranking.runbooks), seen(ranking.postmortems), ranking.floors) for ranking in rankings]


@pytest.mark.parametrize("seed", range(WORLDS))
def test_an_audience_is_given_the_same_bytes_with_and_without_what_it_may_not_read(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    library = world(rng, seed)
    audience = Audience.of(rng.sample(GROUPS, rng.randint(0, 2)))
    queries = [" ".join(rng.choices(WORDS, k=3)) for _ in range(4)]
    everything = [chunk for chunks in library for chunk in chunks]
    readable = [chunk for chunk in everything if audience.may_read(chunk.meta.readers)]
    assert len(readable) < len(everything)
    whole = answers(tmp_path / "whole", everything, audience, queries)
    assert whole == answers(tmp_path / "readable", readable, audience, queries)
    assert any(runbooks or postmortems for runbooks, postmortems, _ in whole)  # type: ignore[misc]
