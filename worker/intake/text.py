"""Make a sender's text safe to store: bounded, and free of what no database and no UTF-8 encoder takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

LABEL_CHARACTERS = 1024
"""Longest label value that is kept whole."""
ANNOTATION_CHARACTERS = 8192
"""Longest annotation value that is kept whole."""
NAME_CHARACTERS = 256
"""Longest name of a label or annotation that is kept whole."""
MOST_PAIRS = 128
"""Most labels, and most annotations, that one alert keeps."""
KEY_CHARACTERS = 512
"""Longest key of a group or an alert that is kept whole; a longer one ends in its hash."""
LINK_CHARACTERS = 2000
"""Longest link that is kept; a longer one is dropped, because half a link is none."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NOT_IN_LINKS = re.compile('[\x00-\x20\x7f\\\\<>"`{}|^]')
_FIRST = ("alertname", "severity", "priority", "service", "team", "summary", "description", "runbook_url")


def clean(text: str, limit: int) -> str:
    """Return the text with U+FFFD for null characters and lone surrogates, cut to `limit` characters."""
    safe = _UNSTORABLE.sub("\ufffd", text[:limit])
    return safe if len(text) <= limit else f"{safe[:-1]}…"


def clean_pairs(pairs: Mapping[str, str], limit: int) -> dict[str, str]:
    """Return labels or annotations cleaned, at most `MOST_PAIRS` of them, sorted by name.

    Where there are more, those that say most (name, severity, service, summary …) are kept first.
    """
    names = sorted(name for name in pairs if name)
    if len(names) > MOST_PAIRS:
        names = sorted(sorted(names, key=lambda name: name not in _FIRST)[:MOST_PAIRS])
    return {clean(name, NAME_CHARACTERS): clean(pairs[name], limit) for name in names}


def clean_key(text: str) -> str:
    """Return a key that is equal for equal texts and at most `KEY_CHARACTERS` long."""
    if len(text) <= KEY_CHARACTERS:
        return clean(text, KEY_CHARACTERS)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{clean(text[: KEY_CHARACTERS - 65], KEY_CHARACTERS)}#{digest}"


def clean_link(text: str) -> str:
    """Return the link, or "" unless it is plain http or https to a named host, without a password in it."""
    if not text or len(text) > LINK_CHARACTERS or _NOT_IN_LINKS.search(text) or _UNSTORABLE.search(text):
        return ""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return text if plain else ""
