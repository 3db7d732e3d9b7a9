"""How the same storm goes with one and two workers, and with ten times the history in the database.

    python -m benchmarks.storm_growth                   # a table in benchmarks/results/storm-growth.md

`api`, workers and `beat` are processes of their own on one PostgreSQL and one Redis.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.storm import CHANNELS, RESULTS, Run, run, table
from benchmarks.storm_history import multiply
from benchmarks.storm_site import Layout, Site
from benchmarks.storm_traffic import storm
from tests.postgres import running_postgres
from tests.system.kit import redis_server


def main() -> int:
    """Run it; 0 when no acknowledged alert was lost and no message stands twice."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm_growth", description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60, help="how long the storm takes")
    parser.add_argument("--chunks", type=int, default=5000)
    parser.add_argument("--times", type=int, default=10, help="the history, in storms")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mwgrowth"))
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        redis_url = f"redis://127.0.0.1:{stack.enter_context(redis_server(folder))}/0"
        (one,) = _runs(folder / "one", Layout(postgres.new_database(), CHANNELS, 1, redis_url), options, 0)
        two, old = _runs(
            folder / "two", Layout(postgres.new_database(), CHANNELS, 2, redis_url), options, options.times
        )
    lines = [
        "# The storm as the installation grows",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores for everything. `python -m benchmarks.storm_growth`: "
        f"{options.alerts} alerts of 40 services in {options.seconds} s, over and over the same; PostgreSQL and Redis, "
        "`api`, workers and `beat` apart.",
        "",
        f"| | 1 worker | 2 workers | 2 workers, history of {old[0]} incidents |",
        "|---|---|---|---|",
        *table([one[1], two[1], old[1]]),
    ]
    (options.out / "storm-growth.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    shutil.rmtree(folder, ignore_errors=True)
    runs = (one[1], two[1], old[1])
    return 0 if all(not told.lost and not told.doubled for _, told, _ in runs) else 1


def _runs(folder: Path, layout: Layout, options: argparse.Namespace, times: int) -> list[tuple[int, Run]]:
    """Return the incidents of the past and the storm after it; a second time after so many times as much."""
    with Site(folder, layout, None, options.chunks) as site:
        site.ingest()
        with site.up():
            found = [(0, run(site, storm(options.alerts, options.seconds), options.seconds / 2))]
            if times:
                past = multiply(layout.database(site.folder), times)
                found.append((past, run(site, storm(options.alerts, options.seconds), options.seconds / 2)))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
