"""The ladder: the extractive summary always, the model's where it is there in time, holds up and says more.

links       only the sources' names: when nothing can be extracted
extractive  word for word, no model; what every channel gets first
model       the model's words, checked claim by claim, on top of the extractive summary
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.alert import Incident
from domain.document import Evidence
from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from domain.summary import Dropped, Rung, Summary, Usage
from summarizer.draft import Answer, BadAnswer
from summarizer.guard import Frame, Verdict, judge
from summarizer.merge import better, merged, sources_of
from summarizer.packing import lead_of, may_see
from summarizer.prompt import Limits, Prompt, render


class Model(Protocol):
    """A language model: its name as shown, whether it runs within our own network, and one question to it."""

    name: str
    local: bool

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Answer within so many seconds, or raise ModelUnavailable, Refused or BadAnswer."""


class Outcome(StrEnum):
    """What became of one try at the model's rung; stable, because it is a metric label."""

    IMPROVED = "improved"
    OFF = "off"
    NO_EVIDENCE = "no-evidence"
    WITHHELD = "withheld"
    NO_ROOM = "no-room"
    OVER_BUDGET = "over-budget"
    NOT_REDACTED = "not-redacted"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    INVALID = "invalid"
    NOT_BETTER = "not-better"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at the model's rung: `summary` is there only when it is to replace the extractive one.

    `reason` says more than the outcome where there is more to say. `asked` is the prompt that was sent, None where
    nothing was. `dropped` are the claims that did not hold up, whether or not the others were used.
    """

    outcome: Outcome
    reason: str = ""
    summary: Summary | None = None
    model: str = ""
    asked: Prompt | None = None
    usage: Usage | None = None
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the ladder is given from outside, each a plain callable.

    `extract` is the extractive rung, `redact` takes secrets out, `nonce` gives a fresh random word for each request,
    `may_spend` says whether the budget allows a call.
    """

    extract: Callable[[Incident, Evidence], Summary]
    redact: Callable[[str], str]
    nonce: Callable[[], str]
    may_spend: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a prompt may be, in tokens, and how long the model may take, in seconds."""

    max_input_tokens: int = 6000
    timeout_s: float = 30.0


class Summarizer:
    """Climbs the ladder as far as it carries."""

    def __init__(self, tools: Tools, model: Model | None, caps: Caps) -> None:
        """Without a model the extractive summary stands."""
        self._tools = tools
        self._model = model
        self._caps = caps

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        """Return the summary that needs no language model; names alone where nothing can be extracted."""
        try:
            return self._tools.extract(incident, evidence)
        except MiddlewatchError:
            return links(evidence)

    def improved(
        self, incident: Incident, evidence: Evidence, first: Summary, timeout_s: float | None = None
    ) -> Attempt:
        """Ask the model for better words; `timeout_s` is what is left of the caller's deadline, where it has one.

        Nothing that the model does or fails to do is raised: the outcome says it, and `first` stands.
        """
        model = self._model
        if model is None:
            return Attempt(Outcome.OFF)
        lead = lead_of(evidence.runbooks)
        if lead is None:
            return Attempt(Outcome.NO_EVIDENCE, model=model.name)
        if not may_see(lead.meta, local=model.local):
            return Attempt(Outcome.WITHHELD, model=model.name)
        if not self._tools.may_spend():
            return Attempt(Outcome.OVER_BUDGET, model=model.name)
        limits = Limits(self._caps.max_input_tokens, model.local)
        try:
            prompt = render(incident, evidence, self._tools.nonce(), limits, self._tools.redact)
        except MiddlewatchError as error:
            return Attempt(Outcome.NOT_REDACTED, error.reason, model=model.name)
        if prompt is None:
            return Attempt(Outcome.NO_ROOM, model=model.name)
        seconds = min(self._caps.timeout_s, timeout_s if timeout_s is not None else self._caps.timeout_s)
        return self._asked(model, prompt, seconds, (evidence, first))

    def _asked(self, model: Model, prompt: Prompt, timeout_s: float, given: tuple[Evidence, Summary]) -> Attempt:
        def failed(outcome: Outcome, error: MiddlewatchError, usage: Usage | None = None) -> Attempt:
            return Attempt(outcome, error.reason, model=model.name, asked=prompt, usage=usage)

        try:
            answer = model.answer(prompt, timeout_s)
        except BadAnswer as error:
            return failed(Outcome.INVALID, error, error.usage)
        except ModelUnavailable as error:
            return failed(Outcome.UNAVAILABLE, error)
        except Refused as error:
            return failed(Outcome.REFUSED, error)
        try:
            verdict = judge(answer.draft, Frame(prompt.passages, prompt.alert, prompt.nonce, self._tools.redact))
        except MiddlewatchError as error:
            return failed(Outcome.NOT_REDACTED, error, answer.usage)
        return _weighed(model, prompt, answer, verdict, given)


def _weighed(
    model: Model, prompt: Prompt, answer: Answer, verdict: Verdict, given: tuple[Evidence, Summary]
) -> Attempt:
    evidence, first = given
    name = answer.model or model.name
    reason = better(verdict, first.claims)
    claims = () if reason else merged(verdict.claims, first.claims)
    if not claims:
        outcome, reason = Outcome.NOT_BETTER, reason or "message-full"
        return Attempt(outcome, reason, None, name, prompt, answer.usage, verdict.dropped)
    summary = replace(
        first,
        rung=Rung.MODEL,
        claims=claims,
        sources=sources_of(claims, evidence, first.sources),
        dropped=verdict.dropped,
        model=name,
        prompt=prompt.version,
        usage=answer.usage,
    )
    return Attempt(Outcome.IMPROVED, "", summary, name, prompt, answer.usage, verdict.dropped)


def links(evidence: Evidence) -> Summary:
    """Return the lowest rung: which documents were found, and nothing that they say."""
    sources = tuple(hit.meta for hit in (*evidence.runbooks, *evidence.postmortems))
    return Summary(Rung.LINKS, (), sources, nearest=() if evidence.runbooks else evidence.nearest)
