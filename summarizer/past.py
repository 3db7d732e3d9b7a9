"""What was the cause last time, and what mended it: only where a postmortem labels it.

Guessing is worse than silence: without a label, two sentences of the summary are quoted as just that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from summarizer.blocks_of import Shape, blocks_of
from summarizer.explain import quotable, quotes
from summarizer.limits import MAX_QUOTE
from summarizer.phrases import is_template
from summarizer.sections import Section, sections_of
from summarizer.sentences import lead, sentences
from summarizer.source import Source, Span
from summarizer.titles import Topic, past_topic_of

_MAX_DURATION = 120
_LOOKED_AT = 12
"""Sentences of a labelled part that are looked at."""
_SHORT_PART = 3
"""A labelled part of so few paragraphs is taken at its word."""

_CAUSAL = re.compile(
    r"\b(?:caus(?:e|es|ed|ing)|because|due to|root[- ]cause|led to|leads to|lead to|result(?:s|ed|ing) in"
    r"|as a result|bugs?|problem (?:is|was)"
    r"|issue (?:is|was)|never|fail(?:ed|s|ing|ure)|mis-?configur\w+|invalid|incorrect\w*|exhaust\w*|ran out"
    r"|missing|exceed\w*"
    r"|accidental\w*|mistaken\w*|expired|deadlock\w*|leak\w*|overload\w*|regression|triggered|could not"
    r"|too (?:many|much|few|low|high|small|large))\b",
    re.IGNORECASE,
)
_MENDING = re.compile(
    r"\b(?:fix(?:ed|es)?|resolv\w+|restor\w+|recover\w+|restart\w*|roll(?:ed|ing)?[- ]?back|revert\w*|deploy\w*"
    r"|clear(?:ed|ing)|bann?ed|yank\w*|delet\w+"
    r"|remov\w+|recycl\w+|disabl\w+|replac\w+|patched|rebuilt|increas\w+|scal(?:ed|ing)|stopping|batched"
    r"|provision\w+|failed over|switched|restricted"
    r"|revoked|rotated|locked|applied|migrated|upgraded|downgraded|drained|added|moved|(?:un|re)mount\w*|reset"
    r"|rebooted|killed|flushed|renewed)\b",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"\d|\b(?:half an|an?|one|two|three|four|five|six) (?:minute|hour|day|week)s?\b", re.IGNORECASE)
_ON_THE_WAY = re.compile(
    r"\b(?:decided|discussed|identified|investigat\w+|analy[sz]ed|noticed|noted|proposed|planned|considered|will"
    r"|should|would|tried|attempted|unsuccessful\w*"
    r"|did not (?:help|work)|didn't (?:help|work)|took measures)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:decided|discussed|planned|propos\w+|to (?:prevent|avoid|protect)|going forward|in (?:the )?future)\b",
    re.IGNORECASE,
)


def past_of(source: Source) -> list[tuple[str, Span]]:
    """Return (label, quote) of a postmortem: cause, fix and duration where labelled, else a summary."""
    sections = sections_of(source.text, blocks_of(source.text), past_topic_of)
    told = {
        "cause": _labelled(source, sections, Topic.CAUSE),
        "fix": _labelled(source, sections, Topic.FIX),
        "duration": _duration(source, sections),
    }
    found = [(label, span) for label, span in told.items() if span]
    if told["cause"] or told["fix"]:
        return found
    summary = _summary(source, sections)
    return [*([("summary", summary)] if summary else []), *found]


def _parts(sections: Sequence[Section], topic: Topic) -> list[Section]:
    """The parts labelled with a topic, the clearest label first."""
    return sorted((each for each in sections if each.topic is topic and each.named), key=lambda each: -each.weight)


def _labelled(source: Source, sections: Sequence[Section], topic: Topic) -> Span | None:
    for section in _parts(sections, topic):
        span = _telling(source, section, topic) or _listed(source, section)
        if span:
            return span
    return None


def _telling(source: Source, section: Section, topic: Topic) -> Span | None:
    """The first sentences of a part that tell the cause or the fix, rather than how it was come by.

    A part of a few paragraphs is taken at its word where its opening does not speak of the way there.
    """
    paragraphs = [block for block in section.blocks if block.shape is Shape.PARAGRAPH]
    written = [block for block in paragraphs if not is_template(source.quote(block.span)[:600])]
    spans = [span for block in written for span in sentences(source.text, block.span) if quotable(source, span)]
    told = [index for index, span in enumerate(spans[:_LOOKED_AT]) if _tells(source.quote(span), topic)]
    brief = len(written) <= _SHORT_PART and not any(block.shape is Shape.LIST for block in section.blocks)
    if not spans or not (told or brief):
        return None
    opens_well = _strays(topic).search(source.quote(spans[0])) is None
    if opens_well and (brief or told[0] <= 1):
        return lead(_run(source, spans))
    return lead(_run(source, spans[told[0] :])) if told else None


def _tells(words: str, topic: Topic) -> bool:
    cue = _CAUSAL if topic is Topic.CAUSE else _MENDING
    return cue.search(words) is not None and _strays(topic).search(words) is None


def _strays(topic: Topic) -> re.Pattern[str]:
    """What a sentence holds that tells of the search for a cause or fix, or of what comes after it."""
    return _AHEAD if topic is Topic.CAUSE else _ON_THE_WAY


def _run(source: Source, spans: Sequence[Span]) -> list[Span]:
    """The sentences that follow one another without a gap."""
    run = [spans[0]]
    for span in spans[1:]:
        if source.text[run[-1][1] : span[0]].strip():
            break
        run.append(span)
    return run


def _listed(source: Source, section: Section) -> Span | None:
    """The items of a part that is a list, as many of the first as fit whole."""
    for block in section.blocks:
        items = block.children if block.shape is Shape.LIST else ()
        whole = [item for item in items if item.end - items[0].start <= MAX_QUOTE]
        if whole:
            span = (items[0].start, whole[-1].end)
            return span if quotable(source, span) else None
    return None


def _duration(source: Source, sections: Sequence[Section]) -> Span | None:
    """A labelled length of time: short, and with a number in it."""
    for section in _parts(sections, Topic.DURATION):
        for block in section.blocks[:1]:
            first = block.children[0].children[0] if block.shape is Shape.LIST else block
            for span in sentences(source.text, first.span)[:1]:
                words = source.quote(span)
                if len(words) <= _MAX_DURATION and _LENGTH.search(words) and source.whole(span):
                    return span
    return None


def _summary(source: Source, sections: Sequence[Section]) -> Span | None:
    """Two sentences of the summary, else of the opening."""
    opening = [section for section in sections if section.topic is Topic.NONE]
    for section in [*_parts(sections, Topic.MEANING), *opening]:
        for span in quotes(source, section.blocks):
            if not source.quote(span)[:1].islower():
                return span
    return None
