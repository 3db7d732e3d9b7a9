"""How much a test does: little each time, all of it in `make proof`."""

from __future__ import annotations

import os

PROFILE = "MIDDLEWATCH_TEST_PROFILE"


def scaled(small: int, full: int) -> int:
    """Return `small`, or `full` in the long proofs."""
    return full if os.environ.get(PROFILE) == "proof" else small
