"""A document's parts, however they are marked: by heading, bold lead-in, `Label:` item or table row."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from summarizer.blocks_of import Block, Shape
from summarizer.source import Source, Span
from summarizer.titles import WEAK, Title, Topic, plain, squeezed, topic_of

Topics = Callable[[str], Title]
"""Tells what a title announces."""

_BOLD = re.compile(r"(?:\*\*|__)(?P<title>[^*\n]{1,60}?)\s*(?P<inner>[:.]?)\s*(?:\*\*|__)\s*(?P<outer>[:–—-]?)\s*")
_ITALIC = re.compile(r"(?:\*|_)(?P<title>[^*_\n]{1,40}?)\s*(?P<inner>:?)\s*(?:\*|_)\s*(?P<outer>:?)\s*")
_PLAIN = re.compile(r"(?P<title>[A-Z][\w /'-]{1,40}?)\s?(?P<inner>)(?P<outer>:)(?:\s+|\Z)")
_LEAD_LINE = re.compile(r"\n[ \t>]*(?=(?:\*\*|__)[^*\n]{1,60}(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:))")
_NUMBERED = re.compile(r"(?:[\W_]*\d+(?:\.\d+)*[.):]\s+|(?i:step|option)\s+\d+\s*[:.)–—-]\s*)")
_EDGES = "*_# :\t"
_BY_NAME = 8
"""From this weight on a title names its topic."""
_LONE, _LEADING, _LABEL = 7, 8, 9


@dataclass(frozen=True, slots=True)
class Section:
    """A titled stretch of a document. `named` says that its own title announces its topic.

    `level` is 1 to 6 for a heading, 7 for a line in bold, 8 for a lead-in, 9 for a label; 0 is what stands before
    any title. `topic` is inherited from the title above where its own says nothing.
    """

    title: Span
    level: int
    topic: Topic
    weight: int
    named: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Lead:
    """A title found at the head of a paragraph, and where the text after it begins."""

    title: Span
    rest: int
    topic: Title


def sections_of(text: str, blocks: Sequence[Block], topics: Topics = topic_of) -> tuple[Section, ...]:
    """Divide blocks into sections, in the document's order."""
    divider = _Divider(text, topics)
    heads = [index for index, block in enumerate(blocks) if _heading(block)]
    first = heads[0] if heads else -1
    named = len(heads) > 1 and (
        blocks[first].level == 1 or all(blocks[first].level < blocks[i].level for i in heads[1:])
    )
    for index, block in enumerate(blocks):
        divider.take(
            block, names=index == first and (named or topics(text[block.start : block.end]).topic is Topic.NONE)
        )
    return divider.done()


def _heading(block: Block) -> bool:
    return block.shape is Shape.HEADING


