"""P5: no secret leaves. The redactor on labelled secrets in three tiers and on lines that hold none."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.labelled_benign import benign
from tests.labelled_secrets import Labelled, secrets
from worker.redaction import redact

FLOORS = {1: 0.99, 2: 0.93, 3: 0.75}
"""The share of labelled secrets of a tier that must be gone, no fragment of twelve characters left."""
MOST_BENIGN = 0.005
FRAGMENT = 12


def corpus() -> Path | None:
    """Return the public runbooks, where they are at hand."""
    named = os.environ.get("MIDDLEWATCH_TEST_SHARED", "")  # noqa: TID251 - the documented switch of the tests
    folder = (Path(named) if named else Path(__file__).resolve().parents[3] / "shared") / "corpus"
    return folder if folder.is_dir() else None


def survives(secret: str, clean: str) -> bool:
    """Tell whether a secret, or twelve characters of it in a row, are still there."""
    if len(secret) < FRAGMENT:
        return secret in clean
    return any(secret[start : start + FRAGMENT] in clean for start in range(len(secret) - FRAGMENT + 1))


def leaks(labelled: Labelled) -> bool:
    clean = redact(labelled.text)
    return any(survives(secret, clean) for secret in labelled.secrets)


def test_the_set_is_large_enough_to_say_something() -> None:
    tiers = Counter(labelled.tier for labelled in secrets())
    assert min(tiers.values()) >= 150
    assert tiers.total() >= 500
    assert sum(1 for _ in benign(None)) >= 400


@pytest.mark.parametrize("tier", FLOORS)
@pytest.mark.parametrize("held", [False, True], ids=["seen", "kept-apart"])
def test_it_takes_out_the_labelled_secrets(tier: int, held: bool) -> None:
    those = [labelled for labelled in secrets() if (labelled.tier, labelled.held) == (tier, held)]
    missed = [labelled.made_by for labelled in those if leaks(labelled)]
    assert len(missed) <= (1 - FLOORS[tier]) * len(those), missed


def test_it_leaves_the_lines_of_operators_as_they_are() -> None:
    lines = [line for line, _ in benign(corpus())]
    changed = [line for line in lines if redact(line) != line]
    assert len(changed) <= MOST_BENIGN * len(lines), changed


def test_it_changes_nothing_the_second_time() -> None:
    cleans = [redact(labelled.text) for labelled in secrets()]
    assert [clean for clean in cleans if redact(clean) != clean] == []


def test_two_mentions_of_a_secret_stay_linked_and_two_secrets_stay_two() -> None:
    text = "DB_PASSWORD=Tr0ub4dor and later password: Tr0ub4dor, not password: Kestrel8027"
    marks = [piece.partition("]")[0].rpartition(":")[2] for piece in redact(text).split("[redacted:")[1:]]
    assert len(marks) == 3
    assert marks[0] == marks[1] != marks[2]


def test_it_is_quick_on_many_small_texts() -> None:
    """A ratio within one run: a hundred texts of a line cost no more than twenty times one text of a hundred lines."""
    lines = [f"pod checkout-{number} restarted, exit code {number % 200}" for number in range(2_000)]
    started = time.process_time()
    redact("\n".join(lines))
    together = time.process_time() - started
    started = time.process_time()
    for line in lines:
        redact(line)
    assert time.process_time() - started < 20 * max(together, 0.005)
