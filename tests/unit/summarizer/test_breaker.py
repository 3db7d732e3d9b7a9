"""The circuit breaker and the budget of second tries."""

from __future__ import annotations

import pytest

from domain.breaker import Breaker
from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from summarizer.breaker import Guarded
from summarizer.draft import Answer, Draft
from summarizer.prompt import Prompt

PROMPT = Prompt("summary.v1", "s", "u", (), "", "n", 1)


class Scripted:
    """Says what it is told to, and counts how often it is asked."""

    name = "fake:one"
    local = True

    def __init__(self) -> None:
        self.error: MiddlewatchError | None = None
        self.asked = 0

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        self.asked += 1
        if self.error:
            raise self.error
        return Answer(Draft(claims=[]))


class Watch:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(model: Guarded) -> str:
    try:
        model.answer(PROMPT, 1)
    except MiddlewatchError as error:
        return error.reason
    return ""


def test_a_provider_that_keeps_failing_is_spared_and_asked_again_later() -> None:
    watch, model = Watch(), Scripted()
    guarded = Guarded(model, Breaker(3, 30, watch))
    model.error = ModelUnavailable("down", reason="model-timeout")
    assert [ask(guarded) for _ in range(5)] == ["model-timeout"] * 3 + ["model-breaker-open"] * 2
    watch.now = 30.0
    assert [ask(guarded), ask(guarded)] == ["model-timeout", "model-breaker-open"]
    watch.now, model.error = 61.0, None
    assert [ask(guarded), ask(guarded)] == ["", ""]
    assert model.asked == 6


@pytest.mark.parametrize("error", [Refused("no"), ModelUnavailable("full", reason="model-busy")])
def test_a_refusal_or_our_own_fault_does_not_spare_the_provider(error: MiddlewatchError) -> None:
    model = Scripted()
    model.error = error
    guarded = Guarded(model, Breaker(2, 30))
    assert {ask(guarded) for _ in range(9)} == {error.reason}


def test_second_tries_are_a_fifth_of_first_ones_after_a_few() -> None:
    provider = Breaker(3, 30)
    assert [provider.may_retry() for _ in range(6)] == [True] * 5 + [False]
    for _ in range(6):
        provider.may_ask()
    assert [provider.may_retry(), provider.may_retry()] == [True, False]
