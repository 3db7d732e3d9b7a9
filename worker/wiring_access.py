"""The part of the composition root that knows who reads what: groups, members of channels, audiences."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

    from worker.broker import Bell

from summarizer.extractive import extract
from worker.feedback import Feedback
from worker.from_settings import channel_of, channels
from worker.http.ports import Limits
from worker.library import LiveReaders
from worker.membership import Held, Person, Room
from worker.pressure.guarded import GuardedDirectory, Spare
from worker.readers.audiences import Audiences, LiveChannels, Policy
from worker.readers.private import Private, Shelves, Who
from worker.readers.recall import Recall
from worker.readers.refresh import Directory, Holders, Refresher, Rounds
from worker.route import Channel
from worker.slack.client import web_client
from worker.slack.directory import Directory as SlackDirectory
from worker.slack.message import Message
from worker.slack.private import Press, with_button
from worker.store.messages import Place
from worker.wiring_index import IndexParts
from worker.wiring_index import now as now

_BYTES_IN_FLIGHT = 32 * 1024 * 1024
"""Of requests of Slack that are being read."""


def press_from(incident: str, channel: str, user: str, seen_in: str, ts: str) -> Press:
    """Return a press that came through the broker."""
    return Press(Place(channel, incident), user, seen_in, ts)


def astuple_of(press: Press) -> tuple[str, ...]:
    """Return a press as the broker carries it."""
    return press.place.incident_id, press.place.channel_id, press.user, press.seen_in, press.ts


class NoDirectory:
    """Stands in where no token is set: nobody can be asked, and nobody is known."""

    def room(self, channel_id: str) -> Room:
        """Return a room that nobody is known in."""
        return Room(shared=True)

    def person(self, user_id: str) -> Person:
        """Return that the person is a member where the file of groups says so: there is no other word."""
        return Person.MEMBER

    def groups(self) -> Held:
        """Return that nobody is in a user group."""
        return {}


class AccessParts(IndexParts):
    """The parts that say who reads, each built when it is first asked for."""

    slack_people: SlackDirectory | None = None

    @cached_property
    def directory(self) -> Directory:
        """Slack's record of people and channels."""
        slack, groups = self.settings.slack, self.settings.groups
        token = slack.bot_token.get_secret_value()
        if not token:
            return NoDirectory()
        client = web_client(token, slack.base_url, calling=lambda: self.outbound.for_url("slack", slack.base_url))
        self.slack_people = SlackDirectory(client, groups.bots, now)
        return GuardedDirectory(self.slack_people, Spare(self.breaker("groups")))

    @cached_property
    def holders(self) -> Holders:
        """Who holds which group."""
        groups = self.settings.groups
        return Holders(self.directory, groups.file, groups.slack)

    @property
    def verified(self) -> bool:
        """Whether the members of channels are asked for; else the settings' word stands."""
        return self.settings.groups.configured and bool(self.settings.slack.bot_token.get_secret_value())

    @cached_property
    def audiences(self) -> Audiences:
        """Who reads each channel now."""
        external = frozenset(each.id for each in self.settings.channels if each.external_ok)
        policy = Policy(self.verified, self.settings.groups.ttl, external)
        return Audiences(self.store.audiences, policy, self.metrics, now)

    @property
    def watched(self) -> tuple[str, ...]:
        """The channels whose readers count: those of the settings, and the test channel."""
        return tuple(
            dict.fromkeys(
                [each.id for each in self.settings.channels] + list(filter(None, [self.settings.slack.shadow_channel]))
            )
        )

    @cached_property
    def refresher(self) -> Refresher:
        """What asks for the members of channels."""
        rounds = Rounds(self.watched, self.settings.groups.refresh, self.owner, now)
        books = (self.store.audiences, self.store.locks)
        return Refresher(self.directory, self.holders, books, rounds, self.metrics)

    @cached_property
    def live_channels(self) -> LiveChannels:
        """The channels that are told, each time with the audience they have then."""
        return LiveChannels(channels(self.settings), self.audiences)

    @cached_property
    def recall(self) -> Recall:
        """What looks at posted messages again when readers have changed."""
        store = self.store
        return Recall((store.catalogue, store.messages, store.outbox), self.live_channels, self.metrics, now)

    @property
    def buttons(self) -> bool:
        """Whether messages have the button: only where what is pressed comes back to us, signed."""
        slack = self.settings.slack
        return bool(slack.signing_secret.get_secret_value() and slack.bot_token.get_secret_value())

    def finish(self, message: Message, place: Place) -> Message:
        """Return a message with what stands under every one of them."""
        return with_button(message, place) if self.buttons else message

    @cached_property
    def private(self) -> Private:
        """What answers one person."""
        store = self.store
        shelves = Shelves(store.incidents, store.messages, LiveReaders(store.catalogue), lambda: self.search)
        return Private(shelves, Who(self.directory, self.holders, self.channel), extract, self.metrics, now)

    @cached_property
    def feedback(self) -> Feedback:
        """What takes readers' votes."""
        store = self.store
        return Feedback(store.messages, store.feedback.cast, self.channel, self.redact.alias, self.metrics)

    def shown_alone(self, press: Press) -> Message | None:
        """Return what the button shows one person, for an operator's eyes; that it was asked is kept."""
        self.rights.looked(press.place.incident_id, f"as {press.user} in {press.place.channel_id}")
        return self.private.view(press)

    def slack_routes(self, limits: Limits, bell: Bell) -> tuple[APIRouter, ...]:
        """Return the routes that Slack calls."""
        from worker.http import slack_events, slack_interactions
        from worker.http.body import Bodies

        def secret() -> str:
            return self.settings.slack.signing_secret.get_secret_value()

        pressed = slack_interactions.Interactions(
            secret, lambda press: bell.ask_answer(*astuple_of(press)), self.metrics, now, self.feedback.take
        )
        heard = slack_events.Events(
            secret=secret,
            watched=frozenset(self.watched),
            book=self.store.audiences,
            metrics=self.metrics,
            clock=now,
        )
        bodies = Bodies(_BYTES_IN_FLIGHT, limits.body_timeout_s)
        return slack_events.router(heard, bodies), slack_interactions.router(pressed, bodies)

    def channel(self, channel_id: str) -> Channel:
        """Return one channel with the audience that it has now.

        Raises:
            BadSettings: the settings name no such channel.
        """
        return self.audiences.live((channel_of(self.settings, channel_id),))[0]
