"""What a text states, in parts that can be compared: words, numbers with units, names, quotes, and what it denies.

Plain string work, no model: a claim whose parts do not all stand in its source is not believed. It errs towards no;
what is dropped costs a rephrasing, what is let through wrongly could cost the night.
"""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z'’]*|\d+|[.,;:!?()]|\n\s*\n|\n\s*(?:[-*+]|\d+\.)\s")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n\s*\n|\n\s*(?:[-*+]|\d+\.)\s")
_CAUSE = re.compile(
    r"\b(?:because|due to|caused by|since|as a result of|owing to|thanks to|root cause|triggered by|after|so that)\b"
    r"|\bwhich\b|\bas (?:the|an?|it|its|they|this|our|all|no)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]{2,}")
_DEED = re.compile(r"[A-Za-z]{2,}(?:-[A-Za-z]+)*")
_STOP = re.compile(
    r"an?|the|this|that|these|those|it|its|is|are|was|were|be|been|being|am|do|does|did|done|has|have|had|having|of|to|"
    r"in|on|at|by|for|from|with|within|into|onto|over|per|as|and|or|but|so|than|then|there|here|which|who|whom|whose|"
    r"what|when|while|where|how|why|if|because|since|until|can|could|may|might|will|would|shall|should|must|you|your|"
    r"we|our|us|they|their|them|he|she|his|her|also|very|just|such|both|each|any|some|other|more|most|no|not|never|"
    r"only|own|same|too|about|after|before|again|up|down|out|off|one|via|use|using|used|alert|fires?|firing|means?|"
    r"happen\w*|please|first|next|make|sure|get|see|now"
)
_STATE = re.compile(r"up|down|on|off|out|fires?|firing|more|most|same|again|now|can|must|may")
"""Words too common to tell two texts apart, that change a text all the same when they are denied."""
_NEGATION = re.compile(
    r"not|never|no|none|nothing|nobody|without|cannot|nor|neither|avoid|avoids|avoiding|stop|prevents?|refrain|unless|"
    r"\w+n['’]t|dont|doesnt|wont|cant|isnt|instead"
)
_CLAUSE = re.compile(r"when|once|if|because|and|but|while|until|so|then|although|since|whereas|which|who")
_OPPOSITES = tuple(
    frozenset(pair.split())
    for pair in (
        "up down", "enable disable", "start stop", "increase decrease", "before after", "above below", "first last",
        "primary replica", "leader follower", "more less", "safe unsafe", "success failure", "open close", "add remove",
        "low high", "slow fast", "attach detach", "lock unlock", "grow shrink", "always never", "read write",
        "cordon uncordon", "block unblock", "upgrade downgrade", "available unavailable", "healthy unhealthy",
        "mount unmount", "scale-up scale-down", "old new", "oldest newest", "inside outside", "internal external",
    )
)  # fmt: skip

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])(\d+(?:[.,:]\d+)*)[\s-]?(%|[A-Za-z]+)?")
_DIGIT_OF = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
             "ten": "10", "eleven": "11", "twelve": "12"}  # fmt: skip
_COUNT = re.compile(rf"\b(?:{'|'.join(_DIGIT_OF)})\b", re.IGNORECASE)
_AMOUNT = re.compile(r"\b(?:half|double|twice|third|quarter|hundred|thousand|dozen|million)s?\b", re.IGNORECASE)
_UNITS = {
    "%": "%", "percent": "%", "ms": "ms", "millisecond": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s", "m": "min", "min": "min", "mins": "min", "minute": "min", "minutes": "min", "h": "h",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d", "w": "w", "week": "w",
    "weeks": "w", "month": "month", "months": "month", "year": "year", "years": "year", "b": "b", "byte": "b",
    "bytes": "b", "kb": "kb", "kib": "kb", "mb": "mb", "mib": "mb", "mi": "mb", "gb": "gb", "gib": "gb", "gi": "gb",
    "tb": "tb", "tib": "tb",
}  # fmt: skip

_CLOSE = 0.6
"""From this share of a claim's words on, a sentence of the source is taken to speak of the same thing."""

_CODE = re.compile(r"`([^`\n]+)`")
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,})[\"”]|(?<!\w)['‘]([^'‘’\n]{3,})['’](?!\w)")
_NAME = re.compile(
    r"(?<![\w./-])(?:--?[a-zA-Z][\w-]*"  # flags
    r"|/[\w.-]+(?:/[\w.-]+)*/?"  # paths
    r"|[\w-]+(?:[./:@][\w-]+)+"  # dotted, slashed, host:port
    r"|\w+_\w+"  # snake_case
    r"|[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?\d[\w-]*"  # names with a number in them
    r"|[A-Za-z]+[a-z][A-Z]\w*"  # CamelCase
    r"|[A-Z][A-Z0-9]{2,})(?![\w])"  # shouted
)
_PROPER = re.compile(r"(?<=[a-z,;)] )[A-Z][a-z]{2,}\b")


