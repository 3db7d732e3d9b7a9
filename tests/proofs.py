"""What the long proofs came to: printed always, and in `make proof` kept as a page under `benchmarks/results/`."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.scale import scaled

ROOT = Path(__file__).parents[1]
_HEAD = "| what | found | n | of | seed | date | commit |\n|---|---|---|---|---|---|---|\n"


def report(page: str, row: tuple[str, int, int, str, int]) -> None:
    """Tell one proof's figures: what was looked for, how often it was found, in how many of what, by which seed.

    A row takes the place of the one before it with the same name and seed, so that a part of the proof can be run
    again by itself. Several processes may write at once.
    """
    what, found, n, of, seed = row
    sys.stdout.write(f"{what}: {found} in n={n} {of}, seed {seed}\n")
    if scaled(0, 1):
        _keep(ROOT / "benchmarks" / "results" / page, row)


def _keep(file: Path, row: tuple[str, int, int, str, int]) -> None:
    what, found, n, of, seed = row
    mine = f"| {what} | {found} | {n:,} | {of} | {seed} | {datetime.now(UTC):%Y-%m-%d} | {_commit()} |"
    with file.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        intro, _, table = file.read_text(encoding="utf-8").partition(_HEAD)
        rows = {(cells := line.split(" | "))[0] + cells[4]: line for line in table.splitlines() if line.strip()}
        rows[f"| {what}{seed}"] = mine
        file.write_text(intro + _HEAD + "\n".join(rows[key] for key in sorted(rows)) + "\n", encoding="utf-8")


def _commit() -> str:
    asked = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, check=False)
    return asked.stdout.decode().strip() or "unknown"