class _Divider:
    """Collects blocks under the newest title."""

    def __init__(self, text: str, topics: Topics) -> None:
        self._text = text
        self._topics = topics
        self._open: list[Section] = []
        self._current = Section((0, 0), 0, Topic.NONE, 0, False, ())
        self._blocks: list[Block] = []
        self._done: list[Section] = []

    def take(self, block: Block, *, names: bool) -> None:
        """Add one block of the document's top level; `names` says that it is the heading that names it all."""
        if block.shape is Shape.HEADING:
            title = self._topics(self._text[block.start : block.end])
            if names and title.weight < 10:
                self._begin((block.start, block.start), block.level, Title(Topic.NONE))
            else:
                self._begin(block.span, block.level, title)
        elif block.shape is Shape.PARAGRAPH:
            for piece in self._pieces(block):
                self._paragraph(piece)
        elif block.shape is Shape.LIST and self._labelled(block):
            self._list(block)
        elif block.shape is Shape.ROW:
            self._row(block)
        else:
            self._blocks.append(block)

    def done(self) -> tuple[Section, ...]:
        """Return every section, with the empty ones."""
        self._close()
        return tuple(self._done)

    def _close(self) -> None:
        if self._blocks or self._current.level:
            self._done.append(replace(self._current, blocks=tuple(self._blocks)))
        self._blocks = []

    def _begin(self, title: Span, level: int, topic: Title) -> None:
        self._close()
        while self._open and self._open[-1].level >= level:
            self._open.pop()
        above = self._open[-1] if self._open else None
        named = topic.topic is not Topic.NONE
        if not named and above:
            topic = Title(above.topic, above.weight)
        self._current = Section(title, level, topic.topic, topic.weight, named, ())
        self._open.append(self._current)

    def _pieces(self, block: Block) -> Iterable[Block]:
        """Cut a paragraph before each of its lines that begins with a bold label."""
        start = block.start
        for match in _LEAD_LINE.finditer(self._text, block.start, block.end):
            yield replace(block, start=start, end=start + len(self._text[start : match.start()].rstrip(" \t\\")))
            start = match.end()
        yield replace(block, start=start)

    def _paragraph(self, block: Block) -> None:
        lead = self._lead(block.span)
        if lead is None:
            self._blocks.append(block)
            return
        alone = lead.rest >= block.end
        self._begin(lead.title, _LONE if alone else _LEADING, lead.topic)
        if not alone:
            self._blocks.append(replace(block, start=lead.rest))

    def _lead(self, span: Span, *, loose: bool = False) -> _Lead | None:
        """Find a title at the head of a paragraph; `loose` also takes labels in italics."""
        for pattern in (_BOLD, _PLAIN, *((_ITALIC,) if loose else ())):
            match = pattern.match(self._text, *span)
            if match is None:
                continue
            topic = self._topics(match["title"])
            alone = match.end() >= span[1]
            marked = bool(match["inner"] or match["outer"])
            known = topic.weight > WEAK and marked and len(match["title"].split()) <= 6
            bold_line = pattern is _BOLD and alone and len(match["title"].split()) <= 8 and not loose
            if known or bold_line:
                return _Lead(match.span("title"), match.end(), topic)
        return None

    def _labelled(self, block: Block) -> bool:
        """Tell whether a list is made of labels ("Impact: …"), outside the parts that list steps."""
        if self._current.topic in {Topic.DIAGNOSIS, Topic.FIX} and self._current.named:
            return False
        return any(self._item_lead(item) for item in block.children)

    def _item_lead(self, item: Block) -> _Lead | None:
        if not item.children or item.children[0].shape is not Shape.PARAGRAPH:
            return None
        lead = self._lead(item.children[0].span, loose=True)
        return lead if lead and (lead.rest < item.children[0].end or len(item.children) > 1) else None

    def _list(self, block: Block) -> None:
        outer = self._current
        plain_items: list[Block] = []
        for item in block.children:
            lead = self._item_lead(item)
            if lead is None:
                plain_items.append(item)
                continue
            self._begin(lead.title, _LABEL, lead.topic)
            body = replace(item.children[0], start=lead.rest)
            self._blocks.extend([*([body] if body.start < body.end else []), *item.children[1:]])
        self._resume(outer)
        if plain_items:
            whole = replace(block, start=plain_items[0].start, end=plain_items[-1].end, children=tuple(plain_items))
            self._blocks.append(whole)

    def _row(self, block: Block) -> None:
        """A row whose first cell is a known label is that label's section; other rows stay rows."""
        topic = self._topics(self._text[slice(*block.cells[0])]) if len(block.cells) == 2 else Title(Topic.NONE)
        if block.header or topic.topic is Topic.NONE:
            self._blocks.append(block)
            return
        outer = self._current
        self._begin(block.cells[0], _LABEL, topic)
        self._blocks.append(Block(Shape.PARAGRAPH, *block.cells[1]))
        self._resume(outer)

    def _resume(self, outer: Section) -> None:
        """Go back to the section that labels stood in."""
        self._close()
        while self._open and self._open[-1].level > outer.level:
            self._open.pop()
        self._current = replace(outer, blocks=())


