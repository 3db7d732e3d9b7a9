"""The stored messages as the preview page wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.access import Audience
from domain.summary import Rung
from worker.console.preview import PreviewMessage, PreviewVersion
from worker.http.auth import Caller
from worker.http.window import Window
from worker.settings import ChannelSettings
from worker.slack.message import Message as Shown
from worker.slack.private import Press
from worker.store.messages import Edition, Message, Messages, Place


class Shelf:
    """Takes messages from the store and names their channels as the settings do."""

    def __init__(
        self,
        messages: Messages,
        channels: Sequence[ChannelSettings],
        window: Callable[[Audience], Window],
        alone: Callable[[Press], Shown | None],
    ) -> None:
        """`channels` give the titles, and the words for who reads; `window` is what an audience sees.

        `alone` is what the button under a message shows one person, None for nothing; it keeps that it was asked.
        """
        self._messages = messages
        self._window = window
        self._alone = alone
        self._channels = {channel.id: channel for channel in channels}

    def for_preview(self, limit: int, caller: Caller) -> tuple[PreviewMessage, ...]:
        """Return the newest messages with every text that they have shown, as far as the caller may see them."""
        if caller.operator:
            return self._pages(self._messages.for_preview(limit), self._messages.history)
        window = self._window(caller.audience)
        return self._pages(window.latest(limit), window.history)

    def for_person(self, limit: int, person: str) -> tuple[PreviewMessage, ...]:
        """Return what the person is shown alone under each of the newest messages."""
        found = []
        for message in self._messages.for_preview(limit):
            place = message.place
            shown = self._alone(Press(place, person, place.channel_id, message.ts)) if message.newest else None
            if message.newest and shown:
                version = PreviewVersion(shown.text, shown.blocks, message.newest.at, Rung.EXTRACTIVE.value)
                title = self._title(place.channel_id)
                found.append(PreviewMessage(place.channel_id, title, f"only {person} sees this", (version,)))
        return tuple(found)

    def _pages(
        self, found: Sequence[Message], history: Callable[[Place], Sequence[Edition]]
    ) -> tuple[PreviewMessage, ...]:
        return tuple(
            PreviewMessage(
                channel_id=message.place.channel_id,
                channel_title=self._title(message.place.channel_id),
                audience=self._audience(message.place.channel_id),
                versions=tuple(_version(edition) for edition in history(message.place)),
            )
            for message in found
        )

    def _title(self, channel_id: str) -> str:
        channel = self._channels.get(channel_id)
        return (channel.name if channel else "") or channel_id

    def _audience(self, channel_id: str) -> str:
        channel = self._channels.get(channel_id)
        groups = sorted(channel.groups - {"everyone"}) if channel else []
        return ", ".join(groups) or "everyone"


def _version(edition: Edition) -> PreviewVersion:
    body = edition.body
    return PreviewVersion(body.text, tuple(body.blocks), edition.at, body.rung, edited=edition.seq > 1)
