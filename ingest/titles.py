"""What a document is called."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ingest.blocks import BlockKind, outline
from ingest.frontmatter import body_offset

MAX_CHARACTERS = 200

_FOLDER_NAMES = frozenset({"readme", "index", "_index"})
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}[-_. ]?")
_GAPS = re.compile(r"[-_\s]+")


def title_of(stated: str, text: str, path: str, source: str) -> str:
    """Return a document's title: what its front matter states, else its first H1, else its file's name in words.

    A README without either is called after its folder; the one at the top after its source.
    """
    title = stated or first_heading(text) or _name_in_words(path, source)
    return title if len(title) <= MAX_CHARACTERS else title[: MAX_CHARACTERS - 1].rstrip() + "…"


def first_heading(text: str) -> str:
    """Return the words of a document's first heading of level 1 that says anything, or ""."""
    blocks = outline(text, body_offset(text)).blocks
    tops = (block.title for block in blocks if block.kind is BlockKind.HEADING and block.level == 1)
    return next((title for title in tops if title), "")


def _name_in_words(path: str, source: str) -> str:
    """Return a file's name, or its folder's for a README, as words."""
    place = PurePosixPath(path)
    name = (place.parent.name or source) if place.stem.lower() in _FOLDER_NAMES else place.stem
    undated = _DAY.sub("", name) or name
    words = " ".join(_GAPS.split(_HUMPS.sub(" ", undated))).strip()
    return words[:1].upper() + words[1:] if words else name
