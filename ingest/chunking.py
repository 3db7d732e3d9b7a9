"""Documents into chunks: cut between blocks, by headings, each an exact stretch of the stored text.

The chunks of a document tile its body: every character that is neither blank nor front matter lies in exactly one
chunk, in order. A code block, a table or a list item with all that is nested in it is only cut when it alone is longer
than `HARD_MAXIMUM`, and what announces a block ("Run the following:") stays with it.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.document import Chunk, Document
from ingest.blocks import Block, BlockKind, Outline, outline
from ingest.frontmatter import body_offset

CHUNKER_VERSION = "1"
"""Part of an index's fingerprint: raise it with every change that moves a boundary or a heading path."""

TARGET = 1000
"""Characters a chunk is filled up to: about the 256 tokens that the bundled embedding model sees."""

HARD_MAXIMUM = 2000
"""Characters beyond which even a single block is cut, at lines where it has any; a short lead-in may come on top."""

TINY = 250
"""Characters below which a section is merged with a neighbour under the same parent."""

_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and the blocks up to the next one. `root` and `path` are positions of headings, outermost first."""

    path: tuple[int, ...]
    level: int
    blocks: list[Block]

    @property
    def bare(self) -> bool:
        """Nothing but headings."""
        return all(block.kind is BlockKind.HEADING for block in self.blocks)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A chunk in the making: its span, the headings all of it stands under, and the section it opens with.

    `whole` says that it holds whole sections only, so that it may take in a neighbour.
    """

    start: int
    end: int
    path: tuple[int, ...]
    root: tuple[int, ...]
    whole: bool
    bare: bool


def chunk(document: Document) -> tuple[Chunk, ...]:
    """Cut a document into chunks, in order; none for a document without a body."""
    text = document.text
    plan = outline(text, body_offset(text))
    sections = _joined(_sections(plan.blocks))
    drafts = _merged(draft for section in sections for draft in _drafts(section, plan, text))
    titles = _titles(plan.blocks, document.meta.title)
    return tuple(_chunk(document, ordinal, draft, titles) for ordinal, draft in enumerate(drafts))


def chunk_id(document_id: str, start: int, end: int, text: str) -> str:
    """Return the UUID that a document's id, a span and its text always give."""
    digest = hashlib.sha256(f"{document_id}\0{start}\0{end}\0{text}".encode())
    return str(uuid.UUID(bytes=digest.digest()[:16], version=5))


def _chunk(document: Document, ordinal: int, draft: _Draft, titles: dict[int, str]) -> Chunk:
    """Make the chunk that a draft describes."""
    text = document.text[draft.start : draft.end]
    headings = tuple(titles[start] for start in draft.path if titles[start])
    identity = chunk_id(document.meta.id, draft.start, draft.end, text)
    return Chunk(identity, document.meta, ordinal, draft.start, draft.end, text, headings)


def _titles(blocks: Sequence[Block], title: str) -> dict[int, str]:
    """Return each heading's words by where it starts; "" for the one that is the document's own title.

    That is the first H1 that says the title, blanks and case aside, or else the only H1.
    """
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    tops = [block for block in headings if block.level == 1]
    same = [block for block in tops if _letters(block.title) == _letters(title)]
    own = same[:1] or (tops if len(tops) == 1 else [])
    return {block.start: "" if block in own else block.title for block in headings}


def _letters(words: str) -> str:
    """Return a title reduced to what two spellings of it share."""
    return _NOT_A_WORD.sub("", words).casefold()


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    """Split blocks at headings and give each part its path of headings."""
    open_headings: list[Block] = []
    part: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            if part:
                yield _section(open_headings, part)
            part = []
            open_headings = [heading for heading in open_headings if heading.level < block.level] + [block]
        part.append(block)
    if part:
        yield _section(open_headings, part)


def _section(headings: Sequence[Block], blocks: list[Block]) -> _Section:
    """Make a section; text before the first heading has level 0."""
    return _Section(tuple(heading.start for heading in headings), headings[-1].level if headings else 0, blocks)


