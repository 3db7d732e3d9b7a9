"""Finds secrets: one pass for all anchors, and at each anchor the few rules that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick

from worker.redaction.around import AROUND
from worker.redaction.assignments import ASSIGNMENTS
from worker.redaction.commands import COMMANDS
from worker.redaction.containers import CONNECTIONS, CONTAINERS, DRIVERS
from worker.redaction.echoes import echoes
from worker.redaction.keyed import KEYED
from worker.redaction.keys import KEYS
from worker.redaction.manifests import MANIFESTS
from worker.redaction.more_tokens import MORE_TOKENS
from worker.redaction.nearby import NEARBY
from worker.redaction.newer_tokens import NEWER_TOKENS
from worker.redaction.personal import cards_and_ibans
from worker.redaction.rule import Rule, with_its_url
from worker.redaction.shown import SHOWN
from worker.redaction.tokens import TOKENS
from worker.redaction.told import TOLD
from worker.redaction.unlabelled import Runs, decodable, is_told, long_runs, unlabelled
from worker.redaction.vendors import VENDORS
from worker.redaction.views import (
    View,
    continued,
    joined,
    listed,
    plain_letters,
    spoken,
    uncoloured,
    unescaped,
    unfolded,
    unquoted,
    without_entities,
)

_ADDRESSES = frozenset({"webhook-url", "teams-webhook"})
_ALL: tuple[Rule, ...] = (
    *KEYS, *MANIFESTS, *CONTAINERS, *CONNECTIONS, *DRIVERS, *TOKENS, *MORE_TOKENS, *NEWER_TOKENS, *ASSIGNMENTS, *COMMANDS, *TOLD, *AROUND, *SHOWN, *KEYED, *NEARBY, *VENDORS,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(with_its_url(rule) if rule.name in _ADDRESSES else rule for rule in _ALL)
"""The first of them names a stretch that several claim."""

Span = tuple[int, int, str]
_READINGS: tuple[Callable[[str], View | None], ...] = (
    plain_letters,
    uncoloured,
    without_entities,
    unescaped,
    unquoted,
    continued,
    joined,
    spoken,
)
_DEEPEST = 2
_LONG = 500
_REST = re.compile(r"[A-Za-z0-9_.+/=%-]++")


class Scanner:
    """The rules of one redactor, ready to be used."""

    def __init__(self, rules: Iterable[Rule], personal: frozenset[str]) -> None:
        """Take rules in the order of their say, and which personal numbers count: "card", "iban"."""
        rules = tuple(rules)
        self._personal = personal
        self._order = {rule.name: place for place, rule in reversed(list(enumerate(rules)))}
        self._named = _Anchors([rule for rule in rules if not rule.token])
        self._tokens = _Anchors([rule for rule in rules if rule.token])

    def spans(self, text: str) -> list[Span]:
        """Return the stretches that hold secrets, in order, none touching another."""
        found = _to_their_ends(text, _merged(self._found(text, _DEEPEST), self._order))
        return _merged([*found, *echoes(text, found)], self._order) if found else found

    def _found(self, text: str, depth: int) -> Iterator[Span]:
        """Yield what stands in a text, read plainly and in every other way."""
        plain = text.encode("ascii", "replace")
        long = long_runs(plain)
        yield from self._plainly(text, plain, long)
        trail: list[View] = []
        seen = text
        for reading in _READINGS:
            view = reading(seen)
            if view is not None:
                trail.append(view)
                seen = view.text
                other = seen.encode("ascii", "replace")
                yield from _back(self._plainly(seen, other, long_runs(other)), trail)
        for broken in (unfolded(seen), listed(seen)):
            if broken is not None:
                tokens = self._tokens.spans(broken.text, broken.text.encode("ascii", "replace"))
                yield from _back(tokens, [*trail, broken])
        for start, end, inside in decodable(text, long) if depth else ():
            name = next((found[2] for found in self._found(inside, depth - 1)), "")
            if name or is_told(text, start, inside):
                yield start, end, name or "secret"

    def _plainly(self, text: str, plain: bytes, long: Runs) -> Iterator[Span]:
        yield from self._named.spans(text, plain.lower())
        yield from self._tokens.spans(text, plain)
        yield from unlabelled(text, plain, long)
        if self._personal:
            yield from cards_and_ibans(text, plain, self._personal)


class _Anchors:
    """Rules by their anchors."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        by_anchor: dict[str, list[Rule]] = {}
        for rule in rules:
            for anchor in dict.fromkeys(rule.anchors):
                by_anchor.setdefault(anchor, []).append(rule)
        self._rules = tuple(map(tuple, by_anchor.values()))
        self._automaton = BytesAhoCorasick([anchor.encode("ascii") for anchor in by_anchor])

    def spans(self, text: str, plain: bytes) -> Iterator[Span]:
        """Yield what the rules find; what a rule has taken already it is not asked about again."""
        ends: dict[str, int] = {}
        for which, start, _ in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            for rule in self._rules[which]:
                if ends.get(rule.name, 0) > start:
                    continue
                for found in rule.find(text, start):
                    ends[rule.name] = found[1]
                    yield *found, rule.name


def _back(spans: Iterable[Span], trail: Sequence[View]) -> Iterator[Span]:
    """Yield spans of the last reading as spans of the text."""
    for start, end, name in spans:
        for view in reversed(trail):
            start, end = view.span(start, end)
        yield start, end, name


def _to_their_ends(text: str, spans: list[Span]) -> list[Span]:
    """Return the stretches, the long ones drawn out to the end of the word: a rule's repeats are bounded."""
    drawn: list[Span] = []
    for start, end, name in spans:
        if drawn and end <= drawn[-1][1]:
            continue
        rest = _REST.match(text, end) if end - start >= _LONG else None
        drawn.append((start, rest.end() if rest else end, name))
    return drawn


def _merged(spans: Iterable[Span], order: dict[str, int]) -> list[Span]:
    """Return stretches that overlap as one, named by the rule with the first say."""
    merged: list[Span] = []
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end <= start:
            continue
        if merged and start < merged[-1][1]:
            first, last, other = merged[-1]
            merged[-1] = first, max(last, end), min(name, other, key=lambda each: order.get(each, len(order)))
        else:
            merged.append((start, end, name))
    return merged
