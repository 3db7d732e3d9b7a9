"""What a call costs: listed prices, prices of one's own, and unknown ones that are never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.summary import Usage
from summarizer.cost import Price, Prices, worst_case
from summarizer.prompt import Prompt

AT = datetime(2026, 11, 21, tzinfo=UTC)
USED = Usage(1_000_000, 100_000)


def test_a_listed_price_is_what_the_provider_asks() -> None:
    assert Prices({}).cost("openai:gpt-4o-mini", USED, AT) == Decimal("0.21")


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("openai:no-such-model", ""),
        ("nobody:gpt-4o-mini", ""),
        ("ollama:llama3.1", ""),
        ("openai:gpt-4o-mini", "http://127.0.0.1:8000/v1"),
        ("openai:gpt-4o-mini", "https://models.example.com/v1"),
    ],
)
def test_a_price_that_nobody_knows_is_unknown_and_not_0(model: str, base_url: str) -> None:
    assert Prices({}, base_url).cost(model, USED, AT) is None


def test_a_price_of_ones_own_comes_first_and_may_be_0() -> None:
    own = {"ollama:llama3.1": Price(Decimal(0), Decimal(0)), "openai:gpt-4o-mini": Price(Decimal(2), Decimal(10))}
    prices = Prices(own, "http://127.0.0.1:8000/v1")
    assert prices.cost("ollama:llama3.1", USED, AT) == 0
    assert prices.cost("openai:gpt-4o-mini", USED, AT) == 3


def test_what_was_not_counted_is_unknown() -> None:
    assert Prices({}).cost("openai:gpt-4o-mini", None, AT) is None


def test_the_worst_case_holds_every_try_with_all_its_output() -> None:
    worst = worst_case(Prompt("v", "s" * 500, "ü" * 250, (), "", "n", 1), 800)
    assert worst.output_tokens == 1600
    assert worst.input_tokens >= 2 * 500
