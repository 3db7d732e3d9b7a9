"""Words from outside that nobody and nothing acts on: no mention, no address that a reader's program makes a link of.

Escaping keeps Slack from acting on what is sent to it. This goes further, because the words travel: into previews,
tickets and other people's clipboards. An address on a host that the message itself links to stays as it is; any other
is shown the way analysts write one, `hxxps://evil[.]example/x`, so that it can be read and not be clicked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from worker.slack.card import Card
from worker.slack.display import safe_link
from worker.slack.lines import Line, Part, Piece, Style, Unit

_CONTROL = re.compile(r"<(?=[!@#])")
_MENTION = re.compile(r"(?<![\w@.])@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_ANGLED = re.compile(
    r"<(?=[a-z][a-z0-9+.-]*:|/?(?:a|img|script|iframe|svg|object|embed|link|meta|style)\b)", re.IGNORECASE
)
_IMAGE = re.compile(r"!\[(?=[^\]\n]{0,300}\])")
_INLINE_LINK = re.compile(r"\]\((?=\s*[<\w/])")
_HTTP = re.compile(r"\bhttps?:[/\\]{0,3}[^\s<>\"'`|)\]}]*", re.IGNORECASE)
_OTHER = re.compile(r"\b(ftp|slack|javascript|vbscript|mailto|tel|data|file):(?=[^\s])", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.(?=\w)", re.IGNORECASE)


def hosts_of(card: Card) -> frozenset[str]:
    """Return the hosts that a message links to by itself: those of its documents and of the sender's own link."""
    summary = card.summary
    documents = (*summary.sources, *summary.nearest) if summary else ()
    links = [*(meta.link for meta in documents), card.incident.lead.link, *(url for _, url in card.links)]
    return frozenset(urlsplit(link).netloc for link in map(safe_link, links) if link)


def still(parts: Iterable[Part], hosts: Collection[str]) -> tuple[Part, ...]:
    """Return the parts with every word of theirs inert; commands stay as they are, character by character."""
    return tuple(replace(part, units=tuple(_unit(unit, hosts) for unit in part.units)) for part in parts)


def _unit(unit: Unit, hosts: Collection[str]) -> Unit:
    return replace(
        unit, lines=tuple(line if line.style is Style.COMMAND else _line(line, hosts) for line in unit.lines)
    )


def _line(line: Line, hosts: Collection[str]) -> Line:
    return replace(line, pieces=tuple(_piece(piece, hosts) for piece in line.pieces))


def _piece(piece: Piece, hosts: Collection[str]) -> Piece:
    text = unmentioned(piece.text) if piece.code else inert(piece.text, hosts)
    return piece if text == piece.text else replace(piece, text=text)


def unmentioned(text: str) -> str:
    """Return the text with a space in every mention of Slack's, so that it is none wherever it is pasted."""
    return _MENTION.sub("@ ", _CONTROL.sub("< ", text))


def inert(text: str, hosts: Collection[str]) -> str:
    """Return prose without mentions, live markup, and addresses on hosts other than these."""
    text = _ANGLED.sub("< ", unmentioned(text))
    text = _INLINE_LINK.sub("] (", _IMAGE.sub("! [", text))
    text = _HTTP.sub(lambda found: _address(found[0], hosts), text)
    return _WWW.sub("www[.]", _OTHER.sub(r"\1[:]", text))


def _address(url: str, hosts: Collection[str]) -> str:
    link = safe_link(url)
    if link and urlsplit(link).netloc in hosts:
        return url
    scheme, _, rest = url.partition(":")
    path = rest.lstrip("/\\")
    host, slash, tail = path.partition("/")
    shown = scheme.replace("tt", "xx", 1).replace("TT", "XX", 1)
    return f"{shown}:{rest[: len(rest) - len(path)]}{host.replace('.', '[.]')}{slash}{tail}"
