"""A message as plain text: what a terminal prints, and what Slack shows where it shows no blocks."""

from __future__ import annotations

from collections.abc import Iterable

from worker.slack.lines import Line, Style

_INDENT = "    "


def render(lines: Iterable[Line]) -> str:
    """Return the lines as text; commands are indented, code spans stand in backticks, links keep their words."""
    return "\n".join(_line(line) for line in lines)


def _line(line: Line) -> str:
    if line.style is Style.COMMAND:
        return "\n".join(_INDENT + row for row in line.text.split("\n"))
    words = "".join(f"`{piece.text}`" if piece.code else piece.text for piece in line.pieces)
    if line.style is Style.STEP:
        return f"{line.number}. {words}"
    return f"- {words}" if line.style is Style.ITEM else words
