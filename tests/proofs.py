"""What the long proofs came to: printed always, and in `make proof` kept as a page under `benchmarks/results/`."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from tests.scale import scaled

ROOT = Path(__file__).parents[1]
_TOTALS = "| what | found | n | of | seeds |\n|---|---|---|---|---|\n"
_ROWS = "\n## By seed\n\n| what | seed | found | n | of | date | commit |\n|---|---|---|---|---|---|---|\n"
Row = tuple[str, int, int, str, int]


def report(page: str, row: Row) -> None:
    """Tell one proof's figures: what was looked for, how often it was found, in how many of what, by which seed.

    A row takes the place of the one before it with the same name and seed, so that a part of the proof can be run
    again by itself. Several processes may write at once.
    """
    what, found, n, of, seed = row
    sys.stdout.write(f"{what}: {found} in n={n} {of}, seed {seed}\n")
    if scaled(0, 1):
        _keep(ROOT / "benchmarks" / "results" / page, row)


def _keep(file: Path, row: Row) -> None:
    what, found, n, of, seed = row
    mine = [what, str(seed), str(found), str(n), of, f"{datetime.now(UTC):%Y-%m-%d}", _commit()]
    with file.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        intro, _, rest = file.read_text(encoding="utf-8").partition(_TOTALS)
        table = rest.partition(_ROWS)[2]
        rows = {(cells[0], cells[1]): cells for line in table.splitlines() if (cells := line.strip("| ").split(" | "))}
        rows[what, str(seed)] = mine
        ordered = [rows[key] for key in sorted(rows)]
        totals = "".join(f"| {line} |\n" for line in _totals(ordered))
        lines = "".join(f"| {' | '.join(cells)} |\n" for cells in ordered)
        file.write_text(intro + _TOTALS + totals + _ROWS + lines, encoding="utf-8")


def _totals(rows: list[list[str]]) -> Iterator[str]:
    for what, group in groupby(rows, key=lambda cells: cells[0]):
        mine = list(group)
        found, n = (sum(int(cells[place]) for cells in mine) for place in (2, 3))
        yield f"{what} | {found} | {n:,} | {mine[0][4]} | {len(mine)}, from {mine[0][1]} to {mine[-1][1]}"


def _commit() -> str:
    asked = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, check=False)
    return asked.stdout.decode().strip() or "unknown"
