"""Write what the fault runs came to: `python -m tests.faults.report runs.jsonl`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.plan import SEEDS, plan

ROOT = Path(__file__).resolve().parents[2]
Row = Mapping[str, Any]


def commit() -> str:
    """Return the short name of the commit that is checked out, "unknown" outside of a repository."""
    asked = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def write(keep: Path, result: Path, at: str = "") -> None:
    """Write the verdicts of `keep` as a page; `at` is the commit that they are about."""
    newest = {row["seed"]: row for row in map(json.loads, keep.read_text().splitlines())}
    result.write_text(page([newest[seed] for seed in sorted(newest)], at or commit()))


def page(rows: Sequence[Row], at: str) -> str:
    """Return the page."""
    wrong = Counter(fault.partition(":")[0] for row in rows for fault in row["wrong"])
    died = Counter(step for row in rows for step in row["died"])
    moments = sum(bool(row.get("moments")) for row in rows)
    failing = [row["seed"] for row in rows if row["wrong"]]
    seeds = rows[0]["seed"], rows[-1]["seed"]
    lines = [
        "# Fault runs",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {at}, n={len(rows)} seeds ({seeds[0]} to {seeds[1]}). Made by "
        f"`python -m tests.faults {seeds[0]}-{seeds[1]} --keep runs.jsonl`; `make proof` runs 0 to {SEEDS - 1}. One "
        "seed replays alone: `python -m tests.faults SEED`.",
        "",
        "Each run: real processes (`up`, or `api` and two `worker`), a real Redis, SQLite or PostgreSQL, a "
        "Slack-compatible server and a scripted model over HTTP; three groups of alerts that grow, worsen, end and "
        "flap; a process killed at a step of the pipeline, and one more fault. The search is a stand-in; waits are "
        "shortened (lease 2 s).",
        "",
        "| | all runs |",
        "|---|---|",
        f"| deliveries acknowledged | {sum(row['acknowledged'] for row in rows)} |",
        f"| kills and freezes that took place | {sum(died.values())} |",
        f"| steps at which a process was killed or frozen | {len(set(died) - {'at random'})} |",
        f"| acknowledged alerts lost | {wrong['lost']} |",
        f"| deliveries refused for good | {wrong['refused']} |",
        f"| work given up | {wrong['dead']} |",
        f"| messages doubled | {wrong['doubled']} |",
        f"| messages in a wrong channel | {wrong['astray']} |",
        f"| stale final texts | {wrong['stale']} |",
        f"| went back to an older state for a moment, and were put right | {moments} |",
        f"| seconds a run, median / longest | {_median(rows):.1f} / {max(row['seconds'] for row in rows):.1f} |",
        f"| seeds that failed | {', '.join(map(str, failing)) or 'none'} |",
        "",
        "| fault beside the kill | runs | SQLite | PostgreSQL | kills and freezes | runs that failed |",
        "|---|---|---|---|---|---|",
        *_by_fault(rows),
    ]
    return "\n".join(lines) + "\n"


def _by_fault(rows: Sequence[Row]) -> list[str]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(plan(row["seed"]).fault, []).append(row)
    return [
        f"| {fault.replace('_', ' ')} | {len(group)} "
        f"| {sum(plan(row['seed']).database == 'sqlite' for row in group)} "
        f"| {sum(plan(row['seed']).database != 'sqlite' for row in group)} "
        f"| {sum(len(row['died']) for row in group)} | {sum(bool(row['wrong']) for row in group)} |"
        for fault, group in sorted(groups.items())
    ]


def _median(rows: Sequence[Row]) -> float:
    return float(sorted(row["seconds"] for row in rows)[len(rows) // 2])


if __name__ == "__main__":
    write(Path(sys.argv[1]), ROOT / "benchmarks" / "results" / "faults.md", sys.argv[2] if len(sys.argv) > 2 else "")
