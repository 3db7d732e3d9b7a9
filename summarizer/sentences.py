"""Whole sentences of a paragraph, with their spans."""

from __future__ import annotations

import re
from collections.abc import Iterable

from summarizer.limits import MAX_PARAGRAPH, MAX_QUOTE, MAX_SENTENCE
from summarizer.phrases import is_order
from summarizer.source import Span

_END = re.compile(r"[.!?][\"'”’)\]*_`]*(?=\s|\Z)|:(?=\s*\n\s*(?:[-*+]|\d+[.)])\s)")
_BREAK = re.compile(r"(?:<br\s*/?>|\\|[ ]{2})?[ \t]*\r?\n[ \t]*(?=\S)")
_HARD = re.compile(r"(?:<br\s*/?>|\\|[ ]{2})[ \t]*\r?\n")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|ca|resp|incl|fig|no|nr|dr|mr|mrs|ms|st|inc|ltd|eq|sec|min|max|viz|al)"
    r"|(?<![\w.])[A-Z])\.\Z",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s*")


def sentences(text: str, span: Span) -> list[Span]:
    """Split a paragraph into sentences; a sentence never ends inside code, brackets or bold.

    A very long paragraph is looked at only as far as `MAX_PARAGRAPH`; what is cut there is left out.
    """
    start, end = span
    limit = min(end, start + MAX_PARAGRAPH)
    found: list[Span] = []
    for cut in _cuts(text, start, limit):
        piece = text[start:cut]
        if piece.strip() and not _open(piece):
            found.append(_stripped(text, start, cut))
            start = cut
    if limit == end and text[start:end].strip():
        found.append(_stripped(text, start, end))
    return found


def _cuts(text: str, start: int, end: int) -> Iterable[int]:
    """Yield the places where a sentence may end."""
    cuts = {match.end() for match in _END.finditer(text, start, end) if _ends(text, start, match.end(), end)}
    for match in _BREAK.finditer(text, start, end):
        line = text[match.end() : min(end, match.end() + 80)]
        hard = _HARD.match(text, match.start()) is not None
        if (hard and line[:1].isupper()) or is_order(line, capital=True):
            cuts.add(match.start())
    return sorted(cuts)


def _ends(text: str, start: int, cut: int, end: int) -> bool:
    """Tell whether the sentence mark before `cut` ends a sentence, rather than an abbreviation or a number."""
    if cut >= end or text[cut - 1] == ":":
        return True
    if _SHORT.search(text[max(start, cut - 10) : cut]):
        return False
    following = text[_skip(text, cut, end) : end][:3]
    return not following[:1].islower() or following[:1] == "`"


def _skip(text: str, position: int, end: int) -> int:
    match = _SPACE.match(text, position, end)
    return match.end() if match else position


def _open(piece: str) -> bool:
    """Tell whether something opened in a piece is not closed in it."""
    return (
        piece.count("`") % 2 == 1
        or piece.count("**") % 2 == 1
        or (piece.lstrip()[:1] == "*" and piece.count("*") % 2 == 1)
        or piece.count("(") > piece.count(")")
        or piece.count("[") > piece.count("]")
    )


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def lead(spans: list[Span], most: int = 2, limit: int = MAX_QUOTE) -> Span | None:
    """Join the first sentences, at most so many and so long, into one quote; None when the first is too long."""
    if not spans or spans[0][1] - spans[0][0] > MAX_SENTENCE:
        return None
    start, end = spans[0]
    for following in spans[1:most]:
        if following[1] - start > limit:
            break
        end = following[1]
    return start, end
