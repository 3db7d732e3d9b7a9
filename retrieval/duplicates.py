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
from functools import lru_cache
from zlib import crc32

from domain.document import Hit

ALIKE = 0.9
"""The share of their runs of words that two copies have in common at the least, and the shorter one's length."""

RUN = 5
"""Words in a run."""

SAMPLE = 16
"""One in so many runs is looked at first, to save time."""

ENOUGH = 20
"""How many runs a sample must hold to tell anything."""

PERHAPS = 0.7
"""What the samples of two copies have in common at the least; far below `ALIKE`, since a sample errs."""

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
    by_name: dict[tuple[object, ...], list[Hit]] = {}
    for hit in hits:
        alike = by_name.setdefault(_name(hit), [])
        twin = by_hash.get(hit.meta.content_hash) or next((other.meta.id for other in alike if _same(other, hit)), "")
        if twin:
            twins[hit.meta.id] = twin
            continue
        kept[hit.meta.id] = hit
        alike.append(hit)
        if hit.meta.content_hash:
            by_hash[hit.meta.content_hash] = hit.meta.id
    return Collapsed(tuple(kept.values()), twins)


def _name(hit: Hit) -> tuple[object, ...]:
    """Return what two copies are called alike: the title's words without versions, and the services."""
    title = hit.meta.title.casefold()
    return tuple(_WORD.findall(_VERSION.sub("", title)) or [title]), frozenset(hit.meta.services)


def _same(one: Hit, other: Hit) -> bool:
    """Tell whether two documents hold nearly the same text."""
    text, rival = _text(one), _text(other)
    if min(len(text), len(rival)) < ALIKE * max(len(text), len(rival)):
        return False
    (some, runs), (others, rivals) = _runs(text), _runs(rival)
    enough = min(len(some), len(others)) >= ENOUGH
    return not (enough and _share(some, others) < PERHAPS) and _share(runs, rivals) >= ALIKE


def _share(runs: frozenset[int], rivals: frozenset[int]) -> float:
    """Return the Jaccard index of two sets, 1 where both are empty."""
    shared = len(runs & rivals)
    return shared / ((len(runs) + len(rivals) - shared) or 1) if runs or rivals else 1.0


def _text(hit: Hit) -> str:
    return "\n".join([passage.chunk.text for passage in hit.passages])[:MOST_CHARACTERS]


@lru_cache(maxsize=512)
def _runs(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return checksums of the runs of words in a text, a sample of them first; of the whole where it is no run long."""
    words = _WORD.findall(text.casefold())
    count = max(1, len(words) - RUN + 1)
    runs = frozenset([crc32(" ".join(words[at : at + RUN]).encode()) for at in range(count)])
    return frozenset([run for run in runs if run % SAMPLE == 0]), runs
