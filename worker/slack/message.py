"""One incident as one message: at most 25 lines and 2,500 characters, whatever it is made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass

from domain.summary import Section
from worker.slack import blocks, claims, parts, text
from worker.slack.card import Card
from worker.slack.inert import hosts_of, still
from worker.slack.lines import Line, Part, Unit

__all__ = ["LONGEST_MESSAGE", "MOST_LINES", "Card", "Message", "compose", "fitted"]

MOST_LINES = 25
LONGEST_MESSAGE = 2_500


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is shown: plain text (not escaped), Block Kit, and the lines that both are made from."""

    text: str
    blocks: tuple[blocks.Block, ...]
    lines: tuple[Line, ...]


def compose(card: Card) -> Message:
    """Return the message for a card."""
    return fitted(_parts(card), hosts_of(card))


def fitted(made: Iterable[Part], hosts: Collection[str]) -> Message:
    """Return the message of these parts. Whole lines are left out, in the order of their ranks, until it fits.

    `hosts` are those that the message links to by itself.
    """
    said = still(made, hosts)
    places = [(unit.rank, -i, -j) for i, part in enumerate(said) for j, unit in enumerate(part.units) if unit.rank]
    left_out: set[tuple[int, int]] = set()
    lines = tuple(_shown(said, left_out))
    for _, part, unit in sorted(places, key=_soonest_first):
        if _fits(lines):
            break
        left_out.add((-part, -unit))
        lines = tuple(_shown(said, left_out))
    return Message(text.render(lines), blocks.render(lines), lines)


def _parts(card: Card) -> tuple[Part, ...]:
    return (
        parts.header(card),
        parts.context(card),
        parts.notes(card),
        parts.happening(card),
        claims.no_runbook(card),
        claims.explained(card, Section.MEANING),
        claims.explained(card, Section.IMPACT),
        claims.steps(card),
        claims.past(card),
        parts.changes(card),
        claims.sources(card),
        parts.footer(card),
    )


def _soonest_first(place: tuple[int, int, int]) -> tuple[int, int, int]:
    """The highest rank, and among equals what stands last."""
    rank, part, unit = place
    return (-rank, part, unit)


def _fits(lines: tuple[Line, ...]) -> bool:
    shown = text.render(lines)
    return len(shown) <= LONGEST_MESSAGE and shown.count("\n") < MOST_LINES


def _shown(said: tuple[Part, ...], left_out: Set[tuple[int, int]]) -> Iterator[Line]:
    kept = [[u for j, u in enumerate(part.units) if (i, j) not in left_out] for i, part in enumerate(said)]
    cited = frozenset[int]().union(*(unit.refs for units in kept for unit in units))
    for part, units in zip(said, kept, strict=True):
        yield from _lines_of(part, [unit for unit in units if not unit.source or unit.source in cited])


def _lines_of(part: Part, units: list[Unit]) -> Iterator[Line]:
    left_out = part.hidden + sum(not unit.aside for unit in part.units) - sum(not unit.aside for unit in units)
    if all(unit.aside for unit in units) and not (part.overflow and left_out):
        return
    if part.heading:
        yield part.heading
    for unit in units:
        yield from unit.lines
    if part.overflow and left_out:
        yield part.overflow(left_out)
