"""What a message is made of before it is Block Kit or plain text: styled lines of pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a line is set."""

    HEADER = "header"
    CONTEXT = "context"
    HEADING = "heading"
    TEXT = "text"
    STEP = "step"
    COMMAND = "command"
    ITEM = "item"
    SOURCE = "source"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line. `link` is a URL that `safe_link` let through, or ""."""

    text: str
    bold: bool = False
    code: bool = False
    link: str = ""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `number` is that of a step, counted from 1. Only a command holds newlines."""

    style: Style
    pieces: Pieces
    number: int = 0

    @property
    def text(self) -> str:
        """The words of the line without its marks."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that are shown together or not at all.

    `rank` says how soon the unit is left out of a message that is too long: the highest goes first, 0 never
    goes. `refs` are the numbers of the sources it cites. `source` is the number of the source it names:
    such a unit is shown while another shown unit cites it. `aside` marks what is not counted among the
    units left out.
    """

    rank: int
    lines: tuple[Line, ...]
    refs: frozenset[int] = frozenset()
    source: int = 0
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: a heading over units, gone when none of them is left.

    `overflow` makes the line that says how many units were left out; `hidden` counts those that were
    never made.
    """

    units: tuple[Unit, ...]
    heading: Line | None = None
    overflow: Callable[[int], Line] | None = None
    hidden: int = 0
