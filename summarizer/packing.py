"""Chooses the passages that a model is shown: the best first, whole, within a number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.document import Chunk, DocumentMeta, Evidence, Hit, Kind, SendToModel
from domain.summary import Citation

MAX_PASSAGES = 24
RUNBOOK_SHARE = 0.75
"""Runbooks are packed first and may take this share of the tokens; the rest is kept for the past."""
_BYTES_PER_TOKEN = 3
_LEAST_TOKENS = 40
"""A cut that leaves less than this of a passage is not worth its fence."""


@dataclass(frozen=True, slots=True)
class Given:
    """A passage as the model is shown it: its number, and the text of its chunk from the start as far as it fits."""

    number: int
    chunk: Chunk
    text: str

    @property
    def citation(self) -> Citation:
        """The stretch of the document that was shown."""
        chunk = self.chunk
        return Citation(chunk.meta.id, chunk.id, chunk.start, chunk.start + len(self.text))


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

    `cost` tells the tokens of a passage with its fence and breadcrumb. The lead runbook comes first, then the closest
    postmortem, then the others. A passage that does not fit is left out; only the very first is cut instead.
    """
    order = {hit.meta.id: place for place, hit in enumerate((*evidence.runbooks, *evidence.postmortems))}
    taken: list[tuple[Chunk, str]] = []
    left = tokens
    for chunk in _candidates(evidence, local=local):
        room = left - (0 if chunk.meta.kind is Kind.POSTMORTEM else int(tokens * (1 - RUNBOOK_SHARE)))
        text = _fitting(chunk, room, cost, may_cut=not taken)
        if text and len(taken) < MAX_PASSAGES:
            taken.append((chunk, text))
            left -= cost(chunk, text)
    taken.sort(key=lambda item: (order[item[0].meta.id], item[0].start))
    return tuple(Given(number, chunk, text) for number, (chunk, text) in enumerate(taken, start=1))


def _candidates(evidence: Evidence, *, local: bool) -> Iterator[Chunk]:
    """Yield every passage that may be shown, those most needed first."""
    runbooks, past = (
        [hit for hit in hits if may_see(hit.meta, local=local)] for hits in (evidence.runbooks, evidence.postmortems)
    )
    runbooks.sort(key=lambda hit: not hit.pinned)
    yield from _best(runbooks[:1], MAX_PASSAGES)
    yield from _best(past[:1], 4)
    yield from _best(runbooks[1:], 2)
    yield from _best(past[1:], 1)


def _best(hits: Sequence[Hit], each: int) -> Iterator[Chunk]:
    for hit in hits:
        for passage in hit.best[:each]:
            if passage.chunk.text.strip():
                yield passage.chunk


def _fitting(chunk: Chunk, room: int, cost: Callable[[Chunk, str], int], *, may_cut: bool) -> str:
    if cost(chunk, chunk.text) <= room:
        return chunk.text
    if not may_cut or room < _LEAST_TOKENS:
        return ""
    for end in _boundaries(chunk.text):
        if cost(replace(chunk, text="", end=chunk.start), chunk.text[:end]) <= room:
            return chunk.text[:end]
    return ""


def _boundaries(text: str) -> list[int]:
    """Return where text may be cut, last first: after a blank line that stands in no code block."""
    ends, position, inside = [], 0, False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith(("```", "~~~")):
            inside = not inside
        if not line.strip() and not inside and position:
            ends.append(position)
        position += len(line)
    return ends[::-1]
