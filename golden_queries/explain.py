"""Why an expected document is where it is: pure, from what is known of it and of the documents above it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """What became of an expected document."""

    FOUND = "found"
    NOT_INGESTED = "not ingested"
    NOT_READABLE = "not readable by this audience"
    LEXICAL_MISS = "lexical miss"
    DENSE_MISS = "dense miss"
    OUTRANKED = "outranked"
    NOT_ASKED = "nothing to look for"


@dataclass(frozen=True, slots=True)
class Scores:
    """A document's score, and what meaning and words add to it."""

    document: str
    total: float
    meaning: float
    words: float

    def as_text(self) -> str:
        """Return the three figures."""
        return f"{self.total:.3f} (meaning {self.meaning:.3f}, words {self.words:.3f})"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an expected document in one snapshot, for one audience.

    `place` is its rank in its list, None where it is not among those listed; `at` the rank it must reach. `own` and
    `rival` are its scores and those of the document that holds the last wanted rank; `moved_to` is where a document
    that is not ingested may be now.
    """

    document: str
    ingested: bool
    readable: bool
    place: int | None
    at: int
    own: Scores | None = None
    rival: Scores | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A word for a document, its rank where it has one, and the same with figures."""

    document: str
    why: Why
    place: int | None
    text: str


_SHARE = 2 / 3
"""From which share of the gap to the rival one side alone is named as what is missing."""


def explain(facts: Facts) -> Explanation:
    """Say what became of an expected document."""
    why = _why(facts)
    return Explanation(facts.document, why, facts.place, f"{facts.document}: {_text(why, facts)}")


def _why(facts: Facts) -> Why:
    if not facts.ingested:
        return Why.NOT_INGESTED
    if not facts.readable:
        return Why.NOT_READABLE
    if facts.place is not None and facts.place <= facts.at:
        return Why.FOUND
    if facts.own is None or facts.rival is None:
        return Why.NOT_ASKED
    return _missing(facts.own, facts.rival)


def _missing(own: Scores, rival: Scores) -> Why:
    """Return which side makes up the gap to the rival; where neither does alone, it is outranked on the whole."""
    words, meaning = rival.words - own.words, rival.meaning - own.meaning
    gap = max(rival.total - own.total, 1e-9)
    if words >= _SHARE * gap and words > meaning:
        return Why.LEXICAL_MISS
    if meaning >= _SHARE * gap and meaning > words:
        return Why.DENSE_MISS
    return Why.OUTRANKED


def _text(why: Why, facts: Facts) -> str:
    rank = "unranked" if facts.place is None else f"rank {facts.place}"
    if why is Why.NOT_INGESTED:
        return why.value + (f"; it may be {facts.moved_to} now" if facts.moved_to else "")
    if why is Why.NOT_READABLE:
        return why.value
    own = f", {facts.own.as_text()}" if facts.own else ""
    if why is Why.FOUND:
        return f"{why.value} at {rank}{own}"
    if facts.rival is None:
        return f"{why.value}: the query holds no word, or no document comes before it"
    word = "" if why is Why.OUTRANKED else f"{why.value}, "
    return f"{word}outranked by {facts.rival.document} {facts.rival.as_text()}; it is at {rank}{own}"
