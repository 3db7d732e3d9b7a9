"""P1: what got a 2xx is handled, whatever is killed, stopped, emptied or cut. See tests/faults."""

from __future__ import annotations

import pytest

from tests.faults.prove import prove

FAULTS = ("none", "redis_stopped", "redis_flushed", "redis_slow", "database_cut", "database_slow", "killed_at_random")


@pytest.mark.timeout(900)
def test_every_acknowledged_alert_is_told_whatever_happens_to_processes_broker_and_database() -> None:
    prove("P1", FAULTS, small=9)
