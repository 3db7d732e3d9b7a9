"""What was the cause last time, and what mended it: only where a postmortem labels it.

Guessing is worse than silence: without a label, two sentences of the summary are quoted as just that.
"""

from __future__ import annotations

from collections.abc import Sequence

from summarizer.blocks_of import Block, Shape, blocks_of
from summarizer.explain import quotes
from summarizer.limits import MAX_QUOTE
from summarizer.sections import Section, sections_of
from summarizer.source import Source, Span
from summarizer.titles import Topic, past_topic_of

_MAX_DURATION = 120
_LABELS = (
    (Topic.CAUSE, "cause", MAX_QUOTE),
    (Topic.FIX, "fix", MAX_QUOTE),
    (Topic.DURATION, "duration", _MAX_DURATION),
)


def past_of(source: Source) -> list[tuple[str, Span]]:
    """Return (label, quote) of a postmortem: cause, fix and duration where labelled, else a summary."""
    sections = sections_of(source.text, blocks_of(source.text), past_topic_of)
    found = []
    for topic, label, limit in _LABELS:
        span = _labelled(source, sections, topic, limit)
        if span:
            found.append((label, span))
    if any(label != "duration" for label, _ in found):
        return found
    summary = _labelled(source, sections, Topic.MEANING, MAX_QUOTE) or _opening(source, sections)
    return [*([("summary", summary)] if summary else []), *found]


def _labelled(source: Source, sections: Sequence[Section], topic: Topic, limit: int) -> Span | None:
    """The first quote of the clearest label."""
    for section in sorted(sections, key=lambda section: -section.weight):
        if section.topic is not topic or not section.named:
            continue
        for span in quotes(source, section.blocks, limit=limit):
            if span[1] - span[0] <= max(limit, MAX_QUOTE if topic is not Topic.DURATION else limit):
                return span
    return None


def _opening(source: Source, sections: Sequence[Section]) -> Span | None:
    for section in sections:
        if section.topic is Topic.NONE:
            blocks: tuple[Block, ...] = tuple(block for block in section.blocks if block.shape is Shape.PARAGRAPH)
            for span in quotes(source, blocks):
                return span
    return None
