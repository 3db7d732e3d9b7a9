"""What a redaction rule is: where it is tried, what it looks for, and what of that is the secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PLACEHOLDER = "[redacted:"
"""How every placeholder begins; a value that holds one has been redacted already."""

PLACED = re.compile(r"\[redacted:[a-z0-9-]{1,40}:[0-9a-f]{4}\]")
"""A whole placeholder."""

Find = Callable[[str, int], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret. Wherever one of `anchors` stands in the text, `find` is asked for the spans near there.

    `anchors` are ASCII. They are lower-case and found in any case, but those of a `token`, a rule that knows a secret
    by its own form wherever it stands, are found as they are. `find` looks at a bounded stretch of text only, so that
    the time taken grows with the text and no faster.
    """

    name: str
    anchors: tuple[str, ...]
    find: Find
    token: bool = False


def always(found: re.Match[str]) -> bool:
    """Accept every match."""
    del found
    return True


def preceding(found: re.Match[str], most: int) -> str:
    """Return what stands before a match, at most so many characters."""
    return found.string[max(0, found.start() - most) : found.start()]


_FARTHEST = 200


def with_its_url(rule: Rule) -> Rule:
    """Return the rule with the whole address taken, from `http` on, where what it finds is the end of one."""

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        for start, end in rule.find(text, at):
            begin = text.rfind("http", max(0, start - _FARTHEST), start)
            yield (begin if begin >= 0 and _WITHIN_URL.fullmatch(text, begin, start) else start), end

    return Rule(rule.name, rule.anchors, find, rule.token)


_WITHIN_URL = re.compile(r"https?://[^\s\"'<>`]*")


def at_anchor(
    name: str, anchors: tuple[str, ...], pattern: str, accept: Callable[[re.Match[str]], bool] = always
) -> Rule:
    """Return a rule whose pattern begins with the anchor; group `v`, where there is one, is the secret. Any case."""
    compiled = re.compile(pattern, re.IGNORECASE)
    groups: list[int | str] = [group for group in ("v", "v2", "v3") if group in compiled.groupindex] or [0]

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        found = compiled.match(text, at)
        if found and accept(found):
            for group in groups:
                if found.start(group) >= 0:
                    yield found.span(group)

    return Rule(name, anchors, find)
