"""Spares a provider that is down, and whoever waits for it: a circuit breaker and a budget of second tries for each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import ModelUnavailable
from summarizer.draft import Answer
from summarizer.fallbacks import Model
from summarizer.prompt import Prompt

_OURS = frozenset({"model-busy", "model-breaker-open"})
"""Reasons that say nothing of the provider: the call was not made."""
_SHARE = 0.2
"""Second tries may be this share of first ones, beside a few that are saved up."""
_MOST_SAVED = 5.0


class Provider:
    """What is known of one provider. Threads share it; each process has its own."""

    def __init__(self, failures: int, open_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """After so many failures in a row it is spared for `open_s` seconds."""
        self._most = failures
        self._open_s = open_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_from = 0.0
        self._saved = _MOST_SAVED

    def may_ask(self) -> bool:
        """Tell whether a call may be made; while it is spared one call at a time looks whether it is back."""
        with self._lock:
            if self._failures < self._most:
                self._saved = min(_MOST_SAVED, self._saved + _SHARE)
                return True
            if self._clock() < self._closed_from:
                return False
            self._closed_from = self._clock() + self._open_s
            return True

    def may_retry(self) -> bool:
        """Tell whether a second try may be made, and count it."""
        with self._lock:
            if self._saved < 1 or self._failures >= self._most:
                return False
            self._saved -= 1
            return True

    def came_to(self, error: ModelUnavailable | None) -> None:
        """Take in how a call ended."""
        with self._lock:
            if error is None:
                self._failures = 0
            elif error.reason not in _OURS:
                self._failures += 1
                if self._failures >= self._most:
                    self._closed_from = self._clock() + self._open_s


@dataclass(frozen=True, slots=True)
class Guarded:
    """A model behind what is known of its provider."""

    model: Model
    provider: Provider

    @property
    def name(self) -> str:
        """The model as it is shown."""
        return self.model.name

    @property
    def local(self) -> bool:
        """Whether it runs within our own network."""
        return self.model.local

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
            self.provider.came_to(error)
            raise
        except Exception:
            self.provider.came_to(None)  # it did answer, if with a no
            raise
        self.provider.came_to(None)
        return answer
