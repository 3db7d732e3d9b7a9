"""A hit's document, put together again from its passages, so that quotes carry exact spans."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from domain.document import DocumentMeta, Hit, Passage
from domain.summary import Citation
from summarizer.limits import MAX_DOCUMENT

Span = tuple[int, int]
"""Characters [start, end) of a document's text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document's text as far as its passages tile it; what lies between them reads as newlines.

    `starts` holds each passage's first character, in order.
    """

    meta: DocumentMeta
    text: str
    passages: tuple[Passage, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, hit: Hit) -> Source:
        """Rebuild the document of a hit. Passages that overlap an earlier one are left out."""
        parts: list[str] = []
        kept: list[Passage] = []
        position = 0
        for passage in sorted(hit.passages, key=lambda passage: (passage.chunk.start, passage.chunk.end)):
            chunk = passage.chunk
            if chunk.start < position or chunk.end - chunk.start != len(chunk.text) or chunk.end > MAX_DOCUMENT:
                continue
            parts.append("\n" * (chunk.start - position))
            parts.append(chunk.text)
            kept.append(passage)
            position = chunk.end
        starts = tuple(passage.chunk.start for passage in kept)
        return cls(hit.meta, "".join(parts), tuple(kept), starts)

    def quote(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span[0] : span[1]]

    def whole(self, span: Span) -> bool:
        """Tell whether passages hold every character of a span."""
        index = bisect_right(self.starts, span[0]) - 1
        position = span[0]
        while 0 <= index < len(self.passages) and self.passages[index].chunk.start <= position:
            position = max(position, self.passages[index].chunk.end)
            if position >= span[1]:
                return True
            index += 1
        return False

    def cite(self, span: Span) -> Citation:
        """Cite a span; the chunk is the one in which it begins."""
        index = max(bisect_right(self.starts, span[0]) - 1, 0)
        return Citation(self.meta.id, self.passages[index].chunk.id, span[0], span[1])

    def score(self, span: Span) -> float:
        """Return the best score of the passages that share a character with a span, or 0."""
        first = max(bisect_right(self.starts, span[0]) - 1, 0)
        last = bisect_right(self.starts, max(span[1] - 1, span[0]))
        return max((passage.score for passage in self.passages[first:last]), default=0.0)
