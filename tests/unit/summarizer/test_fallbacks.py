"""Several models as one."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from summarizer.draft import Answer, BadAnswer, Draft
from summarizer.fallbacks import Fallbacks
from summarizer.prompt import Prompt

PROMPT = Prompt(version="summary.v1", system="", user="", passages=(), alert="", nonce="n", tokens=0)


@dataclass
class Scripted:
    name: str
    says: Answer | MiddlewatchError
    local: bool = True
    takes_s: float = 0.0
    given_s: list[float] = field(default_factory=list)
    now: list[float] = field(default_factory=lambda: [0.0])

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        self.given_s.append(timeout_s)
        self.now[0] += self.takes_s
        if isinstance(self.says, MiddlewatchError):
            raise self.says
        return self.says


GOOD = Answer(Draft(claims=[]))


def test_the_first_that_answers_is_named() -> None:
    models = [Scripted("a", ModelUnavailable("down")), Scripted("b", Refused("no")), Scripted("c", GOOD)]
    assert Fallbacks(models).answer(PROMPT, 30).model == "c"


def test_one_deadline_holds_for_all_of_them() -> None:
    now = [0.0]
    slow = Scripted("a", ModelUnavailable("slow"), takes_s=10, now=now)
    second = Scripted("b", GOOD, now=now)
    Fallbacks([slow, second], clock=lambda: now[0]).answer(PROMPT, 20)
    assert (slow.given_s, second.given_s) == ([10.0], [10.0])


def test_a_model_whose_time_is_up_is_not_asked() -> None:
    now = [0.0]
    late = Scripted("b", GOOD, now=now)
    models = [Scripted("a", ModelUnavailable("slow"), takes_s=31, now=now), late]
    with pytest.raises(ModelUnavailable, match="slow"):
        Fallbacks(models, clock=lambda: now[0]).answer(PROMPT, 30)
    assert late.given_s == []


def test_an_answer_that_is_no_draft_is_not_asked_for_again_elsewhere() -> None:
    other = Scripted("b", GOOD)
    with pytest.raises(BadAnswer):
        Fallbacks([Scripted("a", BadAnswer("no draft")), other]).answer(PROMPT, 30)
    assert other.given_s == []


def test_one_model_beyond_our_network_makes_the_prompt_one_for_beyond_it() -> None:
    assert not Fallbacks([Scripted("a", GOOD), Scripted("b", GOOD, local=False)]).local
