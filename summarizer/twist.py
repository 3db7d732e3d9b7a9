"""Small words that turn a sentence round: a claim that is nearly a sentence of its source has to keep them.

"More than" for "fewer than", "until" for "unless", a "not" put in or left out change no word that carries meaning, so a
share of common words cannot see them. They are compared with the sentences that the claim is closest to.
"""

from __future__ import annotations

import re
from itertools import chain

from summarizer.wording import containment, content, sentences

_SMALL = {
    "greater": "more over above exceeds exceeding longer older greater higher",
    "less": "fewer less under below shorter lower smaller",
    "before": "before", "after": "after afterwards", "until": "until", "unless": "unless", "without": "without",
    "only": "only", "also": "also", "always": "always", "never": "never", "none": "none nobody nothing",
    "first": "first", "last": "last", "once": "again",
}  # fmt: skip
_CLASS = {word: name for name, words in _SMALL.items() for word in words.split()}
_KEPT = frozenset({"only", "unless", "until", "without", "before", "never", "none"})
_NOT = re.compile(r"\b(?:not|no|never|cannot|nor|neither|without|none|nobody|nothing)\b|n['’]t\b", re.IGNORECASE)
_CAN_NOT = re.compile(r"\bcan not\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")
_NEAR = 0.8
"""From this share of a claim's words on, it is taken to be those sentences in other words."""
_WHOLE = 0.85
"""From this share of the sentences' words on, the claim says all of them, and may leave no small word out."""


def twisted(claim: str, source: str) -> bool:
    """Tell whether a claim says nearly what a source says, and turns it round with a small word."""
    told = sentences(source)
    return any(_twisted(part, told) for part in claim.split(";"))


def _twisted(claim: str, told: list[str]) -> bool:
    words, mine = content(claim), _classes(claim)
    near = _closest(words, mine, told)
    if containment(words, content(near)) < _NEAR:
        return False
    theirs = _classes(near)
    if mine - theirs or _negations(claim) > _negations(near):
        return True
    if containment(content(near), words) < _WHOLE:
        return False
    return bool((theirs - mine) & _KEPT) or _negations(claim) != _negations(near)


def _closest(words: frozenset[str], small: frozenset[str], told: list[str]) -> str:
    """Return the run of at most three sentences that has most of the words, then most of the small ones."""
    runs = chain.from_iterable(
        (" ".join(told[start : start + length]) for start in range(len(told))) for length in (1, 2, 3)
    )
    return max(
        runs, key=lambda run: (containment(words, content(run)), len(small & _classes(run)), -len(run)), default=""
    )


def _classes(text: str) -> frozenset[str]:
    return frozenset(_CLASS[word] for word in _WORD.findall(text.lower()) if word in _CLASS)


def _negations(text: str) -> int:
    return len(_NOT.findall(_CAN_NOT.sub("cannot", text)))
