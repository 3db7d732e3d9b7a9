"""The nightly attacks on our own pipeline, in a process of their own: told in the log, as gauges, to the operators."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import structlog

from domain.errors import MiddlewatchError
from worker.telemetry import Metrics

log = structlog.get_logger()

_TIMEOUT_S = 3600
Attack = Callable[[int, int], Mapping[str, Any]]
"""Makes so many attacks from a seed, and returns the report of `middlewatch redteam --json`."""


def attack(n: int, seed: int) -> Mapping[str, Any]:
    """Run `middlewatch redteam` apart from this process: it loads much, and its settings are no one's here.

    Raises:
        MiddlewatchError: it did not come to its end.
    """
    command = [sys.executable, "-m", "worker.cli.main", "redteam", "-n", str(n), "--seed", str(seed), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise MiddlewatchError(
            f"The nightly attacks did not come to their end ({type(error).__name__}).",
            reason="redteam-failed",
            mend="Run `middlewatch redteam` by hand.",
        ) from None
    return dict(found)


class NightlyRedteam:
    """Attacks once a night, from a seed that is the day's."""

    def __init__(self, n: int, attack: Attack, metrics: Metrics, tell: Callable[[str], None]) -> None:
        """`n` attacks, 0 for none; `tell` tells the operators of what got through."""
        self._n = n
        self._attack = attack
        self._metrics = metrics
        self._tell = tell

    def check(self, today: date) -> None:
        """Attack, and say what came of it.

        Raises:
            MiddlewatchError: the attacks did not come to their end.
        """
        if not self._n:
            return
        seed = today.toordinal()
        found = self._attack(self._n, seed)
        runs, failures = int(found["runs"]), int(found["failures"])
        self._metrics.set("middlewatch_redteam_runs", runs)
        self._metrics.set("middlewatch_redteam_failures", failures)
        say = log.error if failures else log.info
        say("the pipeline was attacked", action="redteam", runs=runs, failures=failures, seed=seed)
        if failures:
            self._tell(
                f"{failures} of {runs} attacks on the pipeline got through last night. "
                f"`middlewatch redteam -n {self._n} --seed {seed}` shows them."
            )
