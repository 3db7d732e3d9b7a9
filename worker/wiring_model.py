"""The language models and what pays for them; it loads LangChain, so only `wiring` imports it, where a model is set."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from summarizer.cost import Price, Prices
from summarizer.fallbacks import Fallbacks, Model
from summarizer.model import ModelSettings, connect
from worker.budget import Meter, Till
from worker.settings import LlmSettings, Settings
from worker.store.store import Store
from worker.telemetry import Metrics
from worker.wiring_index import now


def model(llm: LlmSettings) -> Model:
    """Return the model that is asked, with those that stand in for it."""
    return Fallbacks([one(llm, name) for name in (llm.model, *llm.fallbacks)])


def one(llm: LlmSettings, name: str) -> Model:
    """Return one model by its name, at the address and with the key that are set for all."""
    key = llm.api_key.get_secret_value()
    return connect(ModelSettings(name, llm.base_url, key, llm.timeout_s, llm.max_output_tokens))


def prices(settings: Settings) -> Prices:
    """Return the price list, with the prices that are set here first."""
    own = {
        each.model: Price(Decimal(str(each.input_per_million)), Decimal(str(each.output_per_million)))
        for each in settings.budget.prices
    }
    return Prices(own, settings.llm.base_url)


def meter(settings: Settings, store: Store, metrics: Metrics, tell: Callable[[str], None]) -> Meter:
    """Return what pays for calls."""
    till = Till(store.spend, prices(settings).cost, settings.budget, settings.llm.max_output_tokens)
    return Meter(till, metrics, tell, now)
