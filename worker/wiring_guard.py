"""The part of the composition root that keeps the rest upright: what is spared when there is too much."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import structlog

from domain.alert import Incident, Severity
from domain.errors import MiddlewatchError
from worker.decide import Decision
from worker.from_intake import access
from worker.http.ports import Access
from worker.intake.amazon import Amazon
from worker.intake.senders import SENDERS
from worker.intake.sns import is_amazon
from worker.nightly_redteam import NightlyRedteam, attack
from worker.posting import Post, Posting
from worker.pressure.guarded import GuardedPost, Spare
from worker.pressure.level import Limits, Pressure
from worker.pressure.seats import LOOK_AGAIN_S, Seats
from worker.pressure.shedding import SheddingInbox
from worker.pressure.turns import EDITS, Limit, Turns
from worker.rotation import with_secrets_of
from worker.route import Channel
from worker.settings import Settings
from worker.slack.client import PreviewChannel, SlackChannel
from worker.watch.canary import Canary, Ears, Signs, Song, front_door
from worker.watch.heartbeat import Heartbeat, Rule, ping
from worker.watch.ops import OpsLine
from worker.watch.tell import Tell
from worker.wiring_access import AccessParts
from worker.wiring_index import now as now

log = structlog.get_logger()

_UNHEARD = (
    "The canary was not heard for {minutes} minutes: the way from the webhook to Slack is broken somewhere, "
    "or no worker runs. Messages of alerts may be missing, too."
)


class GuardParts(AccessParts):
    """The parts that say how much is taken on, each built when it is first asked for."""

    @cached_property
    def pressure(self) -> Pressure:
        """How hard pressed we are."""
        limits = self.settings.pressure
        return Pressure(self.store.loads.now, Limits(limits.max_waiting, limits.max_age), self.metrics, now)

    @cached_property
    def slack(self) -> SlackChannel | None:
        """Slack itself, None where no token is set."""
        slack = self.settings.slack
        token = slack.bot_token.get_secret_value()
        calling = lambda: self.outbound.for_url("slack", slack.base_url)  # noqa: E731
        return SlackChannel(token, slack.base_url, calling=calling) if token else None

    @cached_property
    def spare(self) -> Spare:
        """What spares Slack."""
        return Spare(self.breaker("slack"))

    @cached_property
    def post(self) -> Post:
        """Slack, or the preview where no token is set."""
        return GuardedPost(self.slack, self.spare, self.turns) if self.slack else PreviewChannel(now)

    @cached_property
    def posting(self) -> Posting:
        """What brings a message to a channel, an incident's as a storm's."""
        return Posting(self.post, self.store.messages, self.metrics, now)

    @cached_property
    def turns(self) -> Turns:
        """Whose turn it is to call Slack."""
        slack = self.settings.slack
        return Turns(Limit(60 / slack.posts_per_minute, 4), Limit(60 / slack.edits_per_minute, 40))

    def turn(self, incident: Incident, channel: Channel, decision: Decision) -> float:
        """Return the seconds until a message's turn; what is critical or takes rights away waits for none."""
        critical = incident.severity is Severity.CRITICAL
        if decision is Decision.OWED and self.seats.full and not critical:
            return LOOK_AGAIN_S
        if not self.slack:
            return 0.0
        if decision is Decision.OWED:
            return self.turns.wait_for_words(incident.id, hurried=critical)
        lane = channel.post_to if decision is Decision.NEW else EDITS
        return self.turns.wait(lane, incident.id, hurried=critical or decision is Decision.READERS)

    @cached_property
    def seats(self) -> Seats:
        """How many incidents may be with the language model at once."""
        return Seats(self.settings.llm.at_once)

    def warm_search(self) -> None:
        """Read what each channel can see of the live index; where that fails, its first alert says why."""
        try:
            for audience in {channel.audience for channel in self.live_channels}:
                self.search.warm(audience)
        except MiddlewatchError as error:
            log.info("the index could not be read beforehand", action="not_warmed", reason=error.reason)

    @cached_property
    def ops(self) -> OpsLine:
        """The line to the people who run this."""
        return OpsLine(self.store.audit, self.post, self.settings.slack.ops_channel, now)

    @cached_property
    def heartbeat(self) -> Heartbeat:
        """The alert that always fires."""
        beat = self.settings.heartbeat
        return self._listening(Rule(beat.match, beat.within, beat.ping_url))

    @cached_property
    def singing(self) -> Heartbeat:
        """What misses the canary."""
        canary = self.settings.canary
        within = 2 * canary.every + canary.within if canary.every else canary.every
        rule = Rule({}, within, canary.ping_url, "canary", "middlewatch_canary_silent", _UNHEARD)
        return self._listening(rule)

    def _listening(self, rule: Rule) -> Heartbeat:
        may = self.outbound.may("heartbeat", lambda url: True)
        return Heartbeat(rule, self.store.locks, self.ops, lambda url: ping(url) if may(url) else None, self.metrics)

    @cached_property
    def canary(self) -> Canary:
        """The alert of our own."""
        canary, store = self.settings.canary, self.store

        def token() -> str:
            tokens = self.settings.intake.alertmanager.tokens
            return tokens[0].get_secret_value() if tokens else ""

        url = canary.url or f"http://{self.settings.intake.host}:{self.settings.intake.port}"
        door = front_door(url.rstrip("/"), token)

        def posts(body: bytes) -> dict[str, Any]:
            self.outbound.for_url("canary", canary.url)
            return door(body)

        ears = Ears(posts, store.incidents, store.messages, store.locks)
        signs = Signs(self.singing.beat, self.ops.once, self.metrics)
        return Canary(Song(canary.every, canary.channel, canary.within, self.owner), ears, signs, now)

    @cached_property
    def amazon(self) -> Amazon:
        """Amazon's certificates and confirmations."""
        return Amazon(self.outbound.may("sns", is_amazon))

    @cached_property
    def access(self) -> Access:
        """Who may come in over HTTP."""
        return replace(access(self.settings, self.amazon.certificate), issued=self.store.tokens)

    def renew(self, fresh: Settings) -> None:
        """Take over the secrets of settings that were read again; of Slack's only where it was set up at the start."""
        self.settings = with_secrets_of(self.settings, fresh)
        self.access.renew(access(self.settings, self.amazon.certificate))
        token = self.settings.slack.bot_token.get_secret_value()
        for part in (self.slack, self.slack_people):
            if part and token:
                part.renew(token)

    def redteam_night(self) -> None:
        """Attack the pipeline as it is installed, on a library of its own."""
        NightlyRedteam(self.settings.redteam.nightly, attack, self.metrics, self.tell).check(now().date())

    @cached_property
    def tell(self) -> Tell:
        """The operators' own channel."""
        return Tell(self.post, self.settings.slack.ops_channel)

    @cached_property
    def inbox(self) -> SheddingInbox:
        """The durable inbox, which takes less when there is too much."""
        outlasts = {sender.name: sender.repeats for sender in SENDERS.values()}
        return SheddingInbox(self.store.inbox, self.pressure.now, outlasts, self.metrics)
