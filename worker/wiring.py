"""The composition root: with `wiring_index` the one place that chooses every concrete part and may load lazily.

What costs seconds (torch, LangChain) is imported when it is first used, so that `api` and `--help` never do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from celery import Celery

if TYPE_CHECKING:
    from fastapi import FastAPI

    from retrieval.search import Search
    from worker.money.budget import Meter

from ingest.chunking import CHUNKER_VERSION
from summarizer.extractive import extract
from summarizer.fallbacks import Model
from summarizer.summarize import Caps, Summarizer, Tools, Triage
from worker import broker, wiring_storm
from worker.broker import Bell
from worker.current import Current
from worker.desk import Desk, Drawers
from worker.from_settings import asking, retention
from worker.http.ports import Deps, Limits
from worker.inbox import CleanChanges, CleanInbox
from worker.index.nightly import Nightly
from worker.library import AT_ONCE, Library, LiveReaders
from worker.memory import loading
from worker.money.cutline import Books, Cutline
from worker.pipeline import Pipeline
from worker.pressure.seats import Seated
from worker.pressure.spared import Ladder, Spared
from worker.readers.fit import Check
from worker.replay.code_version import versions_here
from worker.replay.recorder import Recorder
from worker.replay.rehearse import Rehearse
from worker.runs import Runs
from worker.settings import Settings
from worker.store.ids import new_id
from worker.storm.desk import either
from worker.storm.sky import Sky
from worker.sweep import Hands, Sweeper
from worker.tasks import Jobs, register, schedule
from worker.telling import Telling
from worker.timer import Timer
from worker.watch.probes import embedding, probes_of
from worker.wiring_access import press_from
from worker.wiring_guard import GuardParts
from worker.wiring_index import now as now
from worker.work import Limits as WorkLimits
from worker.work import Work, handler


class Parts(GuardParts):
    """Every part of one process, each built when it is first asked for."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        """`stack` closes what was opened."""
        super().__init__(settings, stack)
        self.works = False
        """Whether this process also does the work, so that what it takes to search is a part of it."""

    # -- the story -----------------------------------------------------------------------------------------------

    @cached_property
    def library(self) -> Library:
        """Search, with its faults turned into notes."""

        def search() -> Search:
            self.outbound.for_url("index", self.settings.store.qdrant_url)
            return self.search

        away = bool(self.settings.store.qdrant_url)  # where a search waits for a server
        return Library(search, self.metrics, self.settings.worker.online_threads if away else AT_ONCE)

    @cached_property
    def summarizer(self) -> Summarizer:
        """The ladder: LangChain is loaded only where a model is set."""
        tools, llm = Tools(extract, self.redact, lambda: secrets.token_hex(8)), self.settings.llm
        if llm.model:
            tools = replace(tools, meter=self._meter())
        return Summarizer(tools, self._model(), Caps(llm.max_input_tokens, llm.timeout_s), self._triage())

    @cached_property
    def desk(self) -> Desk:
        """The channels' messages."""
        store = self.store
        check = Check(LiveReaders(store.catalogue), self.metrics, self.audiences.now)
        drawers = Drawers(store.messages, store.changes, check, self.finish)
        return Desk(self.post, drawers, self.posting, now)

    @cached_property
    def runs(self) -> Runs:
        """The run records."""
        store = self.store
        versions = {**versions_here(), "chunker": CHUNKER_VERSION}
        runs = Runs(self.store.runs, self.metrics, versions, now, lambda: new_id(now()))
        runs.told.append(Recorder(self.store.recordings, self.redact, self.metrics, asking(self.settings.llm)))
        if self.settings.cutline.cuts:
            cutline = Cutline(
                Books(store.cutlines, store.audit, store.feedback.votes), self.settings.cutline, self.metrics, self.tell
            )
            shadow = self.settings.slack.shadow_channel
            runs.told.append(cutline)
            runs.placed = lambda channel, incident: cutline.channel(channel, incident, shadow)
        return runs

    @cached_property
    def pipeline(self) -> Pipeline:
        """The story of an incident."""
        ladder: Ladder = self.summarizer
        if self.settings.llm.model:
            spared = Spared(ladder, self.pressure.now, self.metrics)
            ladder = Seated(Current(spared, self.store.incidents.get), self.seats)
        telling = Telling(self.desk, self.live_channels, self.sky, self.turn, asks=bool(self.settings.llm.model))
        return Pipeline(self.library, ladder, self.desk, self.runs, telling)

    @cached_property
    def sky(self) -> Sky:
        """How things stand in each channel."""
        return wiring_storm.sky(self.settings, self.store, self.bell.ring, self.metrics)

    @cached_property
    def handle(self) -> Callable[[str], int]:
        """What tells an incident, or a storm, by its id."""
        storm = self.settings.storm
        desk = wiring_storm.storm_desk(storm, self.posting, self.store.storms, self.live_channels)
        return either(desk.tell, handler(self.store.incidents, self.pipeline, self.spare.gate))

    @cached_property
    def work(self) -> Work:
        """The story, taken from the outbox."""
        worker = self.settings.worker
        limits = WorkLimits(worker.lease, worker.max_attempts, may_hurry=self.spare.breaker.may_retry)
        return Work(self.store.outbox, self.handle, limits, now, self.timer.set)

    @cached_property
    def rehearse(self) -> Rehearse:
        """The story without its end: nothing is stored or posted."""
        return Rehearse(self.library, self.summarizer, self.store.changes, now)

    # -- the processes -------------------------------------------------------------------------------------------

    @cached_property
    def celery(self) -> Celery:
        """The bell's wire."""
        return broker.make_celery(self.broker_url, lambda: self.broker_url)

    @cached_property
    def bell(self) -> Bell:
        """Rings for work."""
        bell = Bell(self.celery)
        self._stack.callback(bell.close)
        return bell

    @cached_property
    def timer(self) -> Timer:
        """Rings for work at its time."""
        return Timer(self.bell.ring)

    @cached_property
    def sweeper(self) -> Sweeper:
        """Rings again for work that nobody took, and does what nobody hears of."""
        hands = Hands(self.work.attempt)
        self._stack.callback(hands.close)
        return Sweeper(self.store.outbox, self.bell.ring, hands.take, self.metrics, now)

    def sweep(self) -> None:
        """Ring for what was not heard, and listen for the heartbeat and the canary."""
        self.sky.settle()
        self.sweeper.sweep()
        self.heartbeat.check(now())
        self.singing.check(now())

    @cached_property
    def deps(self) -> Deps:
        """What the routes need."""
        from worker.http.window import Room, Window

        intake, store = self.settings.intake, self.store
        live = LiveReaders(store.catalogue)
        room = Room(store.incidents, store.messages, store.runs, live, lambda: self.live_channels)
        return Deps(
            receive=CleanInbox(self.inbox, self.redact, self.heartbeat.heard),
            ring=self.bell.ring,
            changes=CleanChanges(store.changes, self.redact),
            incidents=store.incidents,
            runs=store.runs,
            messages=store.messages,
            access=self.access,
            window=lambda audience: Window(room, audience),
            denials=store.denials,
            held=store.silenced.held,
            confirm=self.amazon.confirm,
            metrics=self.metrics,
            sources=frozenset(source.name for source in self.settings.sources),
            ask_sync=self.bell.ask_sync,
            probes=(*probes_of(self), *((embedding(lambda: self.embedder.loaded),) if self.works else ())),
            limits=Limits(max_body_bytes=intake.max_body_bytes, deliveries_per_s=intake.max_deliveries_per_s),
            refused=self.ops.refused,
            clock=now,
        )

    @cached_property
    def http(self) -> FastAPI:
        """The HTTP side."""
        from worker.app import create_app
        from worker.console import preview
        from worker.console.shelf import Shelf
        from worker.http import storms
        from worker.http.auth import operating_pages, reading_pages

        deps, store = self.deps, self.store
        shelf = Shelf(store.messages, self.settings.channels, deps.window, self.shown_alone)
        pages = preview.router(shelf, reading_pages(deps), operating_pages(deps))
        told = storms.router(deps, store.storms, wiring_storm.parting(store))
        return create_app(deps, (pages, told, *self.slack_routes(deps.limits, self.bell)))

    @cached_property
    def health(self) -> FastAPI:
        """What only tells how this process is."""
        from worker.app import create_health

        return create_health(self.deps)

    def answer_press(self, *press: str) -> None:
        """Answer a person who pressed the button."""
        if self.slack:
            self.private.answer(press_from(*press), self.slack)

    def warm(self) -> None:
        """Load what costs seconds before the first alert does."""
        with loading():
            self.embedder.warm()
            self.embedder.query("warm")
            _ = self.pipeline
            self.warm_search()

    def working_app(self) -> Celery:
        """Return an app that knows the tasks, for one consumer."""
        purge = lambda: self.store.purge(now(), retention(self.settings))  # noqa: E731
        sync = lambda source: self.ingesting.asked(source, self.bell.ask_sync)  # noqa: E731
        jobs = Jobs(self.work.attempt, self.sweep, sync, purge, self.nightly, self.answer_press, self.redteam_night)
        app = broker.make_celery(self.broker_url, lambda: self.broker_url)
        register(app, jobs)
        return app

    def schedule(self) -> None:
        """Tell beat when to ask for what."""
        every = min((source.every for source in self.settings.sources), default=None)
        schedule(self.celery, self.settings.worker.sweep_every, every)

    def nightly(self) -> None:
        """Run the golden queries and say what they came to, in the log, as metrics and as files."""
        folder = self.settings.store.data_dir / "golden"
        nightly = Nightly(self.settings.golden, self.store.catalogue, self.metrics, folder)
        nightly.check(self.golden_search, self.live_snapshot(), now().date())

    def _model(self) -> Model | None:
        if not self.settings.llm.model:
            return None
        from worker import wiring_model

        return wiring_model.model(self.settings.llm, self.ways)

    def _triage(self) -> Triage | None:
        if not self.settings.llm.small_model:
            return None
        from worker import wiring_model

        return wiring_model.triage(self.settings.llm, self.ways)

    def _meter(self) -> Meter:
        from worker import wiring_model

        return wiring_model.meter(self.settings, self.store, self.metrics, self.tell)

    def ladder_of(self, model: str, prompt: str) -> Summarizer:
        """Return the ladder with one model and one version of the prompt, for "" those in use; "none" asks none.

        Raises:
            BadSettings: there is no such model or prompt.
        """
        from worker import wiring_model

        llm = self.settings.llm
        model = model or llm.model or "none"
        if model == "none":
            return Summarizer(Tools(extract, self.redact, lambda: ""), None, Caps())
        tools = Tools(extract, self.redact, lambda: secrets.token_hex(8), self._meter())
        caps = Caps(llm.max_input_tokens, llm.timeout_s, wiring_model.prompt_of(prompt))
        return Summarizer(tools, wiring_model.one(llm, model, self.ways), caps)
