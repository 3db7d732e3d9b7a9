"""Whether what a claim says stands together in its source, or is put together from sentences that say other things.

"Fees at acquirer B" and "has failed twice" may both stand in a passage, of different things: every word of "Fees at
acquirer B have failed twice" is there, and no share of words can see that nobody said it. So each sentence of a claim
has to stand, in its own words, in one sentence of the source, what it speaks of included; or to be most of two or three
neighbours, which is how a model joins them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from summarizer.wording import containment, content

_SENTENCE = re.compile(r"(?<=[.!?])[\"')*]*\s+(?=[A-Z0-9`\"'*(])|\n\s*\n|\n\s*(?:[-*+]|\d+[.)])\s|\n(?=\|)|\n(?=#)")
_THEN = re.compile(r";\s+|,?\s+(?:and\s+)?then\s+")
"""One thing after the other: each may stand in a sentence of its own."""
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|cannot|may|must|do|does|did|should|would|could|stops?|fails?|fires?|"
    r"means|needs?|runs?|starts?|takes?|shows?|grows?)\b"
)
_SAME = (
    (re.compile(r"\b(\w+)n['’]t\b"), r"\1 not"),
    (re.compile(r"\bmins?\b"), "minutes"),
    (re.compile(r"\bsecs?\b"), "seconds"),
    (re.compile(r"\bhrs?\b"), "hours"),
    (re.compile(r"\bper ?cent\b"), "%"),
)
IN_ONE = 0.75
"""Share of a sentence's content words that one sentence of the source must have."""
OF_THE_REST = 0.6
"""The same share of those words that neither the title nor the alert has."""
IN_NEIGHBOURS = 0.9
"""The same for two or three neighbours."""
OF_NEIGHBOURS = 0.8
"""Share of the neighbours' content words that the claim must then have: it joins them, it does not pick from them."""
_LEAST_WORDS = 3
"""A sentence with fewer content words cannot be told to be put together."""
_MOST_NEIGHBOURS = 3

Words = frozenset[str]


def put_together(claim: str, source: str, known: Words) -> bool:
    """Tell whether a sentence of a claim stands together nowhere in its source.

    `known` are words that need not stand beside the others: the title's, the alert's.
    """
    told = [_words(sentence) for sentence in _sentences(source)]
    return not all(_stands(part, told, known) for sentence in _sentences(claim) for part in _THEN.split(sentence))


def _stands(sentence: str, told: Sequence[Words], known: Words) -> bool:
    words = _words(sentence)
    if len(words) < _LEAST_WORDS:
        return True
    rest = words - known or words
    subject = _subject(sentence) - known
    for each in told:
        if subject <= each and containment(words, each | known) >= IN_ONE and containment(rest, each) >= OF_THE_REST:
            return True
    return any(
        containment(rest, run) >= IN_NEIGHBOURS and containment(run, words) >= OF_NEIGHBOURS for run in _runs(told)
    )


def _subject(sentence: str) -> Words:
    """The words before the first verb: what is spoken of."""
    found = _VERB.search(sentence)
    return _words(sentence[: found.start()]) if found else frozenset()


def _runs(told: Sequence[Words]) -> Iterable[Words]:
    for length in range(2, _MOST_NEIGHBOURS + 1):
        for start in range(len(told) - length + 1):
            yield frozenset().union(*told[start : start + length])


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part and part.strip()]


def _words(text: str) -> Words:
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    return content(text)
