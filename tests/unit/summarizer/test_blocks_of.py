"""Blocks carry the exact characters they stand at."""

from __future__ import annotations

import pytest

from summarizer.blocks_of import Block, Shape, blocks_of


def texts(text: str, shape: Shape) -> list[str]:
    found: list[str] = []

    def walk(blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if block.shape is shape:
                found.append(text[block.start : block.end])
            walk(block.children)

    walk(blocks_of(text))
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_headings_and_paragraphs_are_without_their_marks(newline: str) -> None:
    text = newline.join(["# One ##", "", "a b", "  c", "", "Two", "---", "", "d"])
    assert texts(text, Shape.HEADING) == ["One", "Two"]
    assert texts(text, Shape.PARAGRAPH) == [f"a b{newline}  c", "d"]


def test_list_items_are_without_bullets_numbers_and_check_boxes() -> None:
    text = "- [ ] first\n- second\n  more\n  1. nested\n"
    assert texts(text, Shape.PARAGRAPH) == ["first", "second\n  more", "nested"]


def test_front_matter_is_passed_over_and_spans_stay_right() -> None:
    text = "---\ntitle: x\n---\n# One\n"
    assert texts(text, Shape.HEADING) == ["One"]
    assert texts(text, Shape.PARAGRAPH) == []


def test_the_marker_of_an_admonition_is_not_part_of_it() -> None:
    assert texts("> [!WARNING]\n> Do not restart.\n", Shape.PARAGRAPH) == ["Do not restart."]
    assert texts('!!! note "Title"\n    Text here.\n', Shape.PARAGRAPH) == ["Text here."]


def test_comments_and_html_are_not_text() -> None:
    assert texts("<!-- more -->\n\n<details>\n<summary>x</summary>\n\ninner\n\n</details>\n", Shape.PARAGRAPH) == [
        "inner"
    ]


def test_a_fence_is_its_content_and_knows_whether_it_was_closed() -> None:
    closed, open_ = (blocks_of(text)[0] for text in ("```bash\nls\n```\n", "```{.SQL}\nSELECT 1;\n"))
    assert (closed.info, closed.closed, closed.start, closed.end) == ("bash", True, 8, 11)
    assert (open_.info, open_.closed) == ("sql", False)


def test_the_cells_of_a_row_are_cut_at_pipes_outside_code() -> None:
    text = "| a | b |\n|---|---|\n| `x|y` | p \\| q |\n| | z |\n"
    rows = [[text[start:end] for start, end in row.cells] for row in blocks_of(text)]
    assert rows == [["a", "b"], ["`x|y`", "p \\| q"], ["", "z"]]
    assert [row.header for row in blocks_of(text)] == [True, False, False]
