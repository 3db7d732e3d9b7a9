"""The HTTP side starts fast and small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["torch", "sentence_transformers", "transformers", "langchain", "langchain_core", "openai"]
HEAVY += ["qdrant_client", "qdrant_edge"]


@pytest.mark.parametrize("module", ["worker.app", "worker.telemetry"])
def test_it_never_loads_the_index_or_a_model(module: str) -> None:
    code = f"import {module}, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr
