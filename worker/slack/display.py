"""Text and links from outside, made fit to be shown: nothing hidden, nothing that acts.

Alerts, documents and models write what is shown here, and any of them may be hostile. Characters that
hide or reorder text (controls, zero width, bidirectional, Unicode tags: Unicode TR 36 and TR 39) never
reach a reader; links are only http and https, to a host that can be read.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

REPLACEMENT = "\ufffd"
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE0F)}
_TAGS_AND_SELECTORS = range(0xE0000, 0xE1000)
_MARK = re.compile(r"(?<![\w\])])\[(\d{1,3})\](?!\()")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_LONGEST_LINK = 1_800
"""Escaped, and with its label, a link is to stay below the 2,000 characters of a context element."""
_LINK_SAFE = "%/:?#[]@!$&'()*+,;=~-._"


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or character in _UNSEEN or ord(character) in _TAGS_AND_SELECTORS


def _shown(character: str) -> str:
    if " " <= character <= "~":
        return character
    if _is_unseen(character):
        return ""
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return REPLACEMENT if category == "Cs" else character


def clean(text: str) -> str:
    """Return the text on one line, without characters that hide or reorder it."""
    return " ".join("".join(_shown(character) for character in text).split())


def uncited(text: str) -> str:
    """Return words of an alert or a change with `[1]` as `(1)`: only what a document backs has a mark like that."""
    return _MARK.sub(r"(\1)", text)


def clean_command(text: str) -> str:
    """Return a command with its lines and tabs as they are, and a mark wherever something was hidden.

    The mark is there so that a command with a hidden character fails in the open when it is pasted.
    """
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    return "\n".join("".join(_shown_in_command(character) for character in line).rstrip() for line in lines)


def _shown_in_command(character: str) -> str:
    if character == "\t" or " " <= character <= "~":
        return character
    hidden = _is_unseen(character) or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
    return REPLACEMENT if hidden else character


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, with … where it was cut, never inside a grapheme.

    The rule is the part of Unicode TR 29 that such text needs: no cut before a mark, a variation selector
    or a skin tone, nor between the halves of a flag.
    """
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and _continues(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _continues(text: str, position: int) -> bool:
    character = text[position]
    if unicodedata.category(character).startswith("M") or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    flags = 0
    while flags < position + 1 and _is_flag_half(text[position - flags]):
        flags += 1
    return flags > 0 and flags % 2 == 0


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def host_of(link: str) -> str:
    """Return the host a safe link leads to."""
    return urlsplit(link).hostname or ""


def safe_link(url: str) -> str:
    """Return the URL fit to be a link, or "" where it is not one.

    Only http and https, a host of ASCII letters, digits, dots and dashes, no user name, no white space,
    nothing hidden; what could end a link in Slack's markup is percent-encoded.
    """
    if not url or len(url) > _LONGEST_LINK or any(c.isspace() or _shown(c) != c for c in url):
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return ""
    encoded = quote(parts.scheme + url[len(parts.scheme) :], safe=_LINK_SAFE)
    return encoded if len(escape(encoded)) <= _LONGEST_LINK else ""


def escape(text: str) -> str:
    """Return the text with Slack's three control characters as entities; apply once, where it is sent.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
