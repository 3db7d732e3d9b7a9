"""What a call costs: the provider's count of tokens times the price table that `genai-prices` carries.

The table is a file of the package: nothing is fetched. A model that it does not know costs an unknown amount, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import genai_prices

from domain.summary import Usage
from summarizer.places import is_local, provider_of
from summarizer.prompt import Prompt

MOST_TRIES = 2
"""So often one model may be asked for one answer: once, and once more where the answer could not be read."""
_BYTES_PER_TOKEN = 2
"""No common tokenizer makes more tokens of a prompt than one for two bytes of its UTF-8."""
_FRAMING = 600
"""Tokens of the schema, of the messages' own framing, and of the words that ask for a better answer."""
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one's own, in US dollars for a million tokens."""

    input_per_million: Decimal
    output_per_million: Decimal


class Prices:
    """The prices of models by their names, "PROVIDER:MODEL"."""

    def __init__(self, own: Mapping[str, Price], base_url: str = "") -> None:
        """`own` prices come first. `base_url` is where all models are called, "" for each provider's own address."""
        self._own = dict(own)
        self._base_url = base_url

    def cost(self, model: str, usage: Usage | None, at: datetime) -> Decimal | None:
        """Return what the usage costs in US dollars at that time, None where that is unknown."""
        if usage is None:
            return None
        own = self._own.get(model)
        if own is not None:
            paid = usage.input_tokens * own.input_per_million + usage.output_tokens * own.output_per_million
            return paid / _MILLION
        return self._listed(model, usage, at)

    def _listed(self, model: str, usage: Usage, at: datetime) -> Decimal | None:
        if is_local(model, self._base_url):
            return None  # a model of one's own may have a provider's name, and never has its price
        name = model.partition(":")[2]
        counted = genai_prices.Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
        try:
            if self._base_url:
                url = self._base_url
                priced = genai_prices.calc_price(counted, name, provider_api_url=url, genai_request_timestamp=at)
            else:
                home = provider_of(model)
                priced = genai_prices.calc_price(counted, name, provider_id=home, genai_request_timestamp=at)
        except (LookupError, ValueError):
            return None
        return priced.total_price


def worst_case(prompt: Prompt, max_output_tokens: int) -> Usage:
    """Return the most tokens that one answer can take: every try, with all of the output that it may have.

    A second try shows the model what the first did, at no more than the words that ask for it.
    """
    size = len(f"{prompt.system}{prompt.user}".encode("utf-8", "replace"))
    once = -(-size // _BYTES_PER_TOKEN) + _FRAMING
    return Usage(MOST_TRIES * once, MOST_TRIES * max_output_tokens)
