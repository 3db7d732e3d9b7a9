"""The channel's message about a storm: one for each storm, edited in place as its incidents come, change and resolve.

It is brought into the channel exactly as the message of an incident is. It is made from the alerts that were routed to
this channel and from nothing else, so it shows what each of their own messages would have shown; no document is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from worker.posting import Posting, Said
from worker.route import Channel
from worker.slack.storm import compose_storm
from worker.store.messages import Body, Place
from worker.store.storm import Storm, is_storm

log = structlog.get_logger()


class Book(Protocol):
    """The storms of record."""

    def get(self, storm_id: str, window_s: float = 0.0) -> Storm | None:
        """Return a storm with all that it tells of."""

    def rest(self, storm_id: str, until: datetime) -> None:
        """Let a storm's message be until a time."""


class StormDesk:
    """Tells a storm."""

    def __init__(
        self,
        posting: Posting,
        book: Book,
        channels: Sequence[Channel],
        pace: tuple[timedelta, timedelta],
        clock: Callable[[], datetime],
    ) -> None:
        """`pace` is how long before a storm its channel's incidents count with it, and how long a text stands."""
        self._posting = posting
        self._book = book
        self._channels = channels
        self._within, self._every = pace
        self._clock = clock

    def tell(self, storm_id: str) -> int:
        """Post a storm's message or edit it, and return the version that it shows.

        Raises:
            SlackUnavailable: Slack did not take it, or may have; it is to be tried again.
            Refused: Slack said a final no.
        """
        storm = self._book.get(storm_id, self._within.total_seconds())
        if storm is None:  # purged while its work waited
            return 0
        channel = next((each for each in self._channels if each.id == storm.channel_id), None)
        if channel is None:
            log.warning("a storm's channel is not told any more", action="storm_untold", channel=storm.channel_id)
            return storm.version
        self._posting.bring(channel, Place(channel.id, storm.id), partial(_said, storm, channel))
        self._book.rest(storm.id, self._clock() + self._every)
        return storm.version


def either(storms: Callable[[str], int], incidents: Callable[[str], int]) -> Callable[[str], int]:
    """Return what tells a storm or an incident, by its id."""
    return lambda name: storms(name) if is_storm(name) else incidents(name)


def _said(storm: Storm, channel: Channel) -> Said:
    message = compose_storm(storm, (channel.name or channel.id) if channel.shadow else "")
    memory = {"audience": sorted(channel.audience.groups), "told": [each.incident_id for each in storm.members]}
    return message, Body(storm.version, message.text, message.blocks, memory=memory)
