"""Rules that the settings add: a pattern, looked for near the words without which it cannot match."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from worker.redaction.rule import Rule

_AROUND = 300
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)(?:[*+]|\{\d*,)|\\[1-9]|\(\?P=")


def custom_rule(name: str, pattern: str, keywords: Sequence[str]) -> Rule:
    """Return a rule of the settings. Group `v`, where the pattern has one, is the secret, else all of the match is.

    The pattern is tried on the line of a keyword, at most 300 characters on either side of it.

    Raises:
        ValueError: the pattern is no regular expression, matches nothing at all, repeats what itself repeats (which
            some text makes slow without end), or a keyword is empty or not ASCII.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"rule {name}: the pattern is no regular expression ({error.msg})") from error
    if _NESTED.search(pattern):
        raise ValueError(
            f"rule {name}: a repeat within a repeat, or a back-reference, can take for ever; write it flat"
        )
    if compiled.match(""):
        raise ValueError(f"rule {name}: the pattern matches the empty text")
    if not all(word and word.isascii() for word in keywords):
        raise ValueError(f"rule {name}: keywords are ASCII words that every match has near it")
    group = "v" if "v" in compiled.groupindex else 0

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        start = text.rfind("\n", max(0, at - _AROUND), at) + 1 or max(0, at - _AROUND)
        stop = text.find("\n", at, at + _AROUND)
        for found in compiled.finditer(text, start, stop if stop >= 0 else at + _AROUND):
            if found.start(group) >= 0:
                yield found.span(group)

    return Rule(name, tuple(word.lower() for word in keywords), find)
