"""Markdown as a tree of blocks, each with the exact characters it stands at.

Only block structure is parsed (CommonMark and tables, by markdown-it-py); inline markup stays as written, because
a quote is the document's own text. That also keeps the work linear in hostile documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from summarizer.source import Span

_NEWLINE = re.compile(r"\r\n?|\n")
_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\r?\n.*?\r?\n\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MARKER_LINE = re.compile(
    r"(?:\[![A-Za-z]+\][^\n]*|!!!\s[^\n]*|\?\?\?\+?\s[^\n]*|:::[^\n]*|\{\{[<%][^\n]*[>%]\}\}|\{:[^\n]*\})\s*(?:\n[\s>]*|\Z)"
)
_OPENINGS = frozenset({"bullet_list_open", "ordered_list_open", "list_item_open"})
_CLOSINGS = frozenset({"bullet_list_close", "ordered_list_close", "list_item_close"})
_TASK = re.compile(r"\[[ xX]\]\s+")


class Shape(StrEnum):
    """What kind of block it is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    ITEM = "item"
    FENCE = "fence"
    ROW = "row"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Block:
    """A block: [start, end) is its own text without markers, for a list or item all of it.

    `level` is a heading's level; `info` a fence's language; `closed` says that a fence has its end mark; `cells`
    are a table row's cells, `header` says that it is the table's head; `quoted` that it stands in a block quote.
    """

    shape: Shape
    start: int
    end: int
    level: int = 0
    info: str = ""
    closed: bool = True
    header: bool = False
    quoted: bool = False
    children: tuple[Block, ...] = ()
    cells: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        """Where it stands."""
        return (self.start, self.end)


def blocks_of(text: str) -> tuple[Block, ...]:
    """Parse a document's text; front matter is passed over, its length kept."""
    hidden = _FRONT_MATTER.match(text)
    body = "\n" * hidden.end() + text[hidden.end() :] if hidden else text
    markdown = MarkdownIt("commonmark", {"maxNesting": 24}).enable("table")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    return _Builder(body, markdown.parse(body)).build()


class _Builder:
    """Turns the parser's flat tokens into a tree with spans."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._lines = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        self._stack: list[tuple[Token, list[Block]]] = []
        self._top: list[Block] = []
        self._quotes = 0

    def build(self) -> tuple[Block, ...]:
        """Walk the tokens once."""
        before = Token("", "", 0)
        for token in self._tokens:
            if token.type in _OPENINGS:
                self._stack.append((token, []))
            elif token.type in _CLOSINGS:
                self._close()
            elif token.type.startswith("blockquote"):
                self._quotes += token.nesting
            else:
                self._leaf(token, before)
            before = token
        return tuple(self._top)

    def _leaf(self, token: Token, before: Token) -> None:
        if token.type == "inline" and before.type in {"heading_open", "paragraph_open"}:
            self._text_block(before, token)
        elif token.type in {"fence", "code_block"}:
            self._add(self._fence(token))
        elif token.type == "tr_open" and token.map:
            self._add(self._row(token, header=before.type == "thead_open"))
        elif token.type in {"html_block", "hr"} and token.map:
            self._add(Block(Shape.OTHER, *self._range(token)))

    def _add(self, block: Block) -> None:
        (self._stack[-1][1] if self._stack else self._top).append(block)

    def _close(self) -> None:
        token, children = self._stack.pop()
        if children:
            shape = Shape.ITEM if token.type == "list_item_open" else Shape.LIST
            self._add(Block(shape, children[0].start, children[-1].end, children=tuple(children)))

    def _line(self, number: int) -> Span:
        start = self._lines[min(number, len(self._lines) - 1)]
        end = self._lines[number + 1] if number + 1 < len(self._lines) else len(self._text)
        return start, end

    def _range(self, token: Token) -> Span:
        first, last = token.map or [0, 1]
        start, end = self._line(first)[0], self._line(max(last - 1, first))[1]
        return start, start + len(self._text[start:end].rstrip())

    def _text_block(self, opener: Token, inline: Token) -> None:
        start, end = self._range(inline)
        line_start, line_end = self._line((inline.map or [0, 1])[0])
        first = inline.content.split("\n", 1)[0].rstrip()
        line = self._text[line_start:line_end]
        found = line.find(first)
        start = line_start + max(found, 0)
        if opener.type == "heading_open":
            level = int(opener.tag[1:])
            self._add(Block(Shape.HEADING, start, start + len(first), level=level))
            return
        marker = _MARKER_LINE.match(self._text, start, end)
        start = marker.end() if marker else start
        task = _TASK.match(self._text, start, end)
        start = task.end() if task else start
        if start < end:
            self._add(Block(Shape.PARAGRAPH, start, end, quoted=self._quotes > 0))

    def _fence(self, token: Token) -> Block:
        first, last = token.map or [0, 1]
        if token.type == "code_block":
            return Block(Shape.FENCE, *self._range(token), quoted=self._quotes > 0)
        closing = self._text[slice(*self._line(last - 1))].strip(" \t\r\n>")
        closed = last - 1 > first and closing.startswith(token.markup)
        start, end = self._line(first)[1], self._line(last - 1)[0 if closed else 1]
        words = token.info.split()
        info = words[0].strip("{}.").lower() if words else ""
        return Block(Shape.FENCE, start, max(start, end), info=info, closed=closed, quoted=self._quotes > 0)

    def _row(self, token: Token, *, header: bool) -> Block:
        start, end = self._line((token.map or [0, 1])[0])
        cells = _cells(self._text, start, start + len(self._text[start:end].rstrip()))
        return Block(Shape.ROW, start, end, header=header, cells=cells)


def _cells(text: str, start: int, end: int) -> tuple[Span, ...]:
    """Split a table row at its pipes, not at escaped ones nor in code; cells within may be empty."""
    cuts, in_code, position = [start - 1], False, start
    while position < end:
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "`":
            in_code = not in_code
        elif character == "|" and not in_code:
            cuts.append(position)
        position += 1
    spans = []
    for left, right in zip(cuts, [*cuts[1:], end], strict=True):
        cell = text[left + 1 : right]
        begin = left + 1 + len(cell) - len(cell.lstrip())
        spans.append((begin, max(begin, begin + len(cell.strip()))))
    outer = [index for index in (0, len(spans) - 1) if spans[index][0] == spans[index][1]]
    return tuple(span for index, span in enumerate(spans) if index not in outer)


def fences_after(blocks: Sequence[Block], index: int) -> tuple[Block, ...]:
    """The code blocks that directly follow a block."""
    end = index + 1
    while end < len(blocks) and blocks[end].shape is Shape.FENCE:
        end += 1
    return tuple(blocks[index + 1 : end])


def has_fence(block: Block) -> bool:
    """Tell whether code stands anywhere below a block."""
    waiting = [block]
    while waiting:
        block = waiting.pop()
        if block.shape is Shape.FENCE:
            return True
        waiting.extend(block.children)
    return False
