"""Look again at what is posted, whenever who may read what has changed.

A message that shows what its channel may not read any more is put back into the outbox; the pipeline edits it. The
answer to "has anything changed" is one number of the database, so it is asked often.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from domain.access import Readers
from domain.snapshot import Snapshot
from worker.route import Channel
from worker.store.messages import Showing
from worker.telemetry import Metrics

log = structlog.get_logger()


class Catalogue(Protocol):
    """Who may read which document."""

    def live(self) -> Snapshot | None:
        """Return the snapshot that answers queries."""

    def epoch(self) -> int:
        """Return a number that has grown whenever who may read what has changed."""

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is in the snapshot."""


class Messages(Protocol):
    """What channels were told."""

    def showings(self) -> Sequence[Showing]:
        """Return what every posted message rests on."""


class Outbox(Protocol):
    """The work that waits."""

    def again(self, incident_id: str, now: datetime) -> bool:
        """Make an incident's work due once more."""


class Recall:
    """Finds the messages that have to be edited."""

    def __init__(
        self,
        books: tuple[Catalogue, Messages, Outbox],
        channels: Iterable[Channel],
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """`channels` gives each channel with the audience that it has then."""
        self._catalogue, self._messages, self._outbox = books
        self._channels = channels
        self._metrics = metrics
        self._clock = clock
        self._seen: tuple[int, str] | None = None

    def run(self) -> int:
        """Look at every posted message, if anything has changed since; return how many incidents are to be told."""
        live = self._catalogue.live()
        mark = (self._catalogue.epoch(), live.id if live else "")
        if mark == self._seen:
            return 0
        outdated = self._outdated(live.id if live else "")
        for incident in outdated:
            self._outbox.again(incident, self._clock())
        if outdated:
            self._metrics.count("middlewatch_recalled_total", len(outdated))
            log.info("readers changed: posted messages are looked at again", action="recall", n=len(outdated))
        self._seen = mark
        return len(outdated)

    def _outdated(self, snapshot: str) -> list[str]:
        shown = self._messages.showings()
        channels = {channel.id: channel for channel in self._channels} if shown else {}
        named = frozenset().union(*(showing.documents for showing in shown)) if shown else frozenset()
        readers = self._catalogue.readers(snapshot, named) if named and snapshot else {}
        found = {
            showing.place.incident_id
            for showing in shown
            if (channel := channels.get(showing.place.channel_id)) and _is_outdated(showing, channel, readers)
        }
        return sorted(found)


def _is_outdated(showing: Showing, channel: Channel, readers: Mapping[str, Readers]) -> bool:
    if not channel.confirmed:
        return False
    audience, made_for = channel.audience, showing.audience
    if made_for is not None and (not frozenset(made_for) <= audience.groups or (not made_for and audience.groups)):
        return True
    return not all(audience.may_read(readers.get(name, frozenset())) for name in showing.documents)
