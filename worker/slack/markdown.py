"""Quoted Markdown as a reader should see it: its words on one line, without its marks.

Parsed with markdown-it (CommonMark). A link keeps its label only; where it leads is not shown, since
links are built from documents' metadata alone. Fenced code is left out: commands are shown on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from worker.slack.display import clean
from worker.slack.lines import Piece, Pieces

_PARSER = MarkdownIt("commonmark", {"html": False})
_TAG = re.compile(
    r"</?(?:br|p|b|i|u|em|strong|kbd|sub|sup|span|div|a|img|details|summary)(?:\s[^<>]*)?/?>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE_END = re.compile(r"[.!?][\"')\]]?(?=\s)")


def pieces_of(markdown: str) -> Pieces:
    """Return the words of a stretch of Markdown; code spans and bold words keep their style."""
    shown: list[Piece] = []
    new_item = False
    for token in _PARSER.parse(_TAG.sub(" ", markdown).strip()):
        new_item = new_item or token.type == "list_item_open"
        if token.type == "inline":
            shown.extend(_gap(shown, new_item))
            shown.extend(_inline(token.children or ()))
            new_item = False
    return _joined(shown)


def _gap(shown: list[Piece], new_item: bool) -> Pieces:
    """What parts two blocks on one line: a semicolon between list items that have no punctuation of their own."""
    if not shown:
        return ()
    return (Piece("; "),) if new_item and text_of(tuple(shown)).rstrip()[-1:].isalnum() else (Piece(" "),)


def _inline(tokens: Iterable[Token]) -> Iterator[Piece]:
    bold = 0
    for token in tokens:
        if token.type == "code_inline":
            yield Piece(token.content, bold=bold > 0, code=True)
        elif token.type in {"softbreak", "hardbreak"}:
            yield Piece(" ", bold=bold > 0)
        elif token.type == "image":
            yield Piece(token.content, bold=bold > 0)
        elif token.tag == "strong":
            bold += token.nesting
        else:
            yield Piece(token.content, bold=bold > 0)


def _joined(pieces: Iterable[Piece]) -> Pieces:
    """Clean the pieces as one line: no white space doubled or at the ends, neighbours of one style joined."""
    joined: list[Piece] = []
    for piece in pieces:
        words = clean(f"x{piece.text}x")[1:-1]
        after_space = not joined or joined[-1].text.endswith(" ")
        text = words.lstrip() if after_space else words
        if not text:
            continue
        if joined and (joined[-1].bold, joined[-1].code) == (piece.bold, piece.code):
            text = joined.pop().text + text
        joined.append(Piece(text, bold=piece.bold, code=piece.code))
    if joined and joined[-1].text != joined[-1].text.rstrip():
        last = joined.pop()
        joined.extend([Piece(last.text.rstrip(), bold=last.bold, code=last.code)] if last.text.strip() else [])
    return tuple(joined)


def text_of(pieces: Pieces) -> str:
    """Return the words of the pieces."""
    return "".join(piece.text for piece in pieces)


def clip(pieces: Pieces, limit: int) -> Pieces:
    """Return as many whole sentences as `limit` characters hold, then …; unchanged where the first is longer."""
    text = text_of(pieces)
    if len(text) <= limit:
        return pieces
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() <= limit]
    ends = [end for end in ends if not _in_code(pieces, end)]
    return (*_until(pieces, ends[-1]), Piece(" …")) if ends else pieces


def _in_code(pieces: Pieces, position: int) -> bool:
    start = 0
    for piece in pieces:
        if start < position < start + len(piece.text):
            return piece.code
        start += len(piece.text)
    return False


def _until(pieces: Pieces, end: int) -> Iterator[Piece]:
    for piece in pieces:
        if end <= 0:
            return
        yield Piece(piece.text[:end], bold=piece.bold, code=piece.code)
        end -= len(piece.text)
