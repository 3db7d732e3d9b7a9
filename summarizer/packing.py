"""Chooses the passages that a model is shown, sentence by sentence: the best first, within a number of tokens."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from domain.document import Chunk, DocumentMeta, Evidence, Hit, Kind, SendToModel
from domain.summary import Citation
from summarizer.source import Span
from summarizer.trim import joined, needed, pieces

MAX_PASSAGES = 24
RUNBOOK_SHARE = 0.75
"""Runbooks are packed first and may take this share of the tokens; the rest is kept for the past."""
_BYTES_PER_TOKEN = 3
LEAD_PASSAGES, PAST_PASSAGES, OTHER_PASSAGES = 24, 4, 1
"""How many passages of the lead runbook, of the closest postmortem and of the second runbook are asked for."""
CLOSE = 0.95
"""The second runbook is shown where it scores at least this share of the lead's: then either may be meant."""
_TOO_SHORT_TO_TELL = 25
"""A line of fewer characters may well stand in two documents and mean two things."""
_LEAST_TOKENS = 40
"""A cut that leaves less than this of a passage is not worth its fence."""


@dataclass(frozen=True, slots=True)
class Given:
    """A passage as the model is shown it: its number, and the sentences of its chunk that are shown, in their order.

    `shown` says where in the chunk they stand; empty means from its start on.
    """

    number: int
    chunk: Chunk
    text: str
    shown: tuple[Span, ...] = ()

    @property
    def citation(self) -> Citation:
        """The stretch of the document from the first character that was shown to the last."""
        chunk = self.chunk
        start, end = (self.shown[0][0], self.shown[-1][1]) if self.shown else (0, len(self.text))
        return Citation(chunk.meta.id, chunk.id, chunk.start + start, chunk.start + end)


def estimate(text: str) -> int:
    """Return a number of tokens that text surely does not exceed by much: a third of its UTF-8 bytes, rounded up.

    English and code take about four bytes a token, so this is on the safe side for every common tokenizer.
    """
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)


def may_see(meta: DocumentMeta, *, local: bool) -> bool:
    """Tell whether a model may be shown a document's text: `local` is whether the model runs within our own network."""
    return meta.send_to_model is SendToModel.ANY or (meta.send_to_model is SendToModel.LOCAL and local)


def lead_of(hits: Sequence[Hit]) -> Hit | None:
    """Return the document that speaks first: one that the alert itself names, else the best."""
    return min(hits, key=lambda hit: not hit.pinned, default=None)


def pack(evidence: Evidence, tokens: int, cost: Callable[[Chunk, str], int], *, local: bool) -> tuple[Given, ...]:
    """Return the passages that fit into `tokens`, numbered from 1 in the order of their documents.

    Of each passage only the sentences and commands that matter are taken, and none that was taken already. `cost` tells
    the tokens of a passage with its fence and breadcrumb. The lead runbook comes first, then the closest postmortem,
    then the others. A passage that does not fit is left out; only the very first is cut instead.
    """
    order = {hit.meta.id: place for place, hit in enumerate((*evidence.runbooks, *evidence.postmortems))}
    taken: list[tuple[Chunk, str, tuple[Span, ...]]] = []
    said: set[str] = set()
    left = tokens
    for chunk in _candidates(evidence, local=local):
        if len(taken) == MAX_PASSAGES:
            break
        room = left - (0 if chunk.meta.kind is Kind.POSTMORTEM else int(tokens * (1 - RUNBOOK_SHARE)))
        spans = _fitting(chunk, _unsaid(chunk, said), (room, not taken), cost)
        if spans:
            text = excerpt(chunk, spans)
            taken.append((chunk, text, spans))
            said.update(_lines(text))
            left -= cost(chunk, text)
    taken.sort(key=lambda item: (order[item[0].meta.id], item[0].start))
    return tuple(Given(number, *item) for number, item in enumerate(taken, start=1))


def excerpt(chunk: Chunk, spans: Sequence[Span]) -> str:
    """Return the stretches of a chunk, each from a line of its own."""
    return "\n".join(chunk.text[start:end] for start, end in spans)


def _unsaid(chunk: Chunk, said: Set[str]) -> tuple[Span, ...]:
    """What of a chunk is needed and was not taken from another already."""
    lines = ((span, _lines(chunk.text[slice(*span)])) for span in needed(chunk))
    return tuple(span for span, told in lines if not told or not told <= said)


def _lines(text: str) -> frozenset[str]:
    """The lines of a text that say something, to tell whether it was said before."""
    lines = (" ".join(line.split()).casefold() for line in text.split("\n"))
    return frozenset(line for line in lines if len(line) > _TOO_SHORT_TO_TELL)


def _candidates(evidence: Evidence, *, local: bool) -> Iterator[Chunk]:
    """Yield every passage that may be shown, those most needed first."""
    runbooks, past = (
        [hit for hit in hits if may_see(hit.meta, local=local)] for hits in (evidence.runbooks, evidence.postmortems)
    )
    runbooks.sort(key=lambda hit: not hit.pinned)
    yield from _best(runbooks[:1], LEAD_PASSAGES)
    yield from _best(past[:1], PAST_PASSAGES)
    yield from _best([hit for hit in runbooks[1:2] if hit.score >= CLOSE * runbooks[0].score], OTHER_PASSAGES)


def _best(hits: Sequence[Hit], each: int) -> Iterator[Chunk]:
    for hit in hits:
        telling = (passage.chunk for passage in hit.best if needed(passage.chunk))
        yield from islice(telling, each)


def _fitting(
    chunk: Chunk, spans: tuple[Span, ...], room: tuple[int, bool], cost: Callable[[Chunk, str], int]
) -> tuple[Span, ...]:
    """Return the stretches where they fit; the first passage of all is cut instead, between two sentences."""
    most, may_cut = room
    if not spans or cost(chunk, excerpt(chunk, spans)) <= most:
        return spans
    if not may_cut or most < _LEAST_TOKENS:
        return ()
    parts = pieces(chunk)
    fits = bisect_right(range(len(parts) + 1), most, key=lambda end: cost(chunk, excerpt(chunk, parts[:end])))
    return joined(chunk.text, parts[: max(fits - 1, 0)])
