"""Other readings of a text: as it was before it was escaped, encoded, cut in pieces or dressed up.

A view is the text as read that way, and for each place in it the place in the text it came from, so that what is
found in the view can be taken out of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

_AROUND = 2000
"""So many characters on either side of what is read in another way are read with it, at most; and no other line."""


@dataclass(frozen=True, slots=True)
class View:
    """A reading of a text. Piece i begins at `seen[i]` in the reading and at `real[i]` in the text.

    The pieces are by turns something that is read for what stands there, and what is read as it stands.
    """

    text: str
    seen: tuple[int, ...]
    real: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original text that a stretch of the reading stands for."""
        return self._start(start), self._end(end - 1)

    def _start(self, place: int) -> int:
        piece = bisect_right(self.seen, place) - 1
        return self.real[piece] + (place - self.seen[piece] if piece % 2 else 0)

    def _end(self, place: int) -> int:
        piece = bisect_right(self.seen, place) - 1
        return self.real[piece] + place - self.seen[piece] + 1 if piece % 2 else self.real[piece + 1]


class _Builder:
    """A view in the making."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str] = []
        self._seen: list[int] = []
        self._real: list[int] = []
        self._length = self._last = self._stop = 0

    def put(self, start: int, end: int, new: str) -> None:
        """Read what stands from `start` to `end` as `new`, on a line that is a part of the view."""
        if start >= self._stop:  # what lies between the lines of interest is read as one line break
            if self._parts:
                self._add(self._text[self._last : self._stop], self._last)
            self._add("\n", self._stop)
            self._last = max(self._stop, _line_start(self._text, start))
        self._stop = max(self._stop, _line_end(self._text, end))
        self._add(self._text[self._last : start], self._last)
        self._add(new, start)
        self._last = end

    def view(self) -> View | None:
        """Return the view, or None where nothing was put."""
        if not self._parts:
            return None
        self._add(self._text[self._last : self._stop], self._last)
        return View("".join(self._parts), tuple(self._seen), tuple(self._real))

    def _add(self, part: str, real: int) -> None:
        self._parts.append(part)
        self._seen.append(self._length)
        self._real.append(real)
        self._length += len(part)


def replaced(text: str, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str | None]) -> View | None:
    """Return the reading of the lines that hold a match, with every match replaced.

    `by` may say None to leave a match; without any other the answer is None.
    """
    builder = _Builder(text)
    for found in pattern.finditer(text):
        new = by(found)
        if new is not None:
            builder.put(*found.span(), new)
    return builder.view()


def _line_start(text: str, place: int) -> int:
    return max(text.rfind("\n", max(0, place - _AROUND), place) + 1, place - _AROUND, 0)


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place, place + _AROUND)
    return found + 1 if found >= 0 else min(len(text), place + _AROUND)


_ESCAPE = re.compile(r"\\+(?:u00([0-7][0-9a-fA-F])|x([2-7][0-9a-fA-F])|(0(?!\d)|[\"'/nrt&]))")
_COLOUR = re.compile(r"(?:\x1b|\\(?:x1[bB]|u001[bB]|033|e)|\^\[|\u241b)\[[0-9;]{0,20}[A-Za-z]")
_PERCENT = re.compile(r"%(?:25)?([2-7][0-9A-Fa-f])")
_ENTITY = re.compile(r"&(?:amp;)?(quot|apos|amp|lt|gt|#39|#34|#x27|#x3[dD]|#61|#58|#64);")
_ENTITIES = {
    "quot": '"',
    "apos": "'",
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "#39": "'",
    "#34": '"',
    "#x27": "'",
    "#x3d": "=",
    "#61": "=",
    "#58": ":",
    "#64": "@",
}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "0": "\n"}
_JOINT = re.compile(
    r"[\"'`](?<=[\w/+=:.-].)\s{0,4}(?:\+|\.\.?|&|\|\||~|\\)?\s{0,4}(?:[\r\n]{1,2}[ \t]{0,40}(?:[+.&]\s{0,4})?)?[rbuf]?[\"'`](?=[\w/+=:.-])"
)
_ARGUMENT = re.compile(r"[\"'](--?[A-Za-z][\w-]{0,40})[\"']\s{0,4},\s{0,40}[\"']|[\"'](?=-[A-Za-z-])")
_LIST = re.compile(r"[\"'`](?<=[\w/+=:.-].),\s{0,40}[\"'`](?=[\w/+=:.-])")
_CONTINUED = re.compile(r"(?<=[\w/+=.-])\\\r?\n(?=[\w/+=.-])")
_FOLD = re.compile(
    r"(?:[\\=]\r?\n|\n(?<=[\w/+=.-]{6}.)|\r\n(?<=[\w/+=.-]{6}..))[ \t>|#*]{0,40}(?:(?:\d{4}-\d\d-\d\dT[\d:.Z+-]{8,20}|[\w-]{1,20} ?\|)[ \t]{1,8})?"
    r"(?=[A-Za-z0-9/+=_.-]{4,200}[\"'`,;)]{0,2}[ \t]*(?:\r?\n|$))",
    re.DOTALL,
)
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef\u0300-\u036f"
_ALIKE = {
    "A": "\u0410\u0391", "B": "\u0412\u0392", "E": "\u0415\u0395", "K": "\u041a\u039a", "M": "\u041c\u039c",
    "H": "\u041d\u0397", "O": "\u041e\u039f", "P": "\u0420\u03a1", "C": "\u0421", "T": "\u0422\u03a4",
    "Y": "\u0423\u03a5", "X": "\u0425\u03a7", "I": "\u0406\u0399", "J": "\u0408", "S": "\u0405", "Z": "\u0396",
    "N": "\u039d", "a": "\u0430\u03b1", "e": "\u0435\u0454", "o": "\u043e\u03bf\u03c3", "p": "\u0440\u03c1",
    "c": "\u0441", "y": "\u0443\u03b3", "x": "\u0445\u03c7", "i": "\u0456\u03b9\u0131", "j": "\u0458", "s": "\u0455",
    "d": "\u0501", "h": "\u04bb", "l": "\u04cf\u2113", "q": "\u051b", "w": "\u051d", "r": "\u0433", "n": "\u043f",
    "u": "\u03c5", "k": "\u03ba\u043a", "t": "\u03c4\u0442", "v": "\u03bd\u0475", "g": "\u0261", "m": "\u043c",
    '"': "\u201c\u201d\u201e\u201f", "'": "\u2018\u2019\u201a\u201b", "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    ":": "\ua789\uff1a\u2236", "=": "\uff1d", "/": "\u2044\u2215", ".": "\u2024", " ": "\u00a0\u202f",
}  # fmt: skip
"""Letters of other scripts, quotes, dashes and signs, by the ASCII character that they look like."""


def _look_alikes() -> dict[int, str]:
    table = {ord(odd): plain for plain, odds in _ALIKE.items() for odd in odds}
    for block in (
        range(0xFF01, 0xFF5F),
        range(0x1D400, 0x1D800),
        range(0x2460, 0x24EA),
        range(0x2070, 0x209D),
        range(0x2002, 0x200B),
    ):
        for code in block:
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain.isascii():
                table.setdefault(code, plain)
    return table


_TABLE = _look_alikes()
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_UNSEEN = re.compile(f"[{_INVISIBLE}]")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])


def _plain_letter(found: re.Match[str]) -> str | None:
    letter = found[0]
    return "" if _UNSEEN.match(letter) else _TABLE.get(ord(letter))


def plain_letters(text: str) -> View | None:
    """Read letters that only look like others as those, and nothing where nothing is to be seen."""
    return None if text.isascii() else replaced(text, _FOREIGN, _plain_letter)


def uncoloured(text: str) -> View | None:
    """Read what a terminal shows: nothing for the sequences that set colours, as bytes or spelled out."""
    return replaced(text, _COLOUR, lambda _: "") if "[" in text else None


def unescaped(text: str) -> View | None:
    """Read what JSON and string literals escape, however often they did."""
    return replaced(text, _ESCAPE, _unescaped) if "\\" in text else None


def unquoted(text: str) -> View | None:
    """Read what URLs and forms write as %XX."""
    return replaced(text, _PERCENT, lambda found: chr(int(found[1], 16))) if "%" in text else None


def without_entities(text: str) -> View | None:
    """Read what HTML and XML write as entities."""
    return replaced(text, _ENTITY, lambda found: _ENTITIES[found[1].lower()]) if "&" in text else None


def joined(text: str) -> View | None:
    """Read string literals that are put together as one."""
    return replaced(text, _JOINT, lambda _: "") if '"' in text or "'" in text else None


def unfolded(text: str) -> View | None:
    """Read a line that was broken within a long word as one."""
    return replaced(text, _FOLD, lambda _: "") if "\n" in text else None


def continued(text: str) -> View | None:
    """Read lines that a backslash joins as a shell does: as one."""
    return replaced(text, _CONTINUED, lambda _: "") if "\\\n" in text or "\\\r" in text else None


def spoken(text: str) -> View | None:
    """Read the arguments of a command that are given as a list as they would be typed."""
    return (
        replaced(text, _ARGUMENT, lambda found: f" {found[1]} " if found[1] else " ")
        if '"-' in text or "'-" in text
        else None
    )


def listed(text: str) -> View | None:
    """Read the strings of a list as one."""
    return replaced(text, _LIST, lambda _: "") if "," in text else None
