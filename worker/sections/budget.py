"""The settings of money: what language models may cost, and what is done where nobody knows."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from worker.sections.source import Duration, Section


class UnknownPrice(StrEnum):
    """What becomes of a call to a model whose price is not known."""

    TOKENS = "tokens"
    REFUSE = "refuse"


class PriceSettings(Section):
    """A price of one's own, in US dollars for a million tokens."""

    model: str = Field(min_length=1)
    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)


class BudgetSettings(Section):
    """What the language model may cost; at a cap the ladder goes down a rung, and the message says so."""

    usd_per_day: float = Field(5.0, ge=0, description="A cap on all calls of a day (UTC); 0 allows none")
    usd_per_team_day: float | None = Field(
        None, ge=0, description="A cap on the calls of a day for one team, by the label `team`; unset: the day's alone"
    )
    usd_per_incident: float = Field(0.10, ge=0, description="A cap on the calls for one incident")
    unknown_price: UnknownPrice = Field(
        UnknownPrice.TOKENS,
        description="For models without a known price: `tokens` caps their tokens instead, `refuse` never asks them",
    )
    tokens_per_day: int = Field(2_000_000, ge=0, description="A cap on the tokens of models without a known price")
    tokens_per_incident: int = Field(100_000, ge=0, description="The same for one incident")
    prices: tuple[PriceSettings, ...] = Field(
        (), description="Prices of your own: `{ model, input_per_million, output_per_million }`, in US dollars"
    )
    keep_answers: Duration = Field(
        timedelta(minutes=10), description="How long a model's answer is given again to the same question; `0s`: never"
    )
