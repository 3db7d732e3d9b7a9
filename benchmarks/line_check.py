"""Is a posted line supported? Judged by plain string work that shares nothing with the guard it is to check.

It knows three things of a line: what is written in it exactly (numbers, names, paths, quotes), which words it uses, and
whether it denies something. All three must stand in what the line cites, or in the alert. It is simpler than the guard
and errs towards "unsupported", so that what it lets pass is worth something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_EXACT = re.compile(r"\d+(?:[.,:]\d+)*|`[^`]+`|\"[^\"]{3,}\"|[\w-]*[A-Za-z][\w-]*(?:[_./:@][\w-]+)+|\b[A-Z]{3,}\b")
_WORD = re.compile(r"[A-Za-z]{4,}")
_DENIES = re.compile(r"\b(?:not|no|never|none|nothing|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n")
_COMMON = """
this that these those with from into have been being were will would should could must when then than there their which
while where what they them your also some such only more most other after before about over under each alert means
fires please first next make sure check
"""
_PLAIN = frozenset(_COMMON.split())
_HEAD = 5
"""Letters by which two forms of a word are told to be one: restart, restarts, restarted."""
LEAST = 0.9
"""Share of a line's words that must stand in its passages."""


def faults(line: str, passages: Sequence[str], alert: str = "") -> list[str]:
    """Return what of a line is not in what it cites or in the alert, in words; nothing where all is.

    A line that stands word for word in one passage has no fault, whatever it says.
    """
    flat = [_flat(passage) for passage in passages]
    if any(_flat(line) in passage for passage in flat):
        return []
    told = _flat(" \n".join([*passages, alert]))
    found = [f"not there: {part}" for part in _EXACT.findall(line) if part.strip('`"') not in told]
    words, known = _words(line), _words(told)
    if len(words & known) < LEAST * len(words):
        found.append(f"words not there: {', '.join(sorted(words - known))}")
    if bool(_DENIES.search(line)) != _denied(line, [*passages, alert]):
        found.append("denied in one and not in the other")
    return found


def command_fault(command: str, passages: Sequence[str]) -> list[str]:
    """Return what is wrong with a command: it must stand in a passage, character for character."""
    return [] if any(command in passage for passage in passages) else [f"command not there: {command}"]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> set[str]:
    return {word.lower()[:_HEAD] for word in _WORD.findall(text)} - {word[:_HEAD] for word in _PLAIN}


def _denied(line: str, texts: Sequence[str]) -> bool:
    """Tell whether the sentence that is nearest to a line denies something."""
    words = _words(line)
    sentences = [part for text in texts for part in _SENTENCE.split(text) if part.strip()]
    nearest = max(sentences, key=lambda part: (len(words & _words(part)), -len(part)), default="")
    return bool(_DENIES.search(nearest))
