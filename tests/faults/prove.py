"""Run the seeds of a promise: a few each time, all of them in `make proof`, which goes on where it was broken off."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.faults.plan import SEEDS, plan
from tests.faults.report import commit, write
from tests.scale import scaled

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "benchmarks" / "results" / "faults.md"


def prove(promise: str, faults: Collection[str], small: int) -> None:
    """Run every seed with one of these faults, or `small` of them, and see that nothing was wrong in any.

    Raises:
        AssertionError: something was; names the seeds, each of which replays alone.
    """
    mine = [seed for seed in range(SEEDS) if plan(seed).fault in faults]
    full = bool(scaled(0, 1))
    seeds = mine if full else mine[:: len(mine) // small][:small]
    keep = ROOT / ".proof" / f"faults-{commit()}.jsonl" if full else Path(tempfile.mkdtemp()) / "runs.jsonl"
    keep.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.faults", *map(str, seeds), "--jobs", "4", "--keep", str(keep)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    verdicts = {v["seed"]: v for v in map(json.loads, keep.read_text().splitlines()) if v["seed"] in set(seeds)}
    if full:
        write(keep, RESULT)
    acknowledged = sum(verdict["acknowledged"] for verdict in verdicts.values())
    kills = sum(len(verdict["died"]) for verdict in verdicts.values())
    sys.stdout.write(
        f"{promise}: n={len(verdicts)} fault runs, seeds {seeds[0]} to {seeds[-1]}, "
        f"{acknowledged} deliveries acknowledged, {kills} kills or freezes\n"
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert set(verdicts) == set(seeds)
    assert not any(verdict["wrong"] for verdict in verdicts.values())
    assert kills > 0
