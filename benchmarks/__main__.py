"""Run every benchmark, one after the other: tables on stdout and in benchmarks/results/."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).resolve().parents[2] / "shared")
BENCHMARKS = (
    ("benchmarks.retrieval", "--corpus"),
    ("benchmarks.extractive", ""),
    ("benchmarks.tokens", ""),
    ("benchmarks.grounding", ""),
    ("benchmarks.redaction", ""),
)


def main() -> int:
    """Run them; 0 when all of them ended well, also when there was nothing to measure on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus", help="runbooks/, postmortems/, golden/")
    parser.add_argument("--storm", action="store_true", help="the storm as well: about ten minutes")
    options = parser.parse_args()
    if options.storm and subprocess.run([sys.executable, "-m", "benchmarks.storm"], check=False).returncode:
        return 1
    corpus: Path = options.corpus
    if not corpus.is_dir():
        print("Nothing to measure on: there is no public corpus. Name one with --corpus or MIDDLEWATCH_TEST_SHARED.")
        return 0
    codes = [subprocess.run(_command(module, option, corpus), check=False).returncode for module, option in BENCHMARKS]
    return max(codes)


def _command(module: str, option: str, corpus: Path) -> list[str]:
    return [sys.executable, "-m", module, *([option] if option else []), str(corpus)]


if __name__ == "__main__":
    raise SystemExit(main())
