"""What an alert means and whom it hurts, in one or two of the document's own sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from summarizer.blocks_of import Block, Shape
from summarizer.limits import MAX_QUOTE, MAX_SENTENCE
from summarizer.phrases import is_action, is_furniture, is_order, is_placeholder, is_pointer, is_remark, is_template
from summarizer.sections import Section
from summarizer.sentences import lead, sentences
from summarizer.source import Source, Span
from summarizer.titles import Topic

_ABOUT_ALERT = re.compile(
    r"\b(?:this|the|an?)\b(?: \S+){0,2} (?:alert|alarm|page|check|rule|monitor)\b.{0,80}?\b(?:fire[sd]?|firing"
    r"|mean(?:s|ing)|indicat\w+|trigger\w*|"
    r"raised|sent|represent\w*|notif\w+|goes off|is based|occurs|tells|warns|checks|if|when)\b|\b(?:fires"
    r"|triggers|triggered|fired) (?:when|if|because|after)\b|\balerts? (?:when|if|you)\b",
    re.IGNORECASE | re.DOTALL,
)

_CLEAR = 6
"""From this weight on a title says plainly that its part tells the meaning."""
_META = re.compile(
    r"(?:the following|below|here)\b|(?:this|these) (?:runbook|document|page|guide|article|doc|playbook|section"
    r"|file|sop|procedure)s?\b",
    re.I,
)

_LOOKED_AT = 6
"""Sentences of a paragraph that are searched for "this alert"."""
_LEANS = re.compile(
    r"(?:If|When|Once|Since|As|Because) (?:they|it|this|that|these|those)\b|(?:This|That|These"
    r"|Those|It|They) "
)
_REFERS = re.compile(
    r"\b(?:can be found|is documented|are documented|is defined)\b.{0,80}(?:\[|http)", re.IGNORECASE | re.DOTALL
)


def meaning(source: Source, sections: Sequence[Section]) -> Span | None:
    """Find what the alert means: a section that says so, a sentence about "this alert", the first paragraph."""
    named = _by_weight(source, sections, Topic.MEANING)
    strong = [span for weight, span in named if weight >= _CLEAR]
    weak = [span for weight, span in named if weight < _CLEAR]
    untitled = [section for section in sections if section.topic is Topic.NONE]
    opening = [section for section in untitled if section.title[0] == section.title[1]]
    steps = [section for section in sections if section.topic in {Topic.DIAGNOSIS, Topic.FIX}]
    told = [
        *strong,
        *_sentences_about_alert(source, sections),
        *_statements(source, opening),
        *weak,
        *_statements(source, untitled),
        *_statements(source, steps),
    ]
    return next((span for span in told if not _META.match(source.quote(span))), told[0] if told else None)


def _statements(source: Source, sections: Sequence[Section]) -> Iterable[Span]:
    """Quotes of the paragraphs that state something, rather than ask, tell what to do, or remark."""
    for section in sections:
        for span in quotes(source, [block for block in section.blocks if block.shape is Shape.PARAGRAPH]):
            words = [source.quote(each) for each in sentences(source.text, span)]
            mixed = section.topic is not Topic.NONE and any(is_action(each) for each in words)
            if not (mixed or is_action(words[0]) or is_remark(words[0]) or words[0].endswith("?")):
                yield span


def impact(source: Source, sections: Sequence[Section]) -> Span | None:
    """Find whom the alert hurts, only where a title says so."""
    found = _by_weight(source, sections, Topic.IMPACT)
    return found[0][1] if found else None


def _by_weight(source: Source, sections: Sequence[Section], topic: Topic) -> list[tuple[int, Span]]:
    """The first quote of each section of a topic: clearest title first, then best passage, then first."""
    found = [
        (section.weight, source.score(span), span)
        for section in sections
        if section.topic is topic
        for span in _first(quotes(source, section.blocks))
    ]
    return [(weight, span) for weight, _, span in sorted(found, key=lambda each: (-each[0], -each[1], each[2]))]


def _first(spans: Iterable[Span]) -> list[Span]:
    return [span for span, _ in zip(spans, range(1), strict=False)]


def _sentences_about_alert(source: Source, sections: Sequence[Section]) -> list[Span]:
    """The first sentence that speaks of "this alert", with the one before it where it leans on that."""
    for section in sections:
        if section.topic is Topic.ASIDE:
            continue
        for block in section.blocks:
            spans = sentences(source.text, block.span)[:_LOOKED_AT] if block.shape is Shape.PARAGRAPH else []
            for index, span in enumerate(spans):
                words = source.quote(span)
                if not _ABOUT_ALERT.search(words) or is_order(words) or _META.match(words):
                    continue
                found = lead(spans[max(index - 1, 0) if _LEANS.match(words) else index :]) or span
                if quotable(source, found):
                    return [found]
    return []


def quotes(source: Source, blocks: Sequence[Block]) -> Iterable[Span]:
    """Yield what can be quoted of some blocks: the first sentences of each paragraph, else of each list item.

    A sentence that ends in a colon is stretched over the first items of the list it leads into, or left out.
    """
    for index, block in enumerate(blocks):
        if block.shape is Shape.PARAGRAPH:
            span = _paragraph(source, block, blocks[index + 1] if index + 1 < len(blocks) else None)
            if span:
                yield span
        elif block.shape is Shape.LIST:
            for item in block.children[:8]:
                first, *rest = item.children
                span = _paragraph(source, first, rest[0] if rest else None) if first.shape is Shape.PARAGRAPH else None
                if span:
                    yield span


def _paragraph(source: Source, block: Block, following: Block | None) -> Span | None:
    spans = sentences(source.text, block.span)
    if is_template(source.quote(block.span)[:600]):
        return None
    while spans and not _says_something(source, spans[0]):
        spans = spans[1:]
    spans = spans[: next((index for index in range(1, len(spans)) if _refers(source, spans[index])), len(spans))]
    span = lead(spans)
    if span is None:
        return None
    if source.quote(span).endswith(":"):
        span = _over_list(span, following) or _before_last(spans, span)
    return span if span and quotable(source, span) else None


def _refers(source: Source, span: Span) -> bool:
    """Tell whether a sentence only says where more is to be found."""
    words = source.quote(span)
    return is_pointer(words) or _REFERS.search(words) is not None


def _says_something(source: Source, span: Span) -> bool:
    words = source.quote(span)
    return not (is_furniture(words) or is_placeholder(words) or is_pointer(words) or is_template(words))


def _over_list(span: Span, following: Block | None) -> Span | None:
    """Stretch a quote over the items that follow it, as many as fit whole."""
    if following is None or following.shape is not Shape.LIST:
        return None
    end = span[1]
    for item in following.children:
        if item.end - span[0] > MAX_QUOTE:
            break
        end = item.end
    return (span[0], end) if end > span[1] else None


def _before_last(spans: Sequence[Span], span: Span) -> Span | None:
    """Give up the last sentence of a quote, when there is one before it."""
    kept = [each for each in spans if each[1] < span[1]]
    return (span[0], kept[-1][1]) if kept else None


def quotable(source: Source, span: Span) -> bool:
    """Tell whether a quote is whole, short enough, and says something."""
    words = source.quote(span)
    if len(words) > MAX_SENTENCE or len(words.split()) < 2 or not source.whole(span):
        return False
    return "\n>" not in words.replace(" ", "") and _says_something(source, span) and not words.endswith(":")