def stem(word: str) -> str:
    """Return a word without its commonest English endings, so that "restarting" meets "restarts"."""
    word = word.lower()
    for ending in ("ation", "ings", "ing", "ied", "ies", "ed", "es", "ly", "s", "e", "y", "ion"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word.removesuffix("e")


def content(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning; names are split into their words."""
    words = _WORD.findall(_CAMEL.sub(" ", text).replace("_", " "))
    return frozenset(stem(word) for word in words if not _STOP.fullmatch(word.lower()))


def containment(claim: frozenset[str], source: frozenset[str]) -> float:
    """Return the share of a claim's words that its source has too; a claim without words has none."""
    return len(claim & source) / len(claim) if claim else 0.0


def numbers(text: str) -> frozenset[tuple[str, str]]:
    """Return every number with its unit, "" where it has none that is known; number words count as digits."""
    text = _COUNT.sub(lambda found: _DIGIT_OF[found.group().lower()], text)
    found = {(number.rstrip(".,:"), _UNITS.get(unit.lower(), "")) for number, unit in _NUMBER.findall(text)}
    return frozenset(found | {(word.lower(), "") for word in _AMOUNT.findall(text)})


def has_numbers(claim: str, source: str) -> bool:
    """Tell whether every number of a claim stands in its source, with the same unit where the claim gives one."""
    known = numbers(source)
    bare = {number for number, _ in known}
    return all((number, unit) in known if unit else number in bare for number, unit in numbers(claim))


def quotes(text: str) -> list[str]:
    """Return what a text puts in quotation marks or backticks."""
    return _CODE.findall(text) + [double or single for double, single in _QUOTED.findall(text)]


def names(text: str) -> list[str]:
    """Return identifiers, hosts, paths, flags and names in capitals; ordinary words are none."""
    return [found.rstrip(".,:;") for found in _NAME.findall(text)] + _PROPER.findall(text)


def stands_in(part: str, source: str) -> bool:
    """Tell whether a part stands in a source as a whole, not as a piece of a longer name."""
    return re.search(rf"(?<![\w]){re.escape(part)}(?![\w])", source) is not None


def sentences(text: str) -> list[str]:
    """Return the sentences and list items of a text, roughly."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def deeds(text: str) -> list[tuple[str, frozenset[str]]]:
    """Return every word with its stem and the next two that carry meaning: what is done, and to what."""
    found: list[tuple[str, frozenset[str]]] = []
    for clause in re.split(r"[.,;:!?()]", text):
        words = [word for word in _DEED.findall(_CAMEL.sub(" ", clause).replace("_", " ")) if content(word)]
        for place, word in enumerate(words):
            found.append((word, content(" ".join(words[place : place + 3]))))
    return found


def novel(claim: str, source: frozenset[str]) -> int:
    """Return how many content words of a claim its source lacks."""
    return len(content(claim) - source)


def unfounded_cause(claim: str, source: str) -> bool:
    """Tell whether no sentence of its source has all words of what a claim gives as a cause or consequence."""
    found = _CAUSE.search(claim)
    if found is None:
        return False
    cause = content(claim[found.end() :])
    return not any(cause <= content(sentence) for sentence in sentences(source))


def denied(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems a text states plainly and those it denies: a denial reaches as far as its clause, four words.

    A denial within reach of another takes it back ("unless it is not …").
    """
    plain: set[str] = set()
    negated: set[str] = set()
    reach, under = 0, False
    for token in _TOKEN.findall(text):
        word = token.lower()
        if not word[0].isalnum() or _CLAUSE.fullmatch(word):
            reach = 0
        elif _NEGATION.fullmatch(word):
            under, reach = not (under and reach > 0), 4
        elif not _STOP.fullmatch(word) or _STATE.fullmatch(word):
            (negated if under and reach > 0 else plain).add(stem(word))
            reach = max(0, reach - 1)
    return frozenset(plain), frozenset(negated)


def contradicts(claim: str, source: str) -> bool:
    """Tell whether a claim says of something the opposite of what its source says of it.

    It does where it states what the source only denies, denies what the source only states, or uses one word of a pair
    of opposites where the source has only the other. The sentence of the source that is closest is asked as well as
    the whole, because elsewhere the same words may stand with and without a "not".
    """
    if _disagree(claim, source):
        return True
    words = content(claim)
    closest = max(sentences(source), key=lambda sentence: containment(words, content(sentence)), default="")
    if containment(words, content(closest)) >= _CLOSE and _disagree(claim, closest):
        return True
    spoken, source_words = (frozenset(stem(word) for word in _lower_words(text)) for text in (claim, source))
    return any(_swapped(frozenset(map(stem, pair)), spoken, source_words) for pair in _OPPOSITES)


def _disagree(claim: str, source: str) -> bool:
    said, refused = denied(claim)
    source_said, source_refused = denied(source)
    return bool(said & (source_refused - source_said) or refused & (source_said - source_refused))


def _swapped(pair: frozenset[str], words: frozenset[str], source: frozenset[str]) -> bool:
    return len(words & pair) == 1 and bool(source & pair) and not (words & pair) & source


def _lower_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
