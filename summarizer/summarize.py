"""The ladder: the extractive summary always, the model's where it is there in time, holds up and says more.

links       only the sources' names: when nothing can be extracted
extractive  word for word, no model; what every channel gets first
model       the model's words, checked claim by claim, on top of the extractive summary
second      the same, by a model that stands in for the first choice
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from domain.alert import Incident, Severity
from domain.document import Evidence
from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from domain.summary import Rung, Summary
from summarizer.attempt import Attempt, Outcome, Reply, total
from summarizer.bill import Bill, OverBudget, bill_of
from summarizer.draft import BadAnswer
from summarizer.fallbacks import Model
from summarizer.guard import Frame, Verdict, judge
from summarizer.merge import better, merged, sources_of
from summarizer.packing import lead_of, may_see
from summarizer.prompt import VERSION, Limits, Prompt, render

__all__ = ["Attempt", "Caps", "Model", "Outcome", "Reply", "Summarizer", "Tools", "Triage", "links"]

_STEP_DOWN = frozenset({Outcome.OVER_BUDGET, Outcome.UNAVAILABLE, Outcome.REFUSED, Outcome.WITHHELD, Outcome.NO_ROOM})
"""After these another model may still have an answer, whichever it is."""
_STEP_UP = frozenset({Outcome.INVALID, Outcome.NOT_BETTER})
"""After these a larger model may have a better answer."""
_SMALL_SHARE = 0.5
"""The share of the time that the first of two models may take."""


def unmetered(model: Model, bill: Bill) -> Model:
    """Return the model as it is: nobody counts what it costs."""
    del bill
    return model


@dataclass(frozen=True, slots=True)
class Tools:
    """What the ladder is given from outside, each a plain callable.

    `extract` is the extractive rung, `redact` takes secrets out, `nonce` gives a fresh random word for each request,
    `meter` returns a model whose calls are put down to a bill, and refused where the budget does not allow them.
    `clock` counts seconds.
    """

    extract: Callable[[Incident, Evidence], Summary]
    redact: Callable[[str], str]
    nonce: Callable[[], str]
    meter: Callable[[Model, Bill], Model] = unmetered
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a prompt may be, in tokens; how long all tries may take, in seconds; and which template it is."""

    max_input_tokens: int = 6000
    timeout_s: float = 30.0
    prompt: str = VERSION


@dataclass(frozen=True, slots=True)
class Triage:
    """A small model that is asked first; incidents of the `grave` severities go to the large one at once."""

    small: Model
    grave: frozenset[Severity] = field(default=frozenset({Severity.CRITICAL}))


