"""Front matter: the YAML (`---`) or TOML (`+++`) block that may open a document."""

from __future__ import annotations

import re

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_CLOSING = {"---": ("---", "..."), "+++": ("+++",)}


def body_offset(text: str) -> int:
    """Return where the body begins: behind the front matter and its closing line, or 0 where there is none."""
    opening = _LINE.match(text)
    closing = _CLOSING.get(opening[1].rstrip(" \t")) if opening else None
    if opening is None or closing is None:
        return 0
    position = opening.end()
    while position < len(text):
        line = _LINE.match(text, position)
        if line is None:  # pragma: no cover - the pattern matches everywhere
            return 0
        position = line.end()
        if line[1].rstrip(" \t") in closing:
            return position
    return 0
