"""A storm to test with: many incidents of many services, and an installation in this process that tells of them.

The database and Slack over HTTP are real, search and model are not there, and the clock is the test's own. A worker
that dies stops at a step and leaves everything as it is; another takes the work when its lease is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.access import Audience, Readers
from domain.alert import Alert, Delivery, Incident, Status
from domain.document import Evidence
from domain.summary import Rung, Summary
from summarizer.summarize import Attempt, Outcome
from tests.deliveries import THREE
from tests.faults.steps import Watched
from tests.slack_server import TOKEN, SlackServer
from worker.desk import Desk, Drawers
from worker.pipeline import Pipeline
from worker.posting import Posting
from worker.readers.fit import Check
from worker.route import Channel
from worker.runs import Runs
from worker.silence import Silence
from worker.slack.client import SlackChannel
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.ids import new_id
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.storm.desk import StormDesk, either
from worker.storm.sky import Sky
from worker.storm.weather import StormRule, Tides
from worker.telemetry import Metrics
from worker.telling import Telling
from worker.work import Limits, Work, handler

CHANNEL = Channel("C1", "one", Audience.of([]), post_to="C1", default=True)
RULE = StormRule(20, timedelta(minutes=5))
EVERY = timedelta(seconds=10)


class Died(BaseException):
    """The worker ends here."""


@dataclass
class Death:
    """Comes when a step was reached so many times."""

    step: str = ""
    nth: int = 1
    came: bool = False

    def reach(self, step: str) -> None:
        """Come to a step."""
        if step == self.step and not self.came:
            self.nth -= 1
            if not self.nth:
                self.came = True
                raise Died


class Bare:
    """Library, summarizer and readers of record, without documents and without a model."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def evidence(self, incident: Incident, audience: Audience, run: object) -> Evidence:
        return Evidence()

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        return Summary(Rung.EXTRACTIVE, (), ())

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        self.asked.append(incident.id)
        return Attempt(Outcome.OFF)

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        return {}


@dataclass
class Gale:
    """The installation. `take` receives, `work` does what is due, `pass_time` lets time go by and sweeps."""

    store: Store
    slack: SlackServer
    now: datetime = THREE
    death: Death = field(default_factory=Death)
    rule: StormRule = RULE
    channels: tuple[Channel, ...] = (CHANNEL,)
    bare: Bare = field(default_factory=Bare)
    metrics: Metrics = field(default_factory=Metrics)
    silences: tuple[Silence, ...] = ()
    sky: Any = None

    def clock(self) -> datetime:
        return self.now

    def take(self, name: str, service: str, severity: str = "warning", fires: bool = True) -> str:
        """Receive the one alert of a group of its own, and return its incident's id."""
        labels = {"alertname": name, "service": service, "severity": severity}
        state = Status.FIRING if fires else Status.RESOLVED
        ended = None if fires else self.now
        alert = Alert(name, state, labels, {"summary": f"{name} of {service}"}, THREE, ended)
        return self.store.inbox.receive(Delivery("alertmanager", name, (alert,)), self.now).incidents[0]

    @property
    def air(self) -> Sky:
        """How things stand, as this process sees it; `restart` makes another."""
        if self.sky is None:
            storms: Any = Watched(self.store.storms, "storms", self.death)
            tides = Tides(storms, self.rule, lambda _: None, self.metrics, self.clock)
            self.sky = Sky(tides, self.silences, self.store.silenced, self.metrics, self.clock)
        found: Sky = self.sky
        return found

    def restart(self, *silences: Silence) -> None:
        """Go on in another process, with these silences in its settings."""
        self.silences, self.sky = silences, None

    def work(self) -> int:
        """Do what is due, each piece once; return how many pieces there were."""
        due = self.store.outbox.due(self.now, 10_000)
        for name in due:
            self._attempt(name)
        return len(due)

    def pass_time(self, seconds: float) -> None:
        """Let time go by, and sweep."""
        self.now += timedelta(seconds=seconds)
        self.air.settle()

    def settle(self) -> None:
        """Go on until everything is told and no storm goes on."""
        for _ in range(100):
            self.pass_time(25)
            done = not self.work() and not self.store.outbox.pending()
            if done and not self.store.storms.going_on():
                return
        raise AssertionError(f"{self.store.outbox.pending()} pieces of work are left")

    def texts(self, channel: str = "C1") -> list[str]:
        """Return what the channel shows, the oldest first."""
        return [str(each["text"]) for each in self.slack.posts(channel)]

    def storm_texts(self, channel: str = "C1") -> list[str]:
        """Return the channel's storm messages."""
        return [text for text in self.texts(channel) if text.startswith("STORM")]

    def _attempt(self, name: str) -> None:
        messages: Any = Watched(self.store.messages, "messages", self.death)
        slack: Any = Watched(SlackChannel(TOKEN, self.slack.base_url), "slack", self.death)
        outbox: Any = Watched(self.store.outbox, "outbox", self.death)
        storms: Any = Watched(self.store.storms, "storms", self.death)
        drawers = Drawers(messages, self.store.changes, Check(self.bare, self.metrics))
        posting = Posting(slack, messages, self.metrics, self.clock)
        desk = Desk(slack, drawers, posting, self.clock)
        runs = Runs(self.store.runs, self.metrics, {}, self.clock, lambda: new_id(self.now))
        telling = Telling(desk, self.channels, self.air)
        pipeline = Pipeline(self.bare, self.bare, desk, runs, telling)
        log = StormDesk(posting, storms, self.channels, (self.rule.within, EVERY), self.clock)
        handle = either(log.tell, handler(self.store.incidents, pipeline))
        try:
            Work(outbox, handle, Limits(timedelta(seconds=20), 8), self.clock).attempt(name)
        except Died:
            self.death.step = ""


def new_store(folder: Path) -> Store:
    """Return a fresh store in a folder."""
    database = open_database(f"sqlite:///{folder}/state.db")
    upgrade(database)
    return Store(database, Policy())


def blow(gale: Gale, incidents: int, services: int, critical_every: int, seconds: float = 60.0) -> dict[str, list[str]]:
    """Have so many incidents begin within a minute, work going on beside; return their ids, critical or not."""
    began: dict[str, list[str]] = {"critical": [], "other": []}
    for number in range(incidents):
        critical = number % critical_every == critical_every - 1
        severity = "critical" if critical else ("error", "warning", "warning", "info")[number % 4]
        name = gale.take(f"Alert{number:04}", f"service-{number % services:02}", severity)
        began["critical" if critical else "other"].append(name)
        gale.now += timedelta(seconds=seconds / incidents)
        if number % 10 == 9:
            gale.work()
    return began
