"""What a message is about: all that `compose` needs, and nothing it would have to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.alert import Change, Incident
from domain.document import Evidence
from domain.summary import Summary


@dataclass(frozen=True, slots=True)
class Card:
    """One incident as one channel is to see it. Every part of it was read as that channel's audience.

    `summary` is None while there is none. `changes` are those to the incident's services in the hour before;
    `changes_asked` is false where changes were not looked up: then nothing is said of them. `links` are the
    product's own (label, URL). `notes` are plain sentences such as "Readers of this channel could not be
    confirmed.". `headings` maps a chunk id to its path of headings (`headings_of`). `meant_for` names the
    channel that a message of a channel in shadow mode was made for, else it is "".
    """

    incident: Incident
    summary: Summary | None
    now: datetime
    changes: tuple[Change, ...] = ()
    changes_asked: bool = True
    meant_for: str = ""
    links: tuple[tuple[str, str], ...] = ()
    run_id: str = ""
    notes: tuple[str, ...] = ()
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def headings_of(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Return the path of headings of each chunk that was found, by chunk id."""
    hits = evidence.runbooks + evidence.postmortems
    return {passage.chunk.id: passage.chunk.headings for hit in hits for passage in hit.passages}
