"""Chunks: exact spans that tile the body, cut between blocks, under the right headings."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain.document import Chunk, Document, DocumentMeta, Kind
from ingest.chunking import HARD_MAXIMUM, TARGET, TINY, chunk
from ingest.frontmatter import body_offset

SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).parents[4] / "shared")  # noqa: TID251 - public data
LONG = "A sentence that fills the section with words. " * 12


def document(text: str, title: str = "The title") -> Document:
    return Document(
        DocumentMeta("runbooks/a.md", "runbooks", "a.md", Kind.RUNBOOK, title, frozenset({"everyone"})), text
    )


def cut(text: str, title: str = "The title") -> tuple[Chunk, ...]:
    chunks = chunk(document(text, title))
    check_tiling(text, chunks)
    return chunks


def check_tiling(text: str, chunks: tuple[Chunk, ...]) -> None:
    position = body_offset(text)
    for ordinal, piece in enumerate(chunks):
        assert piece.ordinal == ordinal
        assert piece.start >= position
        assert not text[position : piece.start].strip()
        assert piece.text == text[piece.start : piece.end]
        assert piece.text.strip()
        assert len(piece.text) <= HARD_MAXIMUM + TINY
        position = piece.end
    assert not text[position:].strip()


LINES = st.sampled_from(
    ["", " ", "\t", "# One", "## Two", "### Three ###", "Title\n===", "Sub\n---", "---", "+++", "...", "text", "text:",
     "**Bold**", "- item", "  - nested", "1. first", "   continued", "    code", "```", "```sh", "~~~", "   ```",
     "| a | b |", "|---|---|", "> quote", "> ```", "<!-- note", "-->", "<div>", "</div>", "{{< hint info >}}",
     "{{< /hint >}}", "[a]: http://example.com", "[^1]: note", "\0", "\x0c", "\u2028x", "\x85y", "key: value",
     "word " * 60, "x" * 700, "\ufeff#", "- ```\n  a\n\n  b\n  ```"]
)  # fmt: skip
NEWLINES = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@given(st.lists(st.tuples(LINES, NEWLINES), max_size=60).map(lambda parts: "".join(a + b for a, b in parts)))
@example("---\na: b\n---\n# One\r\n\r\ntext\rmore\0\r\n")
@example("\n \x0c")
@settings(max_examples=400, deadline=None)
def test_every_character_that_is_not_blank_lies_in_exactly_one_chunk(text: str) -> None:
    cut(text)


@given(st.text(max_size=400))
def test_any_text_at_all_is_tiled(text: str) -> None:
    cut(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_spans_are_exact_with_every_kind_of_newline(newline: str) -> None:
    lines = [
        "---",
        "title: x",
        "---",
        "# H",
        "",
        "a\0b\x0cc\u2028d " + LONG,
        "",
        "## Two",
        "",
        LONG,
        "",
        "```",
        "x",
        "```",
    ]
    chunks = cut(newline.join(lines))
    assert [piece.text.split(newline)[0] for piece in chunks] == ["# H", "## Two"]
    assert chunks[1].text.endswith(newline.join(["", "```", "x", "```"]))


@pytest.mark.parametrize(
    "front", ["---\ntitle: Secret name\n---\n", "+++\ntitle = 'Secret name'\n+++\n", "---\r\nSecret: 1\r\n...\r\n"]
)
def test_front_matter_is_never_in_a_chunk(front: str) -> None:
    chunks = cut(front + "Body.")
    assert [piece.text for piece in chunks] == ["Body."]


def test_a_rule_further_down_is_not_front_matter() -> None:
    assert [piece.text for piece in cut("Body.\n\n---\na: b\n---\n")] == ["Body.\n\n---\na: b\n---"]


def test_a_chunk_begins_at_its_heading_and_knows_its_path_without_the_title() -> None:
    headings = ["# The title", "## `Check` **it** {#anchor}", "### Inner [part](http://x)", "## Then"]
    text = "\n\n".join(f"{heading}\n\n{LONG}" for heading in headings)
    chunks = cut(text)
    assert [piece.headings for piece in chunks] == [(), ("Check it",), ("Check it", "Inner part"), ("Then",)]
    assert all(piece.text.startswith("#") for piece in chunks)
    assert chunks[2].breadcrumb == "The title › Check it › Inner part"


def test_underlined_headings_count_and_bold_lines_do_not() -> None:
    chunks = cut(f"Top\n===\n\n{LONG}\n\nSub\n---\n\n**Bold**\n\n{LONG}", title="Top")
    assert [piece.headings for piece in chunks] == [(), ("Sub",)]


def test_a_title_spelled_otherwise_in_the_heading_is_still_the_title() -> None:
    text = f"# KubePodCrashLooping\n\n## Meaning\n\n{LONG}\n\n# Appendix\n\n{LONG}"
    chunks = cut(text, title="Kube Pod Crash Looping")
    assert [piece.headings for piece in chunks] == [("Meaning",), ("Appendix",)]
    assert "# KubePodCrashLooping" in chunks[0].text


def test_several_top_headings_that_are_not_the_title_are_sections() -> None:
    chunks = cut(f"# Summary\n\n{LONG}\n\n# Timeline\n\n{LONG}", title="Outage of May")
    assert [piece.headings for piece in chunks] == [("Summary",), ("Timeline",)]


def test_headings_inside_code_quotes_and_comments_are_text() -> None:
    text = f"## Real\n\n```sh\n# not a heading\n```\n\n> # quoted\n\n<!--\n\n# hidden\n\n-->\n\n{LONG}"
    assert [piece.headings for piece in cut(text)] == [("Real",)]


def test_tiny_sections_of_one_parent_share_a_chunk_and_large_ones_do_not() -> None:
    chunks = cut(f"# The title\n\n## Meaning\n\nBroken.\n\n## Impact\n\nNone.\n\n## Diagnosis\n\n{LONG * 2}")
    assert [piece.headings for piece in chunks] == [(), ("Diagnosis",)]
    assert chunks[0].text == "# The title\n\n## Meaning\n\nBroken.\n\n## Impact\n\nNone."


def test_a_tiny_section_is_not_merged_across_parents() -> None:
    chunks = cut(f"## A\n\n{LONG}\n\n### Inner\n\n{LONG}\n\n## B\n\nTiny.")
    assert [piece.headings for piece in chunks] == [("A",), ("A", "Inner"), ("B",)]


@pytest.mark.parametrize("block", ["```\n{}\n```", "| a |\n|---|\n{}", "- item\n\n  ```\n{}\n  ```"])
def test_a_block_is_not_cut_below_the_hard_maximum(block: str) -> None:
    row = "| row of some length |" if block.startswith("|") else "  line of some length"
    block = block.format("\n".join([row] * (1800 // len(row))))
    chunks = cut(f"## H\n\n{LONG}\n\n{LONG}\n\nRun this:\n\n{block}\n\n{LONG}")
    assert sum(block in piece.text for piece in chunks) == 1


def test_a_code_block_longer_than_the_hard_maximum_is_cut_at_lines() -> None:
    lines = [f"line {number} of the log" for number in range(400)]
    chunks = cut("## Log\n\nSee:\n\n```\n" + "\n".join(lines) + "\n```\n")
    assert len(chunks) > 2
    assert chunks[0].text.startswith("## Log\n\nSee:\n\n```\nline 0 of the log\n")
    assert all(line in lines for piece in chunks[1:] for line in piece.text.splitlines() if line != "```")


def test_what_announces_a_block_stays_with_it() -> None:
    steps = "\n".join(f"- Check number {number}: {'look well ' * 12}" for number in range(8))
    filler = "Fill. " * 140
    for lead in ("Check the following:", "Then look at these."):
        chunks = cut(f"## H\n\n{filler}\n\n{lead}\n\n{steps}\n")
        assert any(f"{lead}\n\n- Check number 0" in piece.text for piece in chunks)
    command = "kubectl get pods " + "--flag " * 40
    chunks = cut(f"## H\n\n{filler}\n\nSee the pods.\n\n```sh\n{command}\n```\n")
    assert any("See the pods.\n\n```sh" in piece.text for piece in chunks)


def test_a_list_is_cut_between_items_never_inside_one() -> None:
    items = [f"{number}. Step {number}\n\n   ```sh\n   {'run ' * 60}\n   ```" for number in range(1, 9)]
    chunks = cut("## Steps\n\n" + "\n\n".join(items))
    assert len(chunks) > 1
    assert all(sum(item in piece.text for piece in chunks) == 1 for item in items)


def test_a_heading_with_nothing_under_it_goes_with_what_follows_or_stands_before() -> None:
    assert [piece.headings for piece in cut(f"## Empty\n\n## Full\n\n{LONG}")] == [("Full",)]
    chunks = cut(f"## A\n\n{LONG}\n\n### Empty\n\n## B\n\n{LONG}")
    assert [piece.text.splitlines()[0] for piece in chunks] == ["## A", "## B"]
    assert [piece.text for piece in cut("# Only")] == ["# Only"]


def test_link_definitions_stay_with_their_text() -> None:
    (piece,) = cut("See [it][1].\n\n[1]: http://example.com\n")
    assert piece.text.endswith("[1]: http://example.com")


def test_ids_depend_on_document_span_and_text_alone() -> None:
    text = f"## A\n\n{LONG}\n\n## B\n\n{LONG}"
    first, second = cut(text), cut(text, title="Another title")
    assert [piece.id for piece in first] == [piece.id for piece in second]
    assert len({piece.id for piece in first}) == 2
    moved = chunk(document("\n" + text))
    assert moved[0].text == first[0].text
    assert moved[0].id != first[0].id
    assert uuid.UUID(first[0].id).version == 5


def test_an_empty_document_has_no_chunks() -> None:
    assert cut("") == cut(" \n\t\n") == cut("---\ntitle: x\n---\n") == ()


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "# h\n" * 10_000, "# h\ntext\n" * 10_000, ">" * 5_000 + "x\n", "- " * 5_000 + "x",
     "".join(" " * 2 * depth + "- a\n" for depth in range(500)), "[a\n" * 20_000, "<!-- \n" * 20_000,
     "---\r\n" + "a: b\r\n" * 20_000, "`" * 100_000, "# " + "*a_" * 50_000],
    ids=["line", "headings", "sections", "quotes", "lists", "nested", "brackets", "comments", "front", "ticks", "em"],
)  # fmt: skip
def test_a_hostile_document_neither_hangs_nor_overflows(text: str) -> None:
    assert cut(text)


def test_the_public_corpus_is_tiled_and_no_code_block_is_cut() -> None:
    root = SHARED / "corpus"
    paths = sorted([*root.glob("runbooks/**/*.md"), *root.glob("postmortems/**/*.md")])
    if not paths:
        pytest.skip("the public corpus is not here; point MIDDLEWATCH_TEST_SHARED at it")
    assert len(paths) == 166
    blocks = 0
    for path in paths:
        text = path.read_bytes().decode()
        chunks = cut(text, title=path.stem)
        for piece in chunks:
            body = [line for line in piece.text.splitlines() if line.strip() and not line.startswith("#")]
            assert body, f"{path.name}: a chunk of headings only"
        for block in code_blocks(text[body_offset(text) :]):
            if len(block) <= HARD_MAXIMUM:
                blocks += 1
                assert any(block in piece.text for piece in chunks), f"{path.name}: {block[:60]}"
    assert blocks > 90


def code_blocks(body: str) -> list[str]:
    lines = body.splitlines(keepends=True)
    tokens = MarkdownIt("commonmark").parse(body)
    return ["".join(lines[slice(*token.map)]).rstrip() for token in tokens if token.type == "fence" and token.map]


def test_a_sentence_that_ends_in_a_colon_stays_with_the_next_paragraph() -> None:
    filler = "Fill. " * 140
    chunks = cut(f"## H\n\n{filler}\n\nDo this first:\n\n{LONG}")
    assert chunks[1].text.startswith("Do this first:\n\nA sentence")


def test_two_sections_of_some_size_stay_apart() -> None:
    text = "It says enough to stand alone. " * 12
    assert [piece.headings for piece in cut(f"## A\n\n{text}\n\n## B\n\n{text}")] == [("A",), ("B",)]


def test_the_only_top_heading_is_the_title_whatever_it_says() -> None:
    assert cut(f"# HighLatency\n\n## Meaning\n\n{LONG}", title="The site is slow")[0].headings == ("Meaning",)


def test_a_short_tail_stays_with_what_it_follows() -> None:
    (piece,) = cut(f"## H\n\n{'word ' * 190}\n\n{'tail ' * 30}")
    assert len(piece.text) > TARGET
