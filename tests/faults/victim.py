"""One life of a real process: `up`, `api` or `worker`, wired as in production but for four things.

The calls between its parts pass steps at which it can be killed; waits are short; the search is a stand-in that needs
no embedding model and fails on demand; and the Slack client gives up after one second. HTTP, Celery on Redis, the
database, the pipeline, Slack over HTTP and the model over HTTP are the real ones.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from domain.access import Audience, Readers
from domain.alert import Alert
from domain.document import Evidence
from domain.errors import IndexUnavailable, Leak
from tests.evidence import POSTMORTEM, RUNBOOK, hit
from tests.faults.plan import Kill
from tests.faults.steps import Steps, Watched
from worker import telemetry
from worker.cli.serve import serve, start_work
from worker.desk import Desk, Drawers
from worker.posting import Post, Posting
from worker.readers.fit import Check
from worker.redaction.redactor import redact
from worker.settings import Settings
from worker.slack.client import SlackChannel
from worker.store.store import Store
from worker.sweep import Hands, Sweeper
from worker.wiring import Parts, now
from worker.work import Limits, Work


@dataclass(frozen=True, slots=True)
class Life:
    """What a process is told before it begins. `switch` is a file whose content says how the index is just now."""

    role: str
    settings: Mapping[str, Any]
    kills: Sequence[Kill]
    frozen: bool
    switch: Path
    log: Path


class StandIn:
    """Search and readers of record, without an embedding model."""

    def __init__(self, switch: Path) -> None:
        self._switch = switch
        runbook, past = hit("runbooks/a.md", RUNBOOK), hit("postmortems/b.md", POSTMORTEM)
        self._evidence = Evidence((runbook,), (past,), snapshot="stand-in")

    def evidence(self, alert: Alert, audience: Audience, **_: object) -> Evidence:
        state = self._switch.read_text() if self._switch.exists() else ""
        if state == "index_down":
            raise IndexUnavailable("Qdrant did not answer.", mend="Wait.")
        if state == "index_lying":
            raise Leak("The index returned a document outside of the audience.")
        if state == "index_slow":
            time.sleep(0.8)
        return self._evidence

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        return dict.fromkeys(document_ids, frozenset({"everyone"}))


class Impatient(Sweeper):
    """The sweeper, in a hurry."""

    patience = timedelta(seconds=1)


class WatchedParts(Parts):
    """The composition root, with steps between the parts."""

    def __init__(self, settings: Settings, stack: ExitStack, steps: Steps, switch: Path) -> None:
        super().__init__(settings, stack)
        self._steps = steps
        self._stand_in = StandIn(switch)

    def _watched(self, part: Any, name: str) -> Any:
        return Watched(part, name, self._steps)

    @cached_property
    def store(self) -> Store:
        store = Parts.store.func(self)
        for name in ("inbox", "outbox", "messages", "runs", "storms"):
            setattr(store, name, self._watched(getattr(store, name), name))
        return store

    @cached_property
    def search(self) -> Any:
        return self._watched(self._stand_in, "search")

    @cached_property
    def summarizer(self) -> Any:
        return self._watched(Parts.summarizer.func(self), "summarizer")

    @cached_property
    def bell(self) -> Any:
        return self._watched(Parts.bell.func(self), "bell")

    @cached_property
    def post(self) -> Post:
        slack = self.settings.slack
        channel = SlackChannel(slack.bot_token.get_secret_value(), slack.base_url, timeout_s=1)
        watched: Post = self._watched(channel, "slack")
        return watched

    @cached_property
    def posting(self) -> Posting:
        return Posting(self.post, self.store.messages, self.metrics, now, timedelta(seconds=0.4))

    @cached_property
    def desk(self) -> Desk:
        drawers = Drawers(self.store.messages, self.store.changes, Check(self._stand_in, self.metrics))
        return Desk(self.post, drawers, self.posting, now)

    @cached_property
    def work(self) -> Work:
        limits = Limits(
            self.settings.worker.lease, self.settings.worker.max_attempts, first_delay_s=0.1, in_doubt_s=0.4
        )
        return Work(self.store.outbox, self.handle, limits, now)

    @cached_property
    def sweeper(self) -> Sweeper:
        hands = Hands(self.work.attempt)
        self._stack.callback(hands.close)
        return Impatient(self.store.outbox, self.bell.ring, hands.take, self.metrics, now)

    def warm(self) -> None:
        _ = self.pipeline


def born(life: Life) -> int:
    """Fork a process that lives this life, and return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        log = os.open(life.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        code = _live(life)
    except BaseException:  # noqa: BLE001 - the end of a process of its own: it is said in its log
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(life: Life) -> int | NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    telemetry.configure_logging(redact)
    died = os.open(life.log.with_suffix(".died"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    steps = Steps(life.kills, died, signal.SIGSTOP if life.frozen else signal.SIGKILL)
    with ExitStack() as stack:
        parts = WatchedParts(Settings(**life.settings), stack, steps, life.switch)
        if life.role != "api":
            start_work(stack, parts)
        if life.role == "worker":
            signal.pause()
        serve(parts, None, None)
    return 0
