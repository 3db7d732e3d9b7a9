"""What a push becomes: a message to the batch workers, and there a sync of that source."""

from __future__ import annotations

from datetime import timedelta

import pytest

from worker.broker import BATCH, SYNC, Bell, make_celery
from worker.tasks import Jobs, register


@pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=20)])
def test_a_push_reaches_the_batch_workers_as_a_sync_of_its_source(later: timedelta) -> None:
    app = make_celery("memory://")
    synced: list[str] = []
    register(app, Jobs(lambda _: None, lambda: None, synced.append, lambda: None, lambda: None))
    bell = Bell(app)

    bell.ask_sync("runbooks", later)
    with app.connection() as connection, connection.SimpleQueue(BATCH) as queue:
        message = queue.get(timeout=5)
        message.ack()
    bell.close()

    assert message.headers["task"] == SYNC
    assert bool(message.headers["eta"]) is bool(later)
    arguments, keywords, _ = message.payload
    app.tasks[SYNC](*arguments, **keywords)
    assert synced == ["runbooks"]


def test_the_schedule_syncs_without_naming_a_source() -> None:
    app = make_celery("memory://")
    synced: list[str] = []
    register(app, Jobs(lambda _: None, lambda: None, synced.append, lambda: None, lambda: None))

    app.tasks[SYNC]()

    assert synced == [""]
