"""A document put together again from its passages."""

from __future__ import annotations

from summarizer.source import Source
from tests.pages import page

TEXT = "---\ntitle: x\n---\n# One\n\n\nFirst.\nLine.\n\nSecond.\n"


def test_gaps_read_as_newlines_so_that_every_place_keeps_its_number() -> None:
    source = Source.of(page(TEXT))
    place = TEXT.index("Second")
    assert source.text[place:] == TEXT[place:]
    assert source.text[: TEXT.index("#")].strip() == ""


def test_a_citation_names_the_passage_in_which_the_quote_begins() -> None:
    citation = Source.of(page(TEXT)).cite((TEXT.index("Line"), TEXT.index("Line") + 5))
    assert (citation.document_id, citation.chunk_id) == ("wiki/runbook.md", "runbook-1")


def test_a_span_over_a_gap_is_not_whole() -> None:
    source = Source.of(page(TEXT))
    first, second = TEXT.index("First"), TEXT.index("Second")
    assert source.whole((first, first + 6))
    assert not source.whole((first, second + 3))


def test_the_score_of_a_span_is_that_of_its_best_passage() -> None:
    source = Source.of(page(TEXT, likes="Second"))
    assert source.score((0, len(TEXT))) == 1.0
    assert source.score((TEXT.index("First"), TEXT.index("First") + 1)) == 0.1