class Summarizer:
    """Climbs the ladder as far as it carries."""

    def __init__(self, tools: Tools, model: Model | None, caps: Caps, triage: Triage | None = None) -> None:
        """Without a model the extractive summary stands; with triage a smaller one is asked where it will do."""
        self._tools = tools
        self._model = model
        self._caps = caps
        self._triage = triage

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
        replies: list[Reply] = []
        attempt = Attempt(Outcome.OFF)
        ends_at = self._tools.clock() + min(timeout_s or self._caps.timeout_s, self._caps.timeout_s)
        bill = bill_of(incident, evidence.audience, evidence.snapshot)
        for model, next_on, stands_in in self._rungs(incident):
            left = ends_at - self._tools.clock()
            if left <= 0:
                break
            seconds = left * _SMALL_SHARE if next_on else left
            asking = _Asking(self._tools.meter(model, bill), seconds, self._caps, stands_in)
            reply, attempt = self._tried(asking, incident, evidence, first)
            replies.append(reply)
            if attempt.outcome not in next_on:
                break
        return replace(attempt, usage=total(replies), replies=tuple(replies))

    def _rungs(self, incident: Incident) -> Iterator[tuple[Model, frozenset[Outcome], bool]]:
        """Yield the models in their order, the outcomes after which the next is asked, and who only stands in."""
        if self._model is None:
            return
        if self._triage is None:
            yield self._model, frozenset(), False
        elif incident.severity in self._triage.grave:
            yield self._model, _STEP_DOWN, False
            yield self._triage.small, frozenset(), True
        else:
            yield self._triage.small, _STEP_DOWN | _STEP_UP, False
            yield self._model, frozenset(), False

    def _tried(self, asking: _Asking, incident: Incident, evidence: Evidence, first: Summary) -> tuple[Reply, Attempt]:
        model, nonce = asking.model, ""

        def not_asked(outcome: Outcome, reason: str = "") -> tuple[Reply, Attempt]:
            return Reply(model.name, model.local, nonce, outcome), Attempt(outcome, reason, model=model.name)

        lead = lead_of(evidence.runbooks)
        if lead is None:
            return not_asked(Outcome.NO_EVIDENCE)
        if not may_see(lead.meta, local=model.local):
            return not_asked(Outcome.WITHHELD)
        nonce = self._tools.nonce()
        limits = Limits(asking.caps.max_input_tokens, model.local, asking.caps.prompt)
        try:
            prompt = render(incident, evidence, nonce, limits, self._tools.redact)
        except MiddlewatchError as error:
            return not_asked(Outcome.NOT_REDACTED, error.reason)
        if prompt is None:
            return not_asked(Outcome.NO_ROOM)
        reply = _asked(asking, prompt)
        return self._judged(reply, prompt, (evidence, first), asking.stands_in)

    def _judged(
        self, reply: Reply, prompt: Prompt, given: tuple[Evidence, Summary], stands_in: bool
    ) -> tuple[Reply, Attempt]:
        if reply.answer is None:
            reason = reply.error.reason if reply.error else ""
            return reply, Attempt(reply.outcome, reason, model=reply.model, asked=prompt)
        try:
            verdict = judge(reply.answer.draft, Frame(prompt.passages, prompt.alert, prompt.nonce, self._tools.redact))
        except MiddlewatchError as error:
            attempt = Attempt(Outcome.NOT_REDACTED, error.reason, model=reply.model, asked=prompt)
        else:
            attempt = _weighed(reply, verdict, given, stands_in)
        return replace(reply, outcome=attempt.outcome), attempt


@dataclass(frozen=True, slots=True)
class _Asking:
    """A model that is asked, the seconds that it has, the caps that hold for all, and whether it only stands in."""

    model: Model
    seconds: float
    caps: Caps
    stands_in: bool


def _asked(asking: _Asking, prompt: Prompt) -> Reply:
    model = asking.model

    def failed(outcome: Outcome, error: MiddlewatchError) -> Reply:
        return Reply(model.name, model.local, prompt.nonce, outcome, prompt, None, error)

    try:
        answer = model.answer(prompt, asking.seconds)
    except BadAnswer as error:
        return failed(Outcome.INVALID, error)
    except ModelUnavailable as error:
        return failed(Outcome.UNAVAILABLE, error)
    except OverBudget as error:
        return failed(Outcome.OVER_BUDGET, error)
    except Refused as error:
        return failed(Outcome.REFUSED, error)
    return Reply(model.name, model.local, prompt.nonce, Outcome.IMPROVED, prompt, answer)


def _weighed(reply: Reply, verdict: Verdict, given: tuple[Evidence, Summary], stands_in: bool) -> Attempt:
    evidence, first = given
    name = (reply.answer.model if reply.answer else "") or reply.model
    reason = better(verdict, first.claims)
    claims = () if reason else merged(verdict.claims, first.claims)
    if not claims:
        reason = reason or "message-full"
        return Attempt(Outcome.NOT_BETTER, reason, None, name, reply.prompt, dropped=verdict.dropped)
    summary = replace(
        first,
        rung=Rung.SECOND if stands_in or name != reply.model else Rung.MODEL,
        claims=claims,
        sources=sources_of(claims, evidence, first.sources),
        dropped=verdict.dropped,
        model=name,
        prompt=reply.prompt.version if reply.prompt else "",
        usage=reply.usage,
    )
    return Attempt(Outcome.IMPROVED, "", summary, name, reply.prompt, dropped=verdict.dropped)


def links(evidence: Evidence) -> Summary:
    """Return the lowest rung: which documents were found, and nothing that they say."""
    sources = tuple(hit.meta for hit in (*evidence.runbooks, *evidence.postmortems))
    return Summary(Rung.LINKS, (), sources, nearest=() if evidence.runbooks else evidence.nearest)
