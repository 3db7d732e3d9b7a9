"""What one audience sees of the record: the messages of the channels it covers, and nothing that hints at others.

An audience covers a channel when it holds every group that all of the channel's readers hold. Each text that a message
has shown is looked at by itself: it is seen by whoever holds the groups that it was made for, as long as they may
still read every document that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from domain.access import Audience, Readers
from domain.alert import Incident, Status
from worker.route import Channel
from worker.store.messages import Edition, Message, Place
from worker.store.runs import RunRecord


class Incidents(Protocol):
    """The incidents of record."""

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident, or None."""

    def told_to(
        self, channels: Iterable[str], limit: int, offset: int = 0, status: Status | None = None
    ) -> Sequence[Incident]:
        """Return the incidents that one of these channels was told of, the newest first."""


class Messages(Protocol):
    """What channels were told."""

    def of_incident(self, incident_id: str) -> Sequence[Message]:
        """Return an incident's messages in all channels."""

    def history(self, place: Place) -> Sequence[Edition]:
        """Return every text that a message has shown, the oldest first."""

    def for_preview(self, limit: int, channel_id: str = "") -> Sequence[Message]:
        """Return posted messages of one channel, the newest first."""


class Runs(Protocol):
    """The records of runs."""

    def get(self, run_id: str) -> RunRecord | None:
        """Return one record, or None."""


class ReadersOfRecord(Protocol):
    """Who may read which document, in the snapshot that is live."""

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is there."""


@dataclass(frozen=True, slots=True)
class Room:
    """What windows look into; `channels` gives each channel with the audience it has now."""

    incidents: Incidents
    messages: Messages
    runs: Runs
    readers: ReadersOfRecord
    channels: Callable[[], Iterable[Channel]]


class Window:
    """The record as one audience sees it."""

    def __init__(self, room: Room, audience: Audience) -> None:
        """Look into the room as this audience."""
        self._room = room
        self._audience = audience
        self.channels = frozenset(channel.id for channel in room.channels() if self._covers(channel.audience.groups))

    def incidents(self, limit: int, offset: int, status: Status | None) -> tuple[Incident, ...]:
        """Return the incidents that a covered channel was told of, the newest first."""
        found = self._room.incidents.told_to(self.channels, limit, offset, status) if self.channels else ()
        return tuple(self._blanked(incident) for incident in found)

    def incident(self, incident_id: str) -> Incident | None:
        """Return an incident that a covered channel was told of, or None, whether or not there is another."""
        incident = self._room.incidents.get(incident_id)
        return self._blanked(incident) if incident and self._told(incident_id) else None

    def messages(self, incident_id: str) -> tuple[Message, ...]:
        """Return the messages that covered channels have of an incident."""
        told = self._room.messages.of_incident(incident_id)
        return tuple(message for message in told if message.place.channel_id in self.channels)

    def latest(self, limit: int) -> tuple[Message, ...]:
        """Return the newest posted messages of covered channels, the newest first."""
        found = [m for channel in sorted(self.channels) for m in self._room.messages.for_preview(limit, channel)]
        found.sort(key=lambda message: (message.posted_at or message.began_at, message.place.channel_id), reverse=True)
        return tuple(found[:limit])

    def history(self, place: Place) -> tuple[Edition, ...]:
        """Return the texts of a covered channel's message that this audience may read, the oldest first."""
        if place.channel_id not in self.channels:
            return ()
        editions = self._room.messages.history(place)
        named = sorted({name for edition in editions for name in _rests_on(edition.body.memory)})
        readers = self._room.readers.readers(named)
        readable = {name for name in named if self._audience.may_read(readers.get(name, frozenset()))}
        return tuple(edition for edition in editions if self._may_see(edition.body.memory, readable))

    def run(self, run_id: str) -> RunRecord | None:
        """Return the record of a run of a covered channel that was made for no more than this audience."""
        run = self._room.runs.get(run_id)
        seen = run is not None and run.channel_id in self.channels and run.audience <= self._audience.groups
        return run if seen else None

    def _covers(self, groups: Readers) -> bool:
        """Tell whether this audience holds all of these groups; an unknown audience is never covered."""
        return bool(groups) and groups <= self._audience.groups

    def _told(self, incident_id: str) -> bool:
        return bool(incident_id and self.messages(incident_id))

    def _blanked(self, incident: Incident) -> Incident:
        """Return an incident without the id of one before it that is not seen."""
        return incident if self._told(incident.previous_id) else replace(incident, previous_id="")

    def _may_see(self, memory: Mapping[str, Any], readable: set[str]) -> bool:
        made_for = memory.get("audience")
        if made_for is None:
            return False
        return frozenset(made_for) <= self._audience.groups and _rests_on(memory) <= readable


class _Nothing:
    """A record that holds nothing."""

    def get(self, _: str) -> None:
        """Know nothing of it."""

    def told_to(
        self, channels: Iterable[str], limit: int, offset: int = 0, status: Status | None = None
    ) -> Sequence[Incident]:
        """Return none."""
        return ()

    def of_incident(self, incident_id: str) -> Sequence[Message]:
        """Return none."""
        return ()

    def history(self, place: Place) -> Sequence[Edition]:
        """Return none."""
        return ()

    def for_preview(self, limit: int, channel_id: str = "") -> Sequence[Message]:
        """Return none."""
        return ()

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        """Return none."""
        return {}


def closed(audience: Audience) -> Window:
    """Return a window that shows nothing."""
    nothing = _Nothing()
    return Window(Room(nothing, nothing, nothing, nothing, tuple), audience)


def _rests_on(memory: Mapping[str, Any]) -> frozenset[str]:
    """Return every document that a text names or was made from, by what was kept of it."""
    summary = memory.get("summary", {})
    named = {meta["id"] for meta in (*summary.get("sources", ()), *summary.get("nearest", ()))}
    return frozenset(named | set(memory.get("given", ())))
