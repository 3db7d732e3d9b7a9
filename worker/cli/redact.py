"""Take secrets out of what comes in, and pass the rest on."""

from __future__ import annotations

import codecs
import json
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, TextIO

import typer

from domain.errors import MiddlewatchError
from worker.cli.base import FAILED, ConfigFile, command, stderr
from worker.redacting import redactor_of
from worker.redaction.redactor import RedactionError
from worker.settings import load

_PIECE = 64 * 1024
_BLOCK = 1024 * 1024
_LONGEST = 4 * _BLOCK
_PAUSE_S = 0.1
"""Whoever says nothing for so long has said all there is for now."""

Redact = Callable[[str], str]


@command
def redact(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Take and give one {"text": "…"} a line, in the same order.')
    ] = False,
    config: ConfigFile = None,
) -> int:
    """Take secrets out of standard input and write the rest to standard output.

    Exit code 0: all of it came through; 1: something could not be redacted, and was left out.

    Example: kubectl describe pod checkout-0 | middlewatch redact
    """
    settings = load(config)
    clean = redactor_of(settings.redaction, settings.store.data_dir)
    pieces, target = _pieces(sys.stdin.fileno()), _output()
    try:
        return redact_lines(clean, pieces, target) if jsonl else redact_text(clean, pieces, target)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _output() -> TextIO:
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    return sys.stdout


def _pieces(source: int) -> Iterator[str]:
    """Yield what comes in as it comes, and "" for each pause; bytes that are no UTF-8 come out as they went in."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while True:
        if not select.select([source], [], [], _PAUSE_S)[0]:
            yield ""
            select.select([source], [], [])
        read = os.read(source, _PIECE)
        piece = decoder.decode(read, final=not read)
        if piece:
            yield piece
        if not read:
            return


def blocks(pieces: Iterable[str]) -> Iterator[str]:
    """Yield a text in blocks of whole lines: large ones, cut at an empty line where there is one, or what is there
    at a pause. A key that has begun is not cut before it ends.
    """
    held, fresh, size = "", [""], 0
    for piece in pieces:
        fresh.append(piece)
        size += len(piece)
        if piece and size < _PIECE:  # else small pieces would each cost a look at all that is held
            continue
        held, fresh, size = held + "".join(fresh), [], 0
        cut = _cut(held, pause=not piece)
        if cut:
            yield held[:cut]
            held = held[cut:]
    if rest := held + "".join(fresh):
        yield rest


def _cut(held: str, *, pause: bool) -> int:
    """Return how much may go: 0 for nothing yet."""
    if not pause and len(held) < _BLOCK:
        return 0
    begun = held.rfind("-----BEGIN ")
    open_key = begun >= 0 and held.find("-----END ", begun) < 0 and len(held) < _LONGEST
    until = begun if open_key else len(held)
    if not pause and (empty := held.rfind("\n\n", 0, until)) >= 0:
        return empty + 2
    return held.rfind("\n", 0, until) + 1 if pause or len(held) >= _LONGEST else 0


def redact_text(clean: Redact, pieces: Iterable[str], target: TextIO) -> int:
    """Write a text without its secrets; where a part cannot be redacted, stop there."""
    for block in blocks(pieces):
        try:
            target.write(clean(block))
        except RedactionError as error:
            stderr.print(f"middlewatch: {error} [{error.reason}]", markup=False)
            return FAILED
        target.flush()
    return 0


def redact_lines(clean: Redact, pieces: Iterable[str], target: TextIO) -> int:
    """Write one object for each object that is read: its text without secrets, or why there is none."""
    code = 0
    for number, line in enumerate(_lines(pieces), start=1):
        if not line.strip():
            continue
        try:
            target.write(json.dumps({"text": clean(_text_of(line))}, ensure_ascii=False) + "\n")
        except (ValueError, MiddlewatchError) as error:
            reason = str(error) if isinstance(error, MiddlewatchError) else 'It is not {"text": "…"}.'
            target.write(json.dumps({"error": reason, "line": number}, ensure_ascii=False) + "\n")
            stderr.print(f"middlewatch: line {number} was left out: {reason}", markup=False)
            code = FAILED
        target.flush()
    return code


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    begun: list[str] = []
    for piece in pieces:
        head, *others = piece.split("\n")
        begun.append(head)
        for line in others:
            yield "".join(begun)
            begun = [line]
    yield "".join(begun)


def _text_of(line: str) -> str:
    """Return the text of an object; what else it holds is left behind, since nobody looked at it."""
    content = json.loads(line)
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise ValueError("no text")
    return str(content["text"])
