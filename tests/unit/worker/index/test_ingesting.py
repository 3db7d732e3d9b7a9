"""Who may sync, and what becomes of a push while somebody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.document import Kind
from ingest.sources import SourceSpec
from worker.index.ingesting import Busy, Holder, Ingesting
from worker.telemetry import Metrics

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)


class TakenLocks:
    """Somebody else holds every lock."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        return False

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        return False

    def release(self, name: str, owner: str) -> None:
        raise AssertionError("what was never taken is not given back")


@pytest.fixture
def ingesting(tmp_path: Path) -> Ingesting:
    spec = SourceSpec("runbooks", Kind.RUNBOOK, tmp_path, frozenset({"everyone"}))
    parts: Any = None  # a sync that is not let in touches nothing
    return Ingesting([spec], parts, Holder(TakenLocks(), "me", lambda: NOW, LEASE), Metrics())


def test_a_second_sync_says_that_another_one_runs(ingesting: Ingesting) -> None:
    with pytest.raises(Busy, match="Another process is ingesting"):
        ingesting.run()


def test_a_push_while_somebody_syncs_asks_again_and_the_schedule_does_not(ingesting: Ingesting) -> None:
    asked: list[tuple[str, timedelta]] = []

    ingesting.asked("", lambda source, later: asked.append((source, later)))
    assert asked == []

    ingesting.asked("runbooks", lambda source, later: asked.append((source, later)))
    assert asked == [("runbooks", LEASE)]
