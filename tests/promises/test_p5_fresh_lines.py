"""P5: lines that were written without a look at the rules, mended by family since, stay mended."""

from __future__ import annotations

import sys

import pytest

from tests.labelled_fresh import fresh, plain, survives
from worker.redaction import redact

FLOORS = {1: 0.99, 2: 0.98, 3: 0.9}


@pytest.mark.parametrize("tier", FLOORS)
def test_secrets_of_a_tier_are_removed(tier: int) -> None:
    lines = [line for line in fresh() if line.tier == tier]
    left = [line.text for line in lines if survives(line, redact(line.text))]
    sys.stdout.write(f"tier {tier}: {len(lines) - len(left)} of n={len(lines)} removed\n")
    assert len(lines) >= 100
    assert len(left) <= (1 - FLOORS[tier]) * len(lines), left


def test_at_most_one_line_in_two_hundred_without_a_secret_is_changed() -> None:
    lines = [text for text, _ in plain()]
    changed = [line for line in lines if redact(line) != line]
    sys.stdout.write(f"{len(changed)} of n={len(lines)} changed\n")
    assert len(lines) >= 200
    assert len(changed) <= 0.005 * len(lines), changed
