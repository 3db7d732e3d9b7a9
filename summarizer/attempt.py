"""What became of asking language models: each question with its answer or error, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.errors import MiddlewatchError
from domain.summary import Dropped, Summary, Usage
from summarizer.draft import Answer, BadAnswer
from summarizer.prompt import Prompt


class Outcome(StrEnum):
    """What became of one try at the model's rung; stable, because it is a metric label."""

    IMPROVED = "improved"
    OFF = "off"
    NO_EVIDENCE = "no-evidence"
    WITHHELD = "withheld"
    NO_ROOM = "no-room"
    OVER_BUDGET = "over-budget"
    NOT_REDACTED = "not-redacted"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    INVALID = "invalid"
    NOT_BETTER = "not-better"


@dataclass(frozen=True, slots=True)
class Reply:
    """One question to a model and what came of it: an answer, or an error. It is all that a replay needs.

    `prompt` is None where the model was not asked; `nonce` is what the prompt was rendered with.
    """

    model: str
    local: bool
    nonce: str
    outcome: Outcome
    prompt: Prompt | None = None
    answer: Answer | None = None
    error: MiddlewatchError | None = None

    @property
    def usage(self) -> Usage | None:
        """What it took, as far as that is known."""
        if self.answer is not None:
            return self.answer.usage
        return self.error.usage if isinstance(self.error, BadAnswer) else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """The tries at the model's rung: `summary` is there only when it is to replace the extractive one.

    `reason` says more than the outcome where there is more to say. `asked` is the prompt that was sent last, None where
    nothing was. `dropped` are the claims that did not hold up, whether or not the others were used. `usage` is what all
    replies took together.
    """

    outcome: Outcome
    reason: str = ""
    summary: Summary | None = None
    model: str = ""
    asked: Prompt | None = None
    usage: Usage | None = None
    dropped: tuple[Dropped, ...] = ()
    replies: tuple[Reply, ...] = ()


def total(replies: Sequence[Reply]) -> Usage | None:
    """Return what all replies took; the cost is unknown where that of one of them is."""
    taken = [reply.usage for reply in replies if reply.usage is not None]
    if not taken:
        return None
    known = [usage.cost_usd for usage in taken if usage.cost_usd is not None]
    cost = sum(known, Decimal(0)) if len(known) == len(taken) else None
    return Usage(sum(usage.input_tokens for usage in taken), sum(usage.output_tokens for usage in taken), cost)
