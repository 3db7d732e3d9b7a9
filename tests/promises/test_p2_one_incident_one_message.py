"""P2: one message per incident and channel, and in the end it shows the final state. See tests/faults."""

from __future__ import annotations

import pytest

from tests.faults.prove import prove

FAULTS = (
    "slack_429", "slack_5xx", "slack_5xx_accepted", "slack_dropped", "slack_accepted_dropped",
    "slack_accepted_stalled", "slack_revoked", "slack_history_lags", "worker_frozen",
)  # fmt: skip


@pytest.mark.timeout(900)
def test_a_channel_holds_one_message_with_the_final_state_whatever_slack_does_and_whoever_is_late() -> None:
    prove("P2", FAULTS, small=10)
