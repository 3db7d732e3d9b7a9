"""The language models and what pays for them; it loads LangChain, so only `wiring` imports it, where a model is set."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from domain.errors import BadSettings
from summarizer.breaker import Guarded
from summarizer.cost import Price, Prices
from summarizer.fallbacks import Fallbacks, Model
from summarizer.model import ModelSettings, connect
from summarizer.places import base_of, provider_of
from summarizer.prompt import VERSION, versions
from summarizer.summarize import Triage
from worker.money.budget import Meter, Till
from worker.money.kept_answers import KeptAnswers
from worker.pressure.breakers import Limits
from worker.redaction.redactor import redact
from worker.sections.outbound import host_of
from worker.settings import LlmSettings, Settings
from worker.store.store import Store
from worker.telemetry import Metrics
from worker.wiring_index import Ways, now


def model(llm: LlmSettings, ways: Ways) -> Model:
    """Return the model that is asked, with those that stand in for it."""
    return Fallbacks([one(llm, name, ways) for name in (llm.model, *llm.fallbacks)])


def triage(llm: LlmSettings, ways: Ways) -> Triage | None:
    """Return the small model that is asked first, where there is one."""
    return Triage(Fallbacks([one(llm, llm.small_model, ways)]), llm.grave) if llm.small_model else None


def one(llm: LlmSettings, name: str, ways: Ways) -> Model:
    """Return one model by its name, at the address and with the key that are set for all, its provider spared.

    Raises:
        BadSettings: its host is not on the list of those that may be called.
    """
    host = host_of(base_of(name, llm.base_url)) or provider_of(name)
    ways.outbound.settings.check([("The model", host)])
    limits = Limits(llm.breaker_failures, llm.breaker_open.total_seconds())
    provider = ways.breakers.of(f"model {provider_of(name)}", limits)  # one for all of its models
    settings = ModelSettings(name, llm.base_url, ways.key(), llm.timeout_s, llm.max_output_tokens)
    return Guarded(ways.outbound.model(connect(settings, provider.may_retry, ways.key), host), provider)


def prompt_of(version: str) -> str:
    """Return the prompt's whole version for "v1" or "summary.v1", the one in use for "".

    Raises:
        BadSettings: there is no such version.
    """
    known = versions()
    found = [name for name in known if version in (name, name.partition(".")[2])]
    if version and not found:
        raise BadSettings("There is no such version of the prompt.", mend=f"Known: {', '.join(known)}.")
    return found[0] if version else VERSION


def prices(settings: Settings) -> Prices:
    """Return the price list, with the prices that are set here first."""
    own = {
        each.model: Price(Decimal(str(each.input_per_million)), Decimal(str(each.output_per_million)))
        for each in settings.budget.prices
    }
    return Prices(own, settings.llm.base_url)


def meter(settings: Settings, store: Store, metrics: Metrics, tell: Callable[[str], None]) -> Meter:
    """Return what pays for calls."""
    kept = KeptAnswers(store.answers, redact, settings.budget.keep_answers)
    till = Till(store.spend, prices(settings).cost, settings.budget, settings.llm.max_output_tokens, kept)
    return Meter(till, metrics, tell, now)
