"""A recorded run as another model or another prompt would have told it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from summarizer.attempt import Attempt
from summarizer.summarize import Summarizer
from worker.recording import Recording
from worker.replay.replaying import with_models
from worker.slack.message import Message


@dataclass(frozen=True, slots=True)
class Variant:
    """What came of asking: the attempt, the message it would show, and the seconds that it took."""

    attempt: Attempt
    message: Message
    seconds: float

    @property
    def kept(self) -> int:
        """How many of the model's claims held up."""
        return len(self.attempt.summary.claims) if self.attempt.summary else 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; a cost that nobody knows is null."""
        usage = self.attempt.usage
        return {
            "model": self.attempt.model,
            "outcome": self.attempt.outcome.value,
            "reason": self.attempt.reason,
            "message": self.message.text,
            "dropped": [{"reason": each.reason, "text": each.text} for each in self.attempt.dropped],
            "input_tokens": usage.input_tokens if usage else 0,
            "output_tokens": usage.output_tokens if usage else 0,
            "usd": float(usage.cost_usd) if usage and usage.cost_usd is not None else None,
            "seconds": round(self.seconds, 3),
        }

    def as_line(self) -> str:
        """Return it as one line for a person."""
        usage = self.attempt.usage
        cost = "unknown cost" if usage is None or usage.cost_usd is None else f"{usage.cost_usd:.6f} US dollars"
        tokens = f"{usage.input_tokens} + {usage.output_tokens} tokens" if usage else "no tokens"
        words = f"{self.attempt.model}: {self.attempt.outcome.value}, {len(self.attempt.dropped)} claims dropped"
        return f"{words}, {tokens}, {cost}, {self.seconds:.1f} s"


def told_by(recording: Recording, ladder: Summarizer) -> Variant:
    """Take a recorded run through another ladder. The model is asked, so it may cost money."""
    began = time.perf_counter()
    attempt, message = with_models(recording, ladder)
    return Variant(attempt, message, time.perf_counter() - began)
