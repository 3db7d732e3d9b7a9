"""The threads of a worker: one Celery consumer for alerts, one for batch work, a sweeper, and beat where asked.

All run in one process. The online and the batch consumer have queues and pools of their own, so that a
re-index never delays an alert.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from domain.errors import MiddlewatchError
from worker.broker import BATCH, ONLINE

log = structlog.get_logger()

_STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Threads:
    """How many threads each class of work has."""

    online: int
    batch: int


class Consumers:
    """The Celery consumers of this process."""

    def __init__(self, new_app: Callable[[], Celery], threads: Threads, name: str) -> None:
        """`name` tells this process from others on the same broker.

        Each consumer has an app of its own: an app knows one set of queues to consume from.
        """
        self._controllers = [
            _controller(new_app(), ONLINE, threads.online, name),
            _controller(new_app(), BATCH, threads.batch, name),
        ]
        self._running: list[threading.Thread] = []

    def start(self) -> None:
        """Consume until `stop`."""
        state.should_stop = None
        for controller in self._controllers:
            thread = threading.Thread(target=controller.start, name=f"consume-{controller.hostname}", daemon=True)
            thread.start()
            self._running.append(thread)

    def stop(self) -> None:
        """Take no more work and let what runs come to its end, within `_STOP_SECONDS`."""
        state.should_stop = os.EX_OK  # each loop looks at it, at least every two seconds
        for thread in self._running:
            thread.join(_STOP_SECONDS)


class Every:
    """Calls something at a fixed pace in a thread of its own; a failure is logged, and the next call comes."""

    def __init__(self, pace: timedelta, call: Callable[[], object], name: str) -> None:
        """Call `call` each `pace`, first at once."""
        self._pace = pace.total_seconds()
        self._call = call
        self._name = name
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the call that runs."""
        self._stopped.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._call()
            except MiddlewatchError as error:
                log.warning("a scheduled call failed", action=f"{self._name}_failed", reason=error.reason)
            self._stopped.wait(self._pace)


def beat(app: Celery, data_dir: Path) -> EmbeddedService:
    """Return Celery's beat as a thread; it keeps its times in `data_dir`."""
    app.conf.beat_schedule_filename = str(data_dir / "beat-schedule")
    return EmbeddedService(app, thread=True)


def _controller(app: Celery, queue: str, threads: int, name: str) -> WorkController:
    app.set_default()  # a task runs in the default app, whichever consumer it came through; both know the same tasks
    return WorkController(
        app=app,
        hostname=f"{queue}@{name}",
        queues=queue,
        pool="threads",
        concurrency=threads,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        use_eventloop=False,  # kombu's event loop is one for the whole process; two consumers would share it
        loglevel="WARNING",
    )
