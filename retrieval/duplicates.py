"""Near-duplicates among the hits of one audience: of several copies of a document, the best ranked one stays. Pure.

Only what the audience may read is compared, so a copy that it may not read takes nothing away from what it sees. Two
documents are copies when their stored texts are equal; or when they have one title but for versions, name the same
services, and share nine tenths of their runs of five words (w-shingling, Broder 1997). Pages written from one template
stay apart: in public runbooks the nearest of them share eight tenths, and they differ in their titles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

from domain.document import Hit

ALIKE = 0.9
"""The share of their runs of words that two copies have in common at the least, and the shorter one's length."""

RUN = 5
"""Words in a run."""

SLOTS = 65_536
"""In how many slots runs are told apart; two that meet in one move the share by a hundredth or two."""

MOST_CHARACTERS = 20_000
"""What is compared of a document, from its beginning."""

_WORD = re.compile(r"\w+")
_VERSION = re.compile(r"\b(?:v(?:ersion)?[ .]?\d[\w.]*|copy|draft|old|of)\b")


@dataclass(frozen=True, slots=True)
class Collapsed:
    """The hits that stay, in order, and for each document that was left out the one that stands for it."""

    hits: tuple[Hit, ...]
    twins: Mapping[str, str]


def collapsed(hits: Sequence[Hit]) -> Collapsed:
    """Leave out every hit that is a copy of one before it. `hits` are in order, best first."""
    kept: dict[str, Hit] = {}
    twins: dict[str, str] = {}
    by_hash: dict[str, str] = {}
    by_name: dict[tuple[object, ...], list[_Text]] = {}
    for hit in hits:
        alike, text = by_name.setdefault(_name(hit), []), _Text(hit)
        twin = by_hash.get(hit.meta.content_hash) or next((other.id for other in alike if _same(other, text)), "")
        if twin:
            twins[hit.meta.id] = twin
            continue
        kept[hit.meta.id] = hit
        alike.append(text)
        if hit.meta.content_hash:
            by_hash[hit.meta.content_hash] = hit.meta.id
    return Collapsed(tuple(kept.values()), twins)


class _Text:
    """What is compared of a hit, made when it first is."""

    def __init__(self, hit: Hit) -> None:
        self.id = hit.meta.id
        self._passages = hit.passages

    @cached_property
    def text(self) -> str:
        return "\n".join([passage.chunk.text for passage in self._passages])[:MOST_CHARACTERS]

    @cached_property
    def runs(self) -> tuple[int, int]:
        return _runs(self.text)


def _name(hit: Hit) -> tuple[object, ...]:
    """Return what two copies are called alike: the title's words without versions, and the services."""
    title = hit.meta.title.casefold()
    return tuple(_WORD.findall(_VERSION.sub("", title)) or [title]), frozenset(hit.meta.services)


def _same(one: _Text, other: _Text) -> bool:
    """Tell whether two documents hold nearly the same text: by length first, then by their Jaccard index."""
    if min(len(one.text), len(other.text)) < ALIKE * max(len(one.text), len(other.text)):
        return False
    (runs, count), (rivals, rival_count) = one.runs, other.runs
    shared = (runs & rivals).bit_count()
    return shared >= ALIKE * (count + rival_count - shared)


@lru_cache(maxsize=1024)
def _runs(text: str) -> tuple[int, int]:
    """Return a bit for each slot that a run of words in a text falls into, and how many; a short text is one run."""
    words = _WORD.findall(text.casefold())
    slots = bytearray(SLOTS // 8)
    for at in range(max(1, len(words) - RUN + 1)):
        place = crc32(" ".join(words[at : at + RUN]).encode()) % SLOTS
        slots[place >> 3] |= 1 << (place & 7)
    runs = int.from_bytes(slots, "little")
    return runs, runs.bit_count()
