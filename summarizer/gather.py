"""The steps of a runbook: condition, action and whole command, in its own order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer.blocks_of import Block, Shape, fences_after, has_fence
from summarizer.commands import commands_in
from summarizer.limits import MAX_CANDIDATES, MAX_COMMAND_LINES, MAX_CONDITION, MAX_QUOTE, MAX_SENTENCE
from summarizer.phrases import (
    destroys,
    is_action,
    is_condition,
    is_furniture,
    is_order,
    is_placeholder,
    is_pointer,
    is_template,
    silences,
)
from summarizer.sections import Section, title_text
from summarizer.sentences import lead, sentences
from summarizer.source import Source, Span
from summarizer.steps import POINTER, REAL, VAGUE, Step
from summarizer.titles import WEAK, Topic, squeezed, topic_of

_BACKWARD = ("This ", "It ", "It's ", "That ", "These ", "They ", "Those ", "Doing so", "Which ")
_CONTINUES = re.compile(
    r"(?:If (?:not|so|yes|no|that|they|it|this)\b|Otherwise\b|Else\b|In (?:this|that|such"
    r"|either|both) case|Then\b|Alternatively\b|Also\b|However\b)"
)
_VACUOUS = re.compile(
    r"(?:please )?(?:follow|perform|do|execute|run|take|use|try|see) (?:the|these) (?:following|below|next|steps"
    r"|instructions|actions)\b(?!.*\b(?:only|unless|if|when|after|before|until|while|exactly)\b)",
    re.IGNORECASE,
)
_TO_CHECK = re.compile(
    r"\b(?:to )?(?:check|verify|try|consider|look (?:for|at)|investigate|do|perform"
    r"|follow)\b[^.]{0,40}:\Z",
    re.IGNORECASE,
)


def steps_in(source: Source, sections: Sequence[Section], *, strict: bool = False) -> list[Step]:
    """Gather the steps of sections, in order; `strict` takes only what is plainly an order."""
    found: list[Step] = []
    for section in sections:
        if len(found) < MAX_CANDIDATES:
            found.extend(_Gatherer(source, section, strict=strict).steps())
    return found[:MAX_CANDIDATES]


class _Gatherer:
    """Reads one section from top to bottom."""

    def __init__(self, source: Source, section: Section, *, strict: bool) -> None:
        self._source = source
        self._text = source.text
        self._section = section
        self._strict = strict
        self._condition: Span | None = None
        self._steps: list[Step] = []
        self._column = -1

    def steps(self) -> list[Step]:
        """Return the section's steps; one whose title is the order itself has at least that."""
        section = self._section
        title = title_text(self._text, section)
        specific = section.level > 0 and title[0] < title[1] and (not section.named or is_order(self._quote(title)))
        order = title if specific and is_order(self._quote(title)) else None
        if specific and title[1] - title[0] <= MAX_CONDITION and not is_furniture(self._quote(title)):
            self._condition = title
        self._blocks(section.blocks, order)
        if not self._steps and order and not self._strict:
            self._condition = None
            self._add(order, ())
        return self._steps

    def _quote(self, span: Span) -> str:
        return self._text[span[0] : span[1]]

    def _blocks(self, blocks: Sequence[Block], intro: Span | None = None) -> None:
        """Read blocks in order; `intro` is a sentence that a code block may belong to."""
        index = 0
        while index < len(blocks) and len(self._steps) < MAX_CANDIDATES:
            block = blocks[index]
            fences = fences_after(blocks, index)
            following = blocks[index + 1 + len(fences)] if index + 1 + len(fences) < len(blocks) else None
            if block.shape is Shape.PARAGRAPH:
                listed = following if not fences and following and following.shape is Shape.LIST else None
                index += self._paragraph(block, fences, listed)
            elif block.shape is Shape.LIST:
                self._list(block, fences)
            elif block.shape is Shape.ROW:
                self._row(block)
            elif block.shape is Shape.FENCE and intro:
                self._add(intro, (block, *fences))
            intro = None
            index += 1 + len(fences)

    def _paragraph(self, block: Block, fences: Sequence[Block], listed: Block | None) -> int:
        """Read a paragraph, the code after it, or the list it leads into; return how many more blocks that took."""
        spans = sentences(self._text, block.span)
        if not spans:
            return 0
        if fences:
            cut = _intro_at(spans)
            self._sentences(spans[:cut])
            self._add((spans[cut][0], spans[-1][1]), fences)
            return 0
        if listed and self._quote(spans[-1]).endswith(":"):
            self._sentences(spans[:-1])
            return self._led(spans[-1], listed)
        self._sentences(spans)
        return 0

    def _led(self, leading: Span, listed: Block) -> int:
        """Read a list that a sentence leads into: together, or its items under the sentence as their condition."""
        words = self._quote(leading)
        acts = sum(is_action(self._quote(item.span)) for item in listed.children)
        ordered = 2 * acts >= len(listed.children) or has_fence(listed)
        long_condition = is_condition(words) and leading[1] - leading[0] > MAX_CONDITION
        if not ordered or long_condition:
            joined = self._with_items(leading, listed)
            if joined:
                acting = is_action(words) or long_condition or _TO_CHECK.search(words) is not None
                self._add(joined, (), REAL if acting else VAGUE)
            return 1
        outer = self._condition
        if is_condition(words) and leading[1] - leading[0] <= MAX_CONDITION:
            self._condition = (leading[0], leading[1] - 1)
        self._list(listed, ())
        self._condition = outer
        return 1

    def _with_items(self, leading: Span, listed: Block) -> Span | None:
        """Stretch a sentence over the first items of its list, as many as fit whole; None when not one does."""
        end = leading[1]
        for item in listed.children:
            if item.end - leading[0] > MAX_QUOTE or has_fence(item):
                break
            end = item.end
        return (leading[0], end) if end > leading[1] else None

    def _sentences(self, spans: Sequence[Span]) -> None:
        """Take what a paragraph says to do; a description goes with the order that follows it."""
        held: Span | None = None
        for span in spans:
            words = self._quote(span)
            acts = is_order(words) or (not self._strict and is_action(words))
            if acts and _CONTINUES.match(words) and self._continue(span):
                held = None
                continue
            if words.startswith(_BACKWARD) and not is_order(words):
                held = None
                continue
            if not acts:
                held = (held[0], span[1]) if held and span[1] - held[0] <= MAX_QUOTE else span
                continue
            start = held[0] if held and self._belongs(held, span) else span[0]
            self._add((start, span[1]), ())
            held = None
        if held and not self._strict and not self._steps:
            self._add(held, (), VAGUE)

    def _continue(self, span: Span) -> bool:
        """Stretch the last step over a sentence that only makes sense after it."""
        last = self._steps[-1] if self._steps else None
        if last is None or last.commands or not re.fullmatch(r"\s*", self._text[last.span[1] : span[0]]):
            return False
        if span[1] - last.span[0] > MAX_SENTENCE:
            return True
        self._steps.pop()
        self._add((last.span[0], span[1]), (), last.rank)
        return True

    def _belongs(self, held: Span, span: Span) -> bool:
        words = self._quote(held)
        return span[1] - held[0] <= MAX_QUOTE and not (
            is_placeholder(words) or is_pointer(words) or is_furniture(words)
        )

    def _list(self, block: Block, fences: Sequence[Block]) -> None:
        """Read the items of a list; code that follows it belongs to the last."""
        for number, item in enumerate(block.children):
            if len(self._steps) >= MAX_CANDIDATES:
                return
            last = number == len(block.children) - 1
            self._item((*item.children, *fences) if last else item.children)

    def _row(self, row: Block) -> None:
        """Read a row of a table that has a column for what to do; its first cell is the condition."""
        if row.header:
            topics = [topic_of(self._quote(cell)) for cell in row.cells]
            acts = [number for number, topic in enumerate(topics) if topic.topic is Topic.FIX and topic.weight > WEAK]
            self._column = acts[0] if acts else -1
        elif 0 < self._column < len(row.cells) and self._acts(self._quote(row.cells[self._column])):
            outer, self._condition = self._condition, row.cells[0]
            self._add(row.cells[self._column], ())
            self._condition = outer

    def _acts(self, words: str) -> bool:
        """Tell whether words in a place for steps are one; elsewhere they must say what to do."""
        return not self._strict or is_action(words)

    def _item(self, children: Sequence[Block]) -> None:
        if not children or children[0].shape is not Shape.PARAGRAPH:
            self._blocks(children)
            return
        spans = sentences(self._text, children[0].span)
        fences = fences_after(children, 0)
        rest = children[1 + len(fences) :]
        if not spans or (self._strict and not fences and not is_action(self._quote(children[0].span))):
            return
        if fences:
            cut = _intro_at(spans)
            self._add((spans[cut][0], spans[-1][1]), fences)
        elif self._quote(spans[-1]).endswith(":") and rest and rest[0].shape is Shape.LIST:
            self._parent(spans, rest[0])
            rest = rest[1:]
        else:
            span = lead(spans, most=4)
            if span:
                self._add(span, ())
        self._blocks([child for child in rest if child.shape is not Shape.LIST or has_fence(child)])

    def _parent(self, spans: Sequence[Span], listed: Block) -> None:
        """Read an item that only makes sense with the items below it."""
        whole = (spans[0][0], spans[-1][1])
        joined = self._with_items(whole, listed) or self._with_items(spans[-1], listed)
        if joined:
            self._add(joined, ())
            return
        outer = self._condition
        if spans[-1][1] - spans[-1][0] <= MAX_CONDITION:
            self._condition = (spans[-1][0], spans[-1][1] - 1)
            self._list(listed, ())
        self._condition = outer

    def _add(self, span: Span, fences: Sequence[Block], rank: int = REAL) -> None:
        """Add a step unless it cannot be shown whole, stands in for one, or says nothing."""
        commands: list[Span] = []
        for fence in fences:
            found = commands_in(self._text, fence)
            if not found.sure:
                return
            commands.extend(found.spans)
        lines = sum(self._text.count("\n", *command) + 1 for command in commands)
        words = self._quote(span)
        if lines > MAX_COMMAND_LINES or not self._fit(span, words, bool(commands)):
            return
        if is_pointer(words) and not commands:
            rank = POINTER
        condition = self._condition if self._condition and self._condition[0] < span[0] else None
        if condition and squeezed(words).startswith(squeezed(self._quote(condition))):
            condition = None
        everything = " ".join([words, *map(self._quote, commands), *([self._quote(condition)] if condition else [])])
        step = Step(
            words=" ".join(words.split()),
            span=span,
            commands=tuple(commands),
            condition=condition,
            rank=rank,
            fixes=self._section.topic is Topic.FIX,
            silences=silences(words),
            destructive=destroys(everything),
        )
        self._steps.append(step)

    def _fit(self, span: Span, words: str, has_commands: bool) -> bool:
        if span[1] - span[0] > MAX_SENTENCE or len(words.split()) < 2 or not self._source.whole(span):
            return False
        if "\n>" in words.replace(" ", "") or (words.endswith(":") and not has_commands):
            return False
        if _VACUOUS.match(words) and not has_commands and not is_pointer(words):
            return False
        return not (is_placeholder(words) or is_template(words) or is_furniture(words))


def _intro_at(spans: Sequence[Span]) -> int:
    """Where the sentences begin that lead into a code block: as many of the last as fit."""
    cut = len(spans) - 1
    while cut > 0 and spans[-1][1] - spans[cut - 1][0] <= MAX_QUOTE:
        cut -= 1
    return cut
