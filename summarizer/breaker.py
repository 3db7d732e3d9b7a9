"""Spares a provider of language models that is down, and whoever waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.breaker import Breaker
from domain.errors import ModelUnavailable
from summarizer.draft import Answer
from summarizer.fallbacks import Wrapped
from summarizer.prompt import Prompt

_OURS = frozenset({"model-busy", "model-breaker-open"})
"""Reasons that say nothing of the provider: the call was not made."""


@dataclass(frozen=True, slots=True)
class Guarded(Wrapped):
    """A model behind what is known of its provider."""

    provider: Breaker

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Answer, unless the provider is being spared.

        Raises:
            ModelUnavailable: it is, or it did not answer.
        """
        if not self.provider.may_ask():
            raise ModelUnavailable("The provider has failed lately and is spared.", reason="model-breaker-open")
        try:
            answer = self.model.answer(prompt, timeout_s)
        except ModelUnavailable as error:
            if error.reason not in _OURS:
                self.provider.failed()
            raise
        except Exception:
            self.provider.answered()  # it did answer, if with a no
            raise
        self.provider.answered()
        return answer
