"""What was acknowledged is there after the process was killed in the middle of its work."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store

TAKER = Path(__file__).parent / "taker.py"


@pytest.mark.parametrize("after_s", [0.05, 0.13, 0.21])
def test_killed_while_it_takes_alerts_in_it_has_lost_none_that_it_acknowledged(empty_url: str, after_s: float) -> None:
    store = Store(open_database(empty_url), Policy())
    upgrade(store.database)
    acknowledged: list[str] = []
    for life in range(3):
        acknowledged += killed(empty_url, life, after_s)
    assert len(acknowledged) > 10
    found = {incident.group_key: incident for incident in store.incidents.recent(100_000)}
    due = set(store.outbox.due(found[acknowledged[0]].opened_at, 100_000))
    for group_key in acknowledged:
        assert len(found[group_key].alerts) == 2
        assert found[group_key].id in due
    for incident in found.values():  # what was not acknowledged is there whole, or not at all
        assert len(incident.alerts) == 2
        assert incident.id in due
    store.close()


def test_processes_that_take_in_the_same_groups_at_once_open_each_incident_once(empty_url: str) -> None:
    store = Store(open_database(empty_url), Policy())
    upgrade(store.database)
    command = [sys.executable, str(TAKER), empty_url, "same", "60"]
    takers = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [taker.wait(60) for taker in takers] == [0, 0, 0]
    incidents = store.incidents.recent(1000)
    assert len(incidents) == len({incident.group_key for incident in incidents}) == 60
    assert {incident.version for incident in incidents} == {1}
    store.close()


def killed(url: str, life: int, after_s: float) -> list[str]:
    """Let a process take deliveries in, kill it in the middle, and return what it had acknowledged."""
    with subprocess.Popen([sys.executable, str(TAKER), url, str(life)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = "".join(process.stdout.readline() for _ in range(4))
        time.sleep(after_s)
        process.kill()
        told = (first + process.stdout.read()).split("\n")
    return [line for line in told[:-1] if line]
