"""P6: with index or model down, slow, lying the message still comes, once, with its final state. See tests/faults."""

from __future__ import annotations

import pytest

from tests.faults.prove import prove

FAULTS = ("index_down", "index_slow", "index_lying", "model_down", "model_slow", "model_lying", "model_drip")


@pytest.mark.timeout(900)
def test_the_message_comes_whatever_index_and_model_do() -> None:
    prove("P6", FAULTS, small=7)
