from __future__ import annotations

from dataclasses import replace

from benchmarks.corpus import Case, Corpus
from benchmarks.growth import NoisyEmbedder, copies
from benchmarks.rivals import best_first, bm25_by_document, by_heading, heading_hybrid, langchain_recipe, scaled
from domain.document import Document, Kind
from ingest.chunking import chunk
from retrieval.query import from_text
from tests.library import WordEmbedder, document


def corpus() -> Corpus:
    pages = {"disk": "# Disk\n\nThe volume is full.", "card": "# Card\n\nThe acquirer times out."}
    found = []
    for name, text in pages.items():
        for source in ("runbooks", "postmortems"):
            found.append(Document(document(f"{source}/{name}.md", text)[0].meta, text))
    return Corpus(tuple(found), tuple(piece for one in found for piece in chunk(one)))


def test_every_rival_finds_the_page_that_says_it() -> None:
    case = Case(from_text("acquirer times out"), "acquirer times out", Kind.RUNBOOK, frozenset({"runbooks/card.md"}))
    for built in (
        bm25_by_document(corpus()),
        langchain_recipe(corpus(), WordEmbedder()),
        heading_hybrid(corpus(), WordEmbedder()),
    ):
        assert built.rank(case)[0] == "runbooks/card.md"
        assert set(built.rank(case)) == {"runbooks/card.md", "runbooks/disk.md"}
        assert built.bytes > 0


def test_a_document_counts_by_its_best_piece() -> None:
    assert best_first(["a", "b", "a"], [-0.2, -0.1, 0.3]) == ["a", "b"]
    assert scaled([1.0, 3.0, 2.0]) == [0.0, 1.0, 0.5]
    assert scaled([2.0, 2.0]) == [0.0, 0.0]


def test_sections_keep_their_headings() -> None:
    assert by_heading("# One\n\ntext\n\n## Two\n\nmore") == ["# One  \ntext", "## Two  \nmore"]


def test_copies_are_other_documents_of_the_same_shape() -> None:
    embedder = NoisyEmbedder(WordEmbedder(), WordEmbedder())
    once, thrice = copies(corpus(), 1, embedder), copies(corpus(), 3, embedder)
    assert len(thrice) == 3 * len(once)
    assert len({piece.id for piece in thrice}) == len(thrice)
    assert thrice == copies(corpus(), 3, NoisyEmbedder(WordEmbedder(), WordEmbedder()))
    copy = thrice[len(once)]
    original = embedder.passage(f"{once[0].breadcrumb}\n{once[0].text}")
    cosine = float(embedder.passage(f"{copy.breadcrumb}\n{copy.text}") @ original)
    assert 0.9 < cosine < 1
    assert replace(copy.meta, id="") != replace(once[0].meta, id="")
