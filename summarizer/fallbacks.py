"""Several language models as one: the next is asked where the one before it does not answer or says no."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from domain.errors import ModelUnavailable, Refused
from summarizer.draft import Answer
from summarizer.prompt import Prompt


class Model(Protocol):
    """One language model."""

    @property
    def name(self) -> str:
        """The model as it is shown."""

    @property
    def local(self) -> bool:
        """Whether it runs within our own network."""

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Answer within so many seconds, or raise ModelUnavailable, Refused or BadAnswer."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What stands before a model and is told by its name and place; how it is asked says each kind itself."""

    model: Model

    @property
    def name(self) -> str:
        """The model as it is shown."""
        return self.model.name

    @property
    def local(self) -> bool:
        """Whether it runs within our own network."""
        return self.model.local


class Fallbacks:
    """Asks models in their order, all within one deadline.

    `local` holds only where all of them are: the prompt is packed once, for whichever will read it.
    """

    def __init__(self, models: Sequence[Model], clock: Callable[[], float] = time.monotonic) -> None:
        """Take at least one model; `clock` counts seconds."""
        self._models = tuple(models)
        self._clock = clock
        self.name = self._models[0].name
        self.local = all(model.local for model in self._models)

    def each(self, change: Callable[[Model], Model]) -> Fallbacks:
        """Return the same order of models, each of them changed."""
        return Fallbacks([change(model) for model in self._models], self._clock)

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Return the first answer, with the name of the model that gave it.

        Raises:
            ModelUnavailable, Refused: what the last of them said.
            BadAnswer: a model answered, but not with a draft.
        """
        ends_at = self._clock() + timeout_s
        last: ModelUnavailable | Refused | None = None
        for position, model in enumerate(self._models):
            left = ends_at - self._clock()
            if left <= 0:
                break
            try:  # those still to come keep an equal share of the time
                answer = model.answer(prompt, left / (len(self._models) - position))
            except (ModelUnavailable, Refused) as error:
                last = error
                continue
            return replace(answer, model=model.name)
        raise last or ModelUnavailable("No language model answered in time.", reason="model-timeout")
