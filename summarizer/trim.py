"""What of a passage a model needs: the sentences that say something of the matter, and its commands with their intro.

The fewest tokens that carry a passage. Nothing is rewritten: what stays is the document's own text, in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.document import Chunk, Kind
from summarizer.blocks_of import Block, Shape, blocks_of
from summarizer.commands import commands_in
from summarizer.phrases import is_action, is_furniture, is_placeholder, is_pointer, is_remark, is_template
from summarizer.sentences import sentences
from summarizer.source import Span
from summarizer.titles import Title, Topic, past_topic_of, topic_of
from summarizer.wording import content

_MOST_TOLD = {Topic.MEANING: 3, Topic.IMPACT: 2, Topic.CAUSE: 2, Topic.DURATION: 1, Topic.NONE: 1}
"""Sentences of a part that only tells; what is to be done is kept beyond them."""
_LONGEST_FENCE = 1_200


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch that is kept or left whole: `heading` goes with what stands below it, `code` with what precedes."""

    span: Span
    topic: Topic
    heading: bool = False
    code: bool = False
    acts: bool = False


def needed(chunk: Chunk) -> tuple[Span, ...]:
    """Return the stretches of a chunk's text that are worth a model's while, in order and not touching."""
    return joined(chunk.text, pieces(chunk))


def pieces(chunk: Chunk) -> tuple[Span, ...]:
    """Return the same sentence by sentence: a code block stays whole."""
    text = chunk.text
    topics = past_topic_of if chunk.meta.kind is Kind.POSTMORTEM else topic_of
    topic = topics(chunk.headings[-1] if chunk.headings else "").topic
    units = list(_units(text, blocks_of(text), topic, topics))
    return tuple(_kept(text, units, chunk.meta.kind))


def _units(text: str, blocks: Sequence[Block], topic: Topic, topics: Callable[[str], Title]) -> Iterator[_Unit]:
    for block in blocks:
        if block.shape is Shape.HEADING:
            topic = topics(_of(text, block.span)).topic
            yield _Unit(block.span, topic, heading=True)
        elif block.shape is Shape.PARAGRAPH:
            for span in sentences(text, block.span):
                yield _Unit(span, topic, acts=is_action(_of(text, span)))
        elif block.shape in {Shape.LIST, Shape.ITEM}:
            yield from _units(text, block.children, topic, topics)
        elif _is_whole(text, block):
            is_code = block.shape is Shape.FENCE
            yield _Unit(_with_marks(text, block) if is_code else block.span, topic, code=is_code)


def _is_whole(text: str, block: Block) -> bool:
    """Tell whether a block is one that is shown whole: commands, or a row of a table below its head."""
    if block.shape is Shape.FENCE:
        return block.end - block.start <= _LONGEST_FENCE and bool(commands_in(text, block).spans)
    return block.shape is Shape.ROW and not block.header


def _of(text: str, span: Span) -> str:
    return text[span[0] : span[1]]


def _with_marks(text: str, fence: Block) -> Span:
    """A code block with the lines that open and close it, so that it is one still."""
    start = text.rfind("\n", 0, max(fence.start - 1, 0)) + 1
    if not text[start : fence.start].lstrip(" \t>").startswith(("```", "~~~")):
        return fence.span
    end = text.find("\n", fence.end)
    return (start, len(text) if end < 0 else end)


def _kept(text: str, units: Sequence[_Unit], kind: Kind) -> list[Span]:
    told: dict[int, int] = {}
    part, kept, heading = 0, list[Span](), None
    for place, unit in enumerate(units):
        if unit.heading:
            part, heading = part + 1, unit.span
            continue
        leads = place + 1 < len(units) and units[place + 1].code
        if not (unit.code or leads or _worth(text, unit, told.get(part, 0), kind)):
            continue
        told[part] = told.get(part, 0) + (not unit.code and not unit.acts)
        kept += [heading] if heading else []
        heading = None
        kept.append(unit.span)
    return kept


def _worth(text: str, unit: _Unit, told: int, kind: Kind) -> bool:
    words = _of(text, unit.span)
    if unit.topic is Topic.ASIDE or is_pointer(words) or is_placeholder(words) or is_furniture(words):
        return False
    if is_template(words) or not content(words):
        return False
    if unit.acts and kind is Kind.RUNBOOK and not is_remark(words):
        return True
    return told < _MOST_TOLD.get(unit.topic, 2)


def joined(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join stretches that only white space and list marks part."""
    found: list[Span] = []
    for start, end in sorted(spans):
        start = _line_mark(text, start)
        if found and not text[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], end)
        elif not found or start >= found[-1][1]:
            found.append((start, end))
    return tuple(found)


def _line_mark(text: str, start: int) -> int:
    """Take in the mark of a list item or heading that stands before a stretch on its line."""
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start].strip()
    return line if before and len(before) <= 6 and not any(mark.isalpha() for mark in before) else start
