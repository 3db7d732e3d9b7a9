"""Run seeds: `python -m tests.faults 0-1023 --jobs 4 --keep runs.jsonl`; one that failed replays alone by its number.

Every run appends one line of JSON to the file of `--keep`; what stands there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.faults.bench import bench
from tests.faults.plan import plan
from tests.faults.preload import preload
from tests.faults.world import Verdict, World


def main() -> int:
    """Run what is asked for; 0 when every promise held in every run."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("seeds", nargs="+", help="7, or 0-99")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None, help="a file of verdicts, to which is added")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mwfaults"))
    keep: Path = options.keep or folder / "runs.jsonl"
    known = {json.loads(line)["seed"] for line in keep.read_text().splitlines()} if keep.exists() else set()
    seeds = [seed for seed in _seeds(options.seeds) if seed not in known]
    jobs = [_job(number, seeds[number :: options.jobs], folder, keep) for number in range(options.jobs)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) for job in jobs]
    wanted = set(_seeds(options.seeds))
    verdicts = [json.loads(line) for line in keep.read_text().splitlines()] if keep.exists() else []
    verdicts = [verdict for verdict in verdicts if verdict["seed"] in wanted]
    failed = [verdict for verdict in verdicts if verdict["wrong"]]
    for verdict in failed:
        sys.stdout.write(f"seed {verdict['seed']}: {'; '.join(verdict['wrong'])}; its logs: {folder}\n")
    sys.stdout.write(f"{len(verdicts)} runs, {len(failed)} failed\n")
    if not failed and not any(codes):
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed or any(codes) or len(verdicts) < len(wanted) else 0


def _seeds(asked: list[str]) -> list[int]:
    ranges = [part.partition("-") for part in asked]
    return [seed for first, _, last in ranges for seed in range(int(first), int(last or first) + 1)]


def _job(number: int, seeds: list[int], folder: Path, keep: Path) -> int:
    """Fork a job that runs these seeds one after the other, and return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        own = folder / f"job{number}"
        own.mkdir()
        preload()
        with bench(own) as shared:
            for seed in seeds:
                _note(World(plan(seed), shared).run(), keep)
        code = 0
    except BaseException:  # noqa: BLE001 - the end of a process of its own: it is said, and the exit code tells
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _note(verdict: Verdict, keep: Path) -> None:
    with keep.open("a") as file:
        file.write(json.dumps(asdict(verdict)) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
