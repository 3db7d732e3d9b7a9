"""Markdown as blocks with exact character spans: the ground that chunks are cut from.

The grammar is CommonMark 0.31 with GitHub's tables, as markdown-it-py reads it. Its line numbers are mapped onto the
text as it is stored: the parser normalises newlines and NUL in a copy of its own, which moves no line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

_NEWLINE = re.compile(r"\r\n?|\n")
_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_INLINE = MarkdownIt("commonmark")
_HEADING_ATTRIBUTES = re.compile(r"\s*\{[#:.][^{}]*\}\s*$")
_HEADING_CHARACTERS = 300
_LEAD_IN = re.compile(r"(:[*_`\s]*|^\s*(\*\*|__)[^*_]+(\*\*|__)\s*)$")
_OPENING = re.compile(r"^\s*(<!--|<[A-Za-z]|\{\{[<%]\s*[^/\s])[\s\S]*[>}]\s*$")
_CLOSING = re.compile(r"^\s*(</|\{\{[<%]\s*/)")


class BlockKind(StrEnum):
    """What a block of a document is; `OTHER` is quotes, rules and raw HTML."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"
    TABLE = "table"
    REFERENCE = "reference"
    OTHER = "other"


_KINDS = {
    "heading_open": BlockKind.HEADING,
    "paragraph_open": BlockKind.PARAGRAPH,
    "list_item_open": BlockKind.ITEM,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "table_open": BlockKind.TABLE,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a document that belong together: characters [start, end) of its text.

    `level` and `title` are a heading's, the title without its markup. `leads` says that the block announces the next
    one ("Run:"), `trails` that it closes the one before. `first` marks the first item of a list.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    title: str = ""
    leads: bool = False
    trails: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's blocks in order, and where its text may be cut when one block is too long.

    `lines` are the offsets at which lines begin, `inner` those of them at which a nested block begins.
    """

    blocks: tuple[Block, ...]
    lines: tuple[int, ...]
    inner: tuple[int, ...]

    def cut(self, start: int, limit: int) -> int:
        """Return the best offset in (start, limit] to cut at, or `start` where there is none.

        That is the last nested block in the second half of the stretch, else the last line.
        """
        for offsets, least in ((self.inner, (start + limit) // 2), (self.lines, start)):
            position = bisect_right(offsets, limit) - 1
            if position >= 0 and offsets[position] > least:
                return offsets[position]
        return start


def outline(text: str, body: int = 0) -> Outline:
    """Return the blocks of `text` from offset `body` on; together they hold every character that is not blank."""
    lines = _Lines.of(text, body)
    tokens = _BLOCKS.parse(text[body:])
    inner = sorted({token.map[0] for token in tokens if token.map and token.type != "inline"})
    blocks = tuple(_blocks(tokens, lines))
    return Outline(blocks, tuple(lines.starts), tuple(lines.starts[number] for number in inner))


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where the lines of a text begin and end, the newline left out."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str, body: int) -> _Lines:
        """Find the lines from offset `body` on as CommonMark defines them: ended by CR LF, LF or CR."""
        breaks = list(_NEWLINE.finditer(text, body))
        starts = [body, *(newline.end() for newline in breaks)]
        return cls(text, starts, [*(newline.start() for newline in breaks), len(text)])

    def span(self, begin: int, end: int) -> tuple[int, int] | None:
        """Return the characters of lines [begin, end) without blank lines around them; None when all are blank."""
        while begin < end and self._blank(begin):
            begin += 1
        while begin < end and self._blank(end - 1):
            end -= 1
        return (self.starts[begin], self.ends[end - 1]) if begin < end else None

    def _blank(self, number: int) -> bool:
        """Tell whether a line holds nothing to read."""
        return not self.text[self.starts[number] : self.ends[number]].strip()


def _blocks(tokens: list[Token], lines: _Lines) -> Iterator[Block]:
    """Yield the blocks in order; lines that no token covers (link definitions) are blocks of their own."""
    reached = 0
    for token, begin, end, content in _top(tokens):
        yield from _references(lines, reached, begin)
        span = lines.span(max(begin, reached), end)
        if span:
            yield _block(token, span, lines.text, content)
        reached = max(reached, end)
    yield from _references(lines, reached, len(lines.starts))


def _top(tokens: list[Token]) -> Iterator[tuple[Token, int, int, str]]:
    """Yield the outermost blocks and, instead of a list, its items: token, first line, line after, inline content."""
    lists = ("bullet_list_open", "ordered_list_open")
    in_list = False
    for position, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            in_list = token.type in lists
        wanted = token.level == (1 if in_list else 0) and token.nesting >= 0
        if wanted and token.map and token.type != "inline" and token.type not in lists:
            following = tokens[position + 1] if token.nesting == 1 else token
            if token.type == "list_item_open":
                token.meta = {"first": tokens[position - 1].type in lists}
            yield token, token.map[0], token.map[1], following.content


def _references(lines: _Lines, begin: int, end: int) -> Iterable[Block]:
    """Return the lines [begin, end) as one block of link definitions, if they hold anything."""
    span = lines.span(begin, end)
    return [Block(BlockKind.REFERENCE, *span)] if span else []


def _block(token: Token, span: tuple[int, int], text: str, content: str) -> Block:
    """Make the block of one outermost token."""
    kind = _KINDS.get(token.type, BlockKind.OTHER)
    if kind is BlockKind.HEADING:
        return Block(kind, *span, level=int(token.tag[1]), title=plain(content))
    if kind in (BlockKind.CODE, BlockKind.TABLE):
        return Block(kind, *span)
    last_line = text[text.rfind("\n", span[0], span[1]) + 1 if kind is BlockKind.ITEM else span[0] : span[1]]
    edge = last_line[-_HEADING_CHARACTERS:]
    markup = kind is BlockKind.OTHER or edge.lstrip().startswith("{{")
    leads = bool(_OPENING.match(edge)) if markup else bool(_LEAD_IN.search(edge))
    trails = markup and bool(_CLOSING.match(edge))
    return Block(kind, *span, leads=leads, trails=trails, first=bool(token.meta.get("first")))


def plain(markdown: str) -> str:
    """Return one line of Markdown as a reader sees it: without markup, attributes and surplus blanks."""
    stripped = _HEADING_ATTRIBUTES.sub("", markdown[:_HEADING_CHARACTERS])
    words: list[str] = []
    for token in _INLINE.parseInline(stripped)[0].children or []:
        if token.type in ("text", "code_inline", "image"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
    return " ".join("".join(words).split())
