"""Finds stretches of characters of one class at the speed of C: each byte becomes its class, then a run is sought."""

from __future__ import annotations

from collections.abc import Iterator

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"


def _table(**classes: bytes) -> bytes:
    """Return the table that gives a byte the first letter of its class's name, and every other a full stop."""
    table = bytearray(b"." * 256)
    for name, members in classes.items():
        for member in members:
            table[member] = ord(name[0])
    return bytes(table)


_WORDS = _table(x=_LETTERS + _DIGITS + b"+/_-")
KINDS = _table(d=_DIGITS, U=_LETTERS[:26], l=_LETTERS[26:], s=b"+/_-")
"""The class of a character: d for a digit, U for a capital, l for a small letter, s for a sign of base64."""
_NUMBERS = _table(d=_DIGITS, s=b" -", U=_LETTERS[:26])


def runs(text: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Yield every stretch of at least so many characters of base64, either alphabet, without its `=`."""
    yield from _stretches(text.translate(_WORDS), b"x", least)


def _stretches(classes: bytes, member: bytes, least: int) -> Iterator[tuple[int, int]]:
    sought, start = member * least, 0
    while (start := classes.find(sought, start)) >= 0:
        end = classes.find(b".", start + least)
        end = len(classes) if end < 0 else end
        yield start, end
        start = end


def number_shapes(text: bytes) -> Iterator[tuple[str, int]]:
    """Yield where a card number or an IBAN might begin, as ("card" | "iban", start)."""
    classes = text.translate(_NUMBERS)
    for kind, shape in _SHAPES:
        start = classes.find(shape)
        while start >= 0:
            yield kind, start
            start = classes.find(shape, start + (13 if shape == b"d" * 13 else 2))


_SHAPES = (
    ("card", b"d" * 13),
    ("card", b"ddddsddddsddddsdddd"),
    ("card", b"ddddsddddddsddddd"),
    ("iban", b"UUdd"),
)
