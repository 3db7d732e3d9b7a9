"""A message as Block Kit.

Whatever was written by others (alert, documents, model) goes into `plain_text` and `rich_text`, which parse
no control sequences; `mrkdwn` carries only the links of the context line, escaped.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from worker.slack.display import escape
from worker.slack.lines import Line, Piece, Style

Block = dict[str, Any]
_SMALL = frozenset({Style.CONTEXT, Style.NOTE})


def render(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Return the blocks; a heading, or a line that starts with a bold lead, begins a new one."""
    blocks: list[Block] = []
    open_body: list[Line] = []
    for line in lines:
        apart = line.style in _SMALL or line.style is Style.HEADER
        if open_body and (apart or _begins(line)):
            blocks.append(_rich_text(open_body))
            open_body = []
        if apart:
            blocks.append(_header(line) if line.style is Style.HEADER else _context(line))
        else:
            open_body.append(line)
    return (*blocks, _rich_text(open_body)) if open_body else tuple(blocks)


def _begins(line: Line) -> bool:
    return line.style is Style.HEADING or (line.style is Style.TEXT and line.pieces[0].bold)


def _header(line: Line) -> Block:
    return {"type": "header", "text": _plain(line.text)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _context(line: Line) -> Block:
    elements: list[Block] = []
    for is_link, pieces in groupby(line.pieces, key=lambda piece: bool(piece.link)):
        if is_link:
            links = [_mrkdwn_link(piece) for piece in pieces if piece.text]
            elements += [{"type": "mrkdwn", "text": link, "verbatim": True} for link in links]
            continue
        words = "".join(piece.text for piece in pieces).removeprefix(" · ").removesuffix(" · ")
        elements += [_plain(words)] if words else []
    return {"type": "context", "elements": elements}


def _mrkdwn_link(piece: Piece) -> str:
    return f"<{escape(piece.link)}|{escape(piece.text.replace('|', '/'))}>"


def _rich_text(lines: Sequence[Line]) -> Block:
    elements: list[Block] = []
    for style, group in groupby(lines, key=_setting):
        members = list(group)
        if style is Style.STEP:
            elements.append(_list("ordered", members, offset=members[0].number - 1))
        elif style is Style.ITEM:
            elements.append(_list("bullet", members))
        elif style is Style.COMMAND:
            elements += [_preformatted(member) for member in members]
        else:
            elements.append(_section(members))
    return {"type": "rich_text", "elements": elements}


def _setting(line: Line) -> Style:
    return line.style if line.style in {Style.STEP, Style.ITEM, Style.COMMAND} else Style.TEXT


def _list(style: str, lines: Iterable[Line], offset: int = 0) -> Block:
    block: Block = {"type": "rich_text_list", "style": style, "elements": [_section([line]) for line in lines]}
    return block | {"offset": offset} if offset else block


def _preformatted(line: Line) -> Block:
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": line.text}]}


def _section(lines: Sequence[Line]) -> Block:
    """Several lines stand in one section, parted by newlines: two sections in a row may run together."""
    elements: list[Block] = []
    for position, line in enumerate(lines):
        if position:
            elements.append({"type": "text", "text": "\n"})
        elements += [_element(piece) for piece in line.pieces if piece.text]
    return {"type": "rich_text_section", "elements": elements}


def _element(piece: Piece) -> Block:
    element: Block = {"type": "text", "text": piece.text}
    if piece.link:
        element = {"type": "link", "url": piece.link, "text": piece.text}
    style = {name: True for name, on in (("bold", piece.bold), ("code", piece.code)) if on}
    return element | {"style": style} if style else element