def title_text(text: str, section: Section) -> Span:
    """Return a section's title without numbering, marks and colon."""
    start, end = section.title
    numbered = _NUMBERED.match(text, start, end)
    start = numbered.end() if numbered else start
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def scoped(source: Source, blocks: Sequence[Block], names: Sequence[str]) -> Sequence[Block]:
    """Return the part of a document that is about an alert; all of it when it is about that alert alone.

    A document for several alerts has a heading that names each, or repeats its parts under several headings: then
    the one whose passages answer best is taken.
    """
    heads = [index for index, block in enumerate(blocks) if _heading(block)]
    ends = _ends(blocks, heads)
    for name in names:
        matches = [index for index in heads if _names(source.text[slice(*blocks[index].span)], name)]
        for index in sorted(matches, key=lambda index: (_spare(source, blocks[index], name), index)):
            part = blocks[index : ends[index]]
            if len(part) > 1 and not (index == heads[0] and len(part) >= len(blocks) - index):
                return part
        row = next((each for each in blocks if each.shape is Shape.ROW and _is_named_by(source, each, name)), None)
        if row:
            return _as_sections(blocks, row)
    return _best_of_repeated(source, blocks, ends)


def _is_named_by(source: Source, row: Block, name: str) -> bool:
    first = source.text[slice(*row.cells[0])] if row.cells and not row.header else ""
    return len(squeezed(name)) > 3 and squeezed(first) == squeezed(name)


def _as_sections(blocks: Sequence[Block], row: Block) -> list[Block]:
    """Read a row of a table with a row for each alert: each column's head is the title of its cell."""
    heads = [block for block in blocks if block.shape is Shape.ROW and block.header and block.start < row.start]
    found: list[Block] = []
    for head, cell in zip(heads[-1].cells[1:] if heads else (), row.cells[1:], strict=False):
        found.extend([Block(Shape.HEADING, *head, level=2), Block(Shape.PARAGRAPH, *cell)])
    return found


def _names(title: str, name: str) -> bool:
    wanted = squeezed(name)
    return len(wanted) > 3 and wanted in squeezed(title)


def _spare(source: Source, block: Block, name: str) -> int:
    """How much more than the name a heading says."""
    return len(squeezed(source.text[slice(*block.span)])) - len(squeezed(name))


def _ends(blocks: Sequence[Block], heads: Sequence[int]) -> dict[int, int]:
    """For each heading, where the part below it ends: at the next heading of its level or above."""
    ends = dict.fromkeys(heads, len(blocks))
    waiting: list[int] = []
    for index in heads:
        while waiting and blocks[waiting[-1]].level >= blocks[index].level:
            ends[waiting.pop()] = index
        waiting.append(index)
    return ends


def _best_of_repeated(source: Source, blocks: Sequence[Block], ends: dict[int, int]) -> Sequence[Block]:
    """Choose among parts of equal level that each say what they mean or what they harm."""
    titles = {index: source.text[slice(*blocks[index].span)] for index in ends}
    telling = {Topic.MEANING, Topic.IMPACT}
    told = [
        index
        for index in ends
        if topic_of(titles[index]).topic in telling and topic_of(titles[index]).weight >= _BY_NAME
    ]
    if len({plain(titles[index]) for index in told}) == len(told):
        return blocks
    for level in sorted({blocks[index].level for index in ends}):
        parts = [(index, end) for index, end in ends.items() if blocks[index].level == level]
        holding = [part for part in parts if bisect_right(told, part[0]) < bisect_left(told, part[1])]
        if len(holding) > 1:
            best = max(holding, key=lambda part: (_score(source, blocks[part[0] : part[1]]), -part[0]))
            return blocks[best[0] : best[1]]
    return blocks


def _score(source: Source, part: Sequence[Block]) -> float:
    return source.score((part[0].start, part[-1].end))