def _joined(sections: Iterable[_Section]) -> Iterator[_Section]:
    """Put a heading with nothing under it before the section that follows, unless that closes its parent."""
    waiting: _Section | None = None
    for section in sections:
        if waiting and section.level >= waiting.level:
            waiting.blocks.extend(section.blocks)
            section = _Section(section.path, section.level, waiting.blocks)
        elif waiting:
            yield waiting
        waiting = section if all(block.kind is BlockKind.HEADING for block in section.blocks[-1:]) else None
        if waiting is None:
            yield section
    if waiting:
        yield waiting


def _drafts(section: _Section, plan: Outline, text: str) -> Iterator[_Draft]:
    """Cut one section into drafts of about `TARGET` characters; a short tail stays with the part before it."""
    spans: list[tuple[int, int]] = []
    for start, end in _pieces(section.blocks, plan, text):
        if spans and end - spans[-1][0] <= TARGET:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    if len(spans) > 1 and spans[-1][1] - spans[-1][0] < TINY and spans[-1][1] - spans[-2][0] <= HARD_MAXIMUM:
        spans[-2:] = [(spans[-2][0], spans[-1][1])]
    for start, end in spans:
        yield _Draft(start, end, section.path, section.path, whole=len(spans) == 1, bare=section.bare)


def _pieces(blocks: Sequence[Block], plan: Outline, text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans that stay in one chunk: blocks bound to each other as long as `HARD_MAXIMUM` allows.

    A heading or a short lead-in stays with its block even if the two together are longer by less than `TINY`.
    """
    start, end, too_long = blocks[0].start, blocks[0].end, _too_long(blocks[0])
    for before, block in zip(blocks, blocks[1:], strict=False):
        if _bound(before, block) and (block.end - start <= HARD_MAXIMUM or end - start < TINY):
            end, too_long = block.end, too_long or _too_long(block)
            continue
        yield from _cut(start, end, plan, text) if too_long else [(start, end)]
        start, end, too_long = block.start, block.end, _too_long(block)
    yield from _cut(start, end, plan, text) if too_long else [(start, end)]


def _too_long(block: Block) -> bool:
    """Tell whether a block has to be cut although nothing but itself is in it."""
    return block.end - block.start > HARD_MAXIMUM


def _bound(before: Block, block: Block) -> bool:
    """Tell whether two neighbours lose their sense apart."""
    if before.kind is BlockKind.HEADING or before.leads:
        return True
    if block.trails or block.kind is BlockKind.REFERENCE:
        return True
    speaks = before.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)
    return speaks and (block.kind in (BlockKind.CODE, BlockKind.TABLE) or block.first)


def _cut(start: int, end: int, plan: Outline, text: str) -> Iterator[tuple[int, int]]:
    """Yield a span in parts of at most `HARD_MAXIMUM` characters: at nested blocks, lines, blanks, or anywhere."""
    while end - start > HARD_MAXIMUM:
        limit = start + HARD_MAXIMUM
        cut = plan.cut(start, limit)
        if cut == start:
            cut = _blank(text, start, limit)
        head = text[start:cut].rstrip()
        if head:
            yield start, start + len(head)
        start = cut
    if text[start:end].strip():
        yield start, end


def _blank(text: str, start: int, limit: int) -> int:
    """Return the offset behind the last blank in a stretch of one long line, or `limit` where there is none."""
    words = text[start:limit].rsplit(maxsplit=1)
    return limit - len(words[1]) if len(words) == 2 and not text[limit - 1].isspace() else limit


def _merged(drafts: Iterable[_Draft]) -> list[_Draft]:
    """Merge tiny sections with a neighbour under the same parent, and headings without text with what they follow."""
    merged: list[_Draft] = []
    for draft in drafts:
        if merged and _mergeable(merged[-1], draft):
            last = merged.pop()
            path = tuple(a for a, b in zip(last.path, draft.path, strict=False) if a == b)
            draft = _Draft(last.start, draft.end, path, last.root, last.whole and draft.whole, last.bare and draft.bare)
        merged.append(draft)
    return merged


def _mergeable(last: _Draft, draft: _Draft) -> bool:
    """Tell whether two neighbouring drafts are better read as one."""
    size = draft.end - last.start
    if (draft.bare or last.bare) and draft.root != last.root:
        return size <= HARD_MAXIMUM
    if not (last.whole and draft.whole and draft.root) or size > TARGET:
        return False
    family = draft.root[:-1] in (last.root, last.root[:-1])
    return family and min(last.end - last.start, draft.end - draft.start) < TINY
