"""The pipeline with its real ladder, guard, desk and database; search, Slack and the language model are made up."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.access import Audience, Readers
from domain.alert import Delivery, Incident
from domain.document import Evidence
from domain.errors import ModelUnavailable, Refused
from domain.summary import Usage
from summarizer.bill import Bill
from summarizer.draft import Answer, BadAnswer, ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.fallbacks import Model
from summarizer.prompt import Prompt
from summarizer.summarize import Caps, Summarizer, Tools, Triage
from tests.evidence import evidence, incident
from worker.desk import Desk, Drawers
from worker.library import Library
from worker.pipeline import Pipeline
from worker.posting import Posting
from worker.readers.fit import Check
from worker.redaction.redactor import redact
from worker.replay.code_version import versions_here
from worker.route import Channel
from worker.runs import Runs
from worker.slack.message import Message
from worker.store.store import Store
from worker.telemetry import Metrics
from worker.telling import Telling, Turn

THREE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LOOK = "kubectl -n orders exec orders-db-0 -- df -h /data"
GOOD = (
    ("meaning", "The volume of `orders-db` is over 85 % full, full within four hours.", [1], None),
    ("step", "First, find out whether the write-ahead log or the tables grow.", [3], LOOK),
)
LIE = ("impact", "All 40,000 customers lost their baskets.", [2], None)
CHANNEL = Channel("C1", "orders", Audience.of(["orders"]), {"service": "orders-db"}, "C1")


def draft(*claims: tuple[str, str, list[int], str | None]) -> Draft:
    """Return a model's answer of these claims."""
    return Draft(claims=[ClaimDraft(section=s, text=t, citations=c, command=k) for s, t, c, k in claims])  # type: ignore[arg-type]


class MoodyModel:
    """Answers well, lies, fails or says nothing, as a seed has it; counts what it was asked."""

    local = True

    def __init__(self, name: str = "fake:moody", seed: int = 0, moods: Iterable[str] = ("good",)) -> None:
        self.name = name
        self.asked = 0
        self._moods = tuple(moods)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.looks: Callable[[], None] = lambda: None

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        with self._lock:
            self.asked += 1
            mood = self._random.choice(self._moods)
            usage = Usage(self._random.randint(800, 1200), self._random.randint(50, 200))
        self.looks()
        if mood == "slow":
            raise ModelUnavailable("It did not answer in time.", reason="model-timeout")
        if mood == "refuses":
            raise Refused("It said no.", reason="model-content-filter")
        if mood == "garbage":
            raise BadAnswer("No draft.", usage=usage)
        said = {"good": GOOD, "lies": (*GOOD, LIE), "silent": (), "liar": (LIE,)}[mood]
        return Answer(draft(*said), usage)


@dataclass
class Wall:
    """Stands in for Slack: what each message shows now, and how often it was posted."""

    shows: dict[tuple[str, str], Message] = field(default_factory=dict)
    posts: int = 0
    replies: list[str] = field(default_factory=list)
    _number: Any = field(default_factory=lambda: itertools.count(1))

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        self.posts += 1
        ts = f"{next(self._number)}.0"
        self.shows[channel_id, ts] = message
        return ts

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        self.shows[channel_id, ts] = message

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        self.replies.append(text)
        return f"{ts}1"

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        return None


class Everyone:
    """Says that everybody may read everything."""

    def readers(self, document_ids: Iterable[str]) -> dict[str, Readers]:
        return dict.fromkeys(document_ids, frozenset({"everyone"}))


class Found:
    """A search that finds the same for everybody."""

    def __init__(self, found: Evidence | None = None) -> None:
        self._found = found or evidence()

    def evidence(self, alert: object, audience: Audience) -> Evidence:
        return self._found


class Clock:
    """A clock that goes on by a second with each look at it."""

    def __init__(self, start: datetime = THREE) -> None:
        self._seconds = itertools.count()
        self._start = start

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=next(self._seconds))


@dataclass
class Scene:
    """What a story is told with."""

    store: Store
    model: Model | None
    meter: Callable[[Model, Bill], Model] | None = None
    found: Evidence | None = None
    channels: tuple[Channel, ...] = (CHANNEL,)
    clock: Callable[[], datetime] = field(default_factory=Clock)
    wall: Wall = field(default_factory=Wall)
    metrics: Metrics = field(default_factory=Metrics)
    search: Any = None
    triage: Triage | None = None
    placed: Any = None
    turn: Turn = lambda incident, channel, decision: 0.0
    told: list[Any] = field(default_factory=list)
    nonces: Any = field(default_factory=lambda: itertools.count(1))
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def summarizer(self) -> Summarizer:
        """Return the ladder."""
        tools = Tools(extract, redact, lambda: f"{next(self.nonces):016x}")
        return Summarizer(replace(tools, meter=self.meter) if self.meter else tools, self.model, Caps(), self.triage)

    def pipeline(self) -> Pipeline:
        """Return the story."""
        drawers = Drawers(self.store.messages, self.store.changes, Check(Everyone(), self.metrics))
        posting = Posting(self.wall, self.store.messages, self.metrics, self.clock)
        desk = Desk(self.wall, drawers, posting, self.clock)
        versions = versions_here()
        runs = Runs(self.store.runs, self.metrics, versions, self.clock, lambda: f"run{next(self.ids):06}")
        runs.told.extend(self.told)
        runs.placed = self.placed or runs.placed
        search = self.search or Found(self.found)
        telling = Telling(desk, self.channels, turn=self.turn)
        return Pipeline(Library(lambda: search, self.metrics), self.summarizer(), desk, runs, telling)


def stored_incident(store: Store, number: int, at: datetime = THREE, **labels: str) -> Incident:
    """Return an incident that the database knows, so that messages can be remembered for it."""
    alert = incident({"alertname": f"OrdersVolumeFilling{number}", **labels}).lead
    alert = replace(alert, fingerprint=f"f{number}")
    received = store.inbox.receive(Delivery("alertmanager", f"g{number}", (alert,)), at)
    found = store.incidents.get(received.incidents[0])
    assert found is not None
    return found
