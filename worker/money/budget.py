"""Pays for calls to models: reserved before, settled after, put down to whom they are for.

Nothing here fails an incident: where the budget does not allow a call, `OverBudget` sends the ladder down a rung.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog

from domain.errors import MiddlewatchError, StoreUnavailable
from domain.summary import Usage
from summarizer.bill import Bill, OverBudget
from summarizer.cost import worst_case
from summarizer.draft import Answer, BadAnswer
from summarizer.fallbacks import Fallbacks, Model, Wrapped
from summarizer.prompt import Prompt
from worker.money.kept_answers import KeptAnswers, given_again, key_of
from worker.sections.budget import BudgetSettings, UnknownPrice
from worker.store.spend import Order, Purse, Refusal, Spend, Taken
from worker.telemetry import Metrics

log = structlog.get_logger()

_FREE = frozenset(
    {
        "model-unreachable", "model-rate-limited", "model-busy", "model-breaker-open", "model-auth", "model-not-found",
        "model-bad-request", "model-context", "model-certificate",
    }
)  # fmt: skip
"""Errors after which nothing can have been billed: no model has begun to answer."""
_MOST_NAMES = 100
"""A metric tells so many teams and services apart; they are named by labels of alerts, so anybody could add more."""

Cost = Callable[[str, Usage | None, datetime], Decimal | None]


@dataclass(frozen=True, slots=True)
class Till:
    """Where the money is kept and by which rules: `cost` prices a usage, `max_output_tokens` bounds an answer."""

    spend: Spend
    cost: Cost
    budget: BudgetSettings
    max_output_tokens: int
    kept: KeptAnswers | None = None


class Meter:
    """Puts calls down to bills."""

    def __init__(
        self, till: Till, metrics: Metrics, tell: Callable[[str], None], clock: Callable[[], datetime]
    ) -> None:
        """`tell` is told in words of 50, 80 and 100 % of a budget, each once."""
        self._till = till
        self._metrics = metrics
        self._tell = tell
        self._clock = clock
        self._names: set[tuple[str, str]] = set()

    def __call__(self, model: Model, bill: Bill) -> Model:
        """Return a model whose calls are paid for by this bill, each of several by itself."""
        if isinstance(model, Fallbacks):
            return model.each(lambda one: _Metered(one, bill, self))
        return _Metered(model, bill, self)

    def asked(self, model: Model, bill: Bill, prompt: Prompt, timeout_s: float) -> Answer:
        """Reserve, ask, settle.

        Raises:
            OverBudget: a cap does not allow the call, or nobody can tell.
            ModelUnavailable, Refused, BadAnswer: what the model came to.
        """
        order = self.order(model.name, bill, prompt)
        key = key_of(bill, model.name, prompt)
        again = self._again(key, order)
        if again is not None:
            return again
        caps = self._caps(order)
        call = self._reserved(order, caps)
        try:
            answer = model.answer(prompt, timeout_s)
        except BadAnswer as error:
            error.usage = self._settled(call, order, caps, error.usage, error.reason)
            raise
        except MiddlewatchError as error:
            if error.reason in _FREE:
                self._settle(call, None, caps, error.reason)
            else:
                self._settled(call, order, caps, None, error.reason)
            raise
        answer = replace(answer, usage=self._settled(call, order, caps, answer.usage, ""))
        self._keep(key, answer, prompt)
        return answer

    def _again(self, key: str, order: Order) -> Answer | None:
        """Return a kept answer to the same question, on record as what it saved."""
        if self._till.kept is None:
            return None
        try:
            answer = self._till.kept.find(key, order.at)
            self._metrics.count("middlewatch_kept_answers_total", outcome="miss" if answer is None else "hit")
            if answer is None:
                return None
            used = answer.usage or Usage()
            self._till.spend.saved(order, Taken(used.input_tokens, used.output_tokens, used.cost_usd))
        except StoreUnavailable:
            return None
        return given_again(answer)

    def _keep(self, key: str, answer: Answer, prompt: Prompt) -> None:
        if self._till.kept is None:
            return
        try:
            self._till.kept.keep(key, answer, prompt, self._clock())
        except StoreUnavailable:
            log.warning("an answer was not kept", action="answer_not_kept")

    def order(self, model: str, bill: Bill, prompt: Prompt) -> Order:
        """Return the call that this bill would pay for, with its worst case."""
        now, worst = self._clock(), worst_case(prompt, self._till.max_output_tokens)
        usd = self._till.cost(model, worst, now)
        tokens = worst.input_tokens + worst.output_tokens
        return Order(now, bill.incident_id, bill.team, bill.service, model, prompt.version, usd, tokens)

    def _caps(self, order: Order) -> tuple[Purse, ...]:
        budget, day = self._till.budget, f"{order.at:%Y-%m-%d}"
        return (
            Purse(
                f"incident:{order.incident_id}", "incident", _usd(budget.usd_per_incident), budget.tokens_per_incident
            ),
            Purse(f"team:{day}:{order.team}", "team", _usd(budget.usd_per_team_day), None),
            Purse(f"day:{day}", "day", _usd(budget.usd_per_day), budget.tokens_per_day),
        )

    def _reserved(self, order: Order, caps: tuple[Purse, ...]) -> str:
        if order.usd is None and self._till.budget.unknown_price is UnknownPrice.REFUSE:
            raise OverBudget("The price of this model is not known.", reason="price-unknown", mend=_MEND_PRICE)
        try:
            return self._till.spend.reserve(order, caps)
        except Refusal as refusal:
            scope = refusal.purse.scope
            self._metrics.count("middlewatch_budget_refusals_total", scope=scope)
            self._marks(caps, full=refusal.purse.id if scope != "incident" else "")
            raise OverBudget(
                f"The budget of the {scope} does not allow the call.", reason=f"over-budget-{scope}"
            ) from None
        except StoreUnavailable as error:
            raise OverBudget("Nobody can tell what was spent.", reason="budget-unavailable") from error

    def _settled(
        self, call: str, order: Order, caps: tuple[Purse, ...], usage: Usage | None, reason: str
    ) -> Usage | None:
        cost = self._till.cost(order.model, usage, order.at)
        known = usage or Usage()
        self._settle(call, Taken(known.input_tokens, known.output_tokens, cost), caps, reason)
        self._measure(order, cost)
        self._marks(caps)
        return None if usage is None else replace(usage, cost_usd=cost)

    def _settle(self, call: str, taken: Taken | None, caps: tuple[Purse, ...], reason: str) -> None:
        try:
            self._till.spend.settle(call, taken, caps, reason)
        except StoreUnavailable:  # what was reserved stays taken: too much is booked, never too little
            log.warning("a call could not be settled", action="spend_unsettled", call=call)

    def _measure(self, order: Order, cost: Decimal | None) -> None:
        if cost is None:
            self._metrics.count("middlewatch_cost_unknown_total", model=order.model)
            return
        self._metrics.count("middlewatch_cost_usd_total", float(cost), model=order.model, prompt=order.prompt)
        for by, name in (("team", order.team), ("service", order.service)):
            known = (by, name) in self._names or len(self._names) < _MOST_NAMES
            if known:
                self._names.add((by, name))
            self._metrics.count("middlewatch_cost_by_usd_total", float(cost), by=by, group=name if known else "other")

    def _marks(self, caps: tuple[Purse, ...], full: str = "") -> None:
        shared = tuple(purse for purse in caps if purse.scope != "incident")
        try:
            marks = self._till.spend.marks(shared, self._clock(), full)
        except StoreUnavailable:
            return
        for mark in marks:
            scope = mark.purse.scope
            self._metrics.count("middlewatch_budget_marks_total", scope=scope, percent=str(mark.percent))
            log.warning("a budget is being used up", action="budget_mark", scope=scope, percent=mark.percent)
            self._tell(_told(mark.purse, mark.percent))


_MEND_PRICE = 'Add it to [budget] prices, or set unknown_price = "tokens".'


def _usd(setting: float | None) -> Decimal | None:
    return None if setting is None else Decimal(str(setting))


def _told(purse: Purse, percent: int) -> str:
    team = purse.id.split(":", 2)[2] if purse.scope == "team" else ""
    whose = f"of team {team or '(none)'} for today" if purse.scope == "team" else "for today"
    cap = f"{purse.usd} US dollars" if purse.usd is not None else "its cap"
    then = " Messages are quoted word for word until midnight UTC." if percent == 100 else ""
    return f"The language models' budget {whose} ({cap}) is {percent} % used.{then}"


@dataclass(frozen=True, slots=True)
class _Metered(Wrapped):
    """A model whose calls are paid for."""

    bill: Bill
    meter: Meter

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Answer, if the budget allows it."""
        return self.meter.asked(self.model, self.bill, prompt, timeout_s)
