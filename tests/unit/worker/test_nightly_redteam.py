from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from worker.nightly_redteam import NightlyRedteam
from worker.telemetry import Metrics

TODAY = date(2026, 11, 21)


def night(n: int, failures: int) -> tuple[list[tuple[int, int]], Metrics, list[str]]:
    asked: list[tuple[int, int]] = []
    told: list[str] = []
    metrics = Metrics()

    def attack(count: int, seed: int) -> Mapping[str, Any]:
        asked.append((count, seed))
        return {"runs": count * 3, "failures": failures}

    NightlyRedteam(n, attack, metrics, told.append).check(TODAY)
    return asked, metrics, told


@pytest.mark.parametrize("failures", [0, 2])
def test_the_operators_are_told_of_what_got_through_and_of_nothing_else(failures: int) -> None:
    asked, metrics, told = night(95, failures)
    assert asked == [(95, TODAY.toordinal())]
    assert metrics.value("middlewatch_redteam_runs") == 285
    assert metrics.value("middlewatch_redteam_failures") == failures
    assert bool(told) == bool(failures)
    assert all(f"--seed {TODAY.toordinal()}" in line for line in told)


def test_none_is_made_where_none_is_wanted() -> None:
    asked, _, told = night(0, 0)
    assert (asked, told) == ([], [])
