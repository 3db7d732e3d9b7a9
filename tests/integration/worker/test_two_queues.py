"""Alerts and batch work have a queue and threads each: a re-index that hangs delays no alert. Over a real Redis."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from celery import Celery

from worker import broker
from worker.bundled_redis import BundledRedis
from worker.tasks import Jobs, register
from worker.threads import Consumers, Threads


def test_an_alert_is_handled_while_batch_work_holds_every_batch_thread_and_more_waits(tmp_path: Path) -> None:
    server = BundledRedis(tmp_path)
    server.start()
    release, held, handled, nothing = threading.Event(), threading.Event(), threading.Event(), lambda: None

    def sync(_source: str) -> None:
        held.set()
        release.wait(60)

    def new_app() -> Celery:
        app = broker.make_celery(server.url)
        register(app, Jobs(lambda _: handled.set(), nothing, sync, nothing, nothing))
        return app

    consumers = Consumers(new_app, Threads(online=1, batch=1), "test")
    consumers.start()
    try:
        asking = broker.make_celery(server.url)
        for _ in range(20):
            asking.send_task(broker.SYNC, ("runbooks",), queue=broker.BATCH)
        assert held.wait(20)
        asked = time.monotonic()
        asking.send_task(broker.HANDLE, ("i1",), queue=broker.ONLINE)
        assert handled.wait(10)
        waited = time.monotonic() - asked
        sys.stdout.write(f"an alert behind 20 batch jobs, one of them hanging, was taken after {waited:.2f} s\n")
    finally:
        release.set()
        consumers.stop()
        server.stop()
