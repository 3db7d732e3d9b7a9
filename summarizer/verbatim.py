"""Finds a command in a passage word for word: whole lines of a code block that the runbook does not warn of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from summarizer.blocks_of import Block, Shape, blocks_of
from summarizer.commands import commands_in
from summarizer.source import Span

_WARNS = re.compile(
    r"\b(?:do not|don['’]t|never|(?:must|should)(?: not|n['’]t)|avoid|wrong|unsafe|forbidden|instead of)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"(?:\\|\||&&)\s*\Z")
_COMPOUND = re.compile(r"<<|\b(?:do|then|done|fi|esac)\b|[{}]\s*$", re.MULTILINE)


def find_command(text: str, command: str) -> Span | None:
    """Return where a command stands in a passage's text, or None where it does not stand there whole.

    A command is what the extractive summary would take for one too: lines of a code block without their prompt, never
    sample output, never a part of a line. One whose introduction warns of it is not found.
    """
    for fence, before in _fences(blocks_of(text), ""):
        if _WARNS.search(_last_sentence(text, before)):
            continue
        for span in commands_in(text, fence).spans:
            found = _within(text, span, command)
            if found is not None:
                return found
    return None


def _fences(blocks: Iterable[Block], before: str | Block) -> Iterable[tuple[Block, str | Block]]:
    """Yield every code block with the block that stands before it."""
    for block in blocks:
        if block.shape is Shape.FENCE:
            yield block, before
        else:
            yield from _fences(block.children, before)
            before = block


def _last_sentence(text: str, before: str | Block) -> str:
    if isinstance(before, str) or before.shape is Shape.HEADING:
        return ""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text[before.start : before.end].strip())[-1]


def _within(text: str, span: Span, command: str) -> Span | None:
    """Return the span of a command that is this run of lines, or whole lines of it that stand by themselves."""
    start, end = span
    if command in (text[start:end], _dedented(text[start:end])):
        return span
    if _COMPOUND.search(text[start:end]) or text[start:end].count('"') % 2 or text[start:end].count("'") % 2:
        return None
    place = text.find(command, start, end)
    while place >= 0:
        until = place + len(command)
        if _whole_lines(text, (start, end), (place, until)):
            return (place, until)
        place = text.find(command, place + 1, end)
    return None


def _dedented(lines: str) -> str:
    """Return lines without the indent that all but the first have in common: that of the list they stand in."""
    first, *rest = lines.split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[indent:] for line in rest)])


def _whole_lines(text: str, span: Span, part: Span) -> bool:
    before, after = text[span[0] : part[0]], text[part[1] : span[1]]
    begins = not before.strip() or ("\n" in before and not before.rsplit("\n", 1)[1].strip())
    ends = not after or after.lstrip(" \t\r").startswith("\n")
    return begins and ends and not _CONTINUES.search(before.rstrip()) and not _CONTINUES.search(text[slice(*part)])
