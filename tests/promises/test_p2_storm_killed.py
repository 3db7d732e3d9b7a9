"""P1 and P2 in a storm, with a real process that is killed at a step of telling it, and once more. See tests/faults."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scale import scaled

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(900)
def test_a_storm_is_one_message_whenever_its_process_is_killed() -> None:
    seeds = range(scaled(2, 40))
    command = [sys.executable, "-m", "tests.faults.storm", *map(str, seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    deaths = sum(verdict["died"] for verdict in verdicts)
    sys.stdout.write(f"P2 storm: n={len(verdicts)} runs of 60 incidents, seeds 0 to {seeds[-1]}, {deaths} kills\n")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-2000:]}"
    assert len(verdicts) == len(seeds)
    assert deaths >= 2 * len(seeds)  # at its step, and once more
