"""What becomes of one attempt: done, tried again, or given up; an outage buries nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from domain.alert import Incident
from domain.errors import MiddlewatchError, Refused, SlackUnavailable, StoreUnavailable
from worker.posting import IN_DOUBT
from worker.pressure.guarded import SPARED
from worker.pressure.turns import not_yet
from worker.store.outbox import Claim
from worker.work import Limits, Outcome, Work, handler

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)


@dataclass
class FakeOutbox:
    """One incident's work, at its nth attempt."""

    attempts: int = 1
    retried: list[tuple[float, int]] = field(default_factory=list)
    buried: list[str] = field(default_factory=list)

    def claim(self, incident_id: str, now: datetime, lease: timedelta) -> Claim | None:
        return Claim(incident_id, 1, self.attempts, 1, now + lease)

    def renew(self, claim: Claim, now: datetime, lease: timedelta) -> bool:
        return True

    def finish(self, claim: Claim, version: int, now: datetime) -> bool:
        return True

    def retry(self, claim: Claim, at: datetime, reason: str, attempts: int) -> bool:
        self.retried.append(((at - NOW).total_seconds(), attempts))
        return True

    def bury(self, claim: Claim, reason: str, now: datetime) -> bool:
        self.buried.append(reason)
        return True


def failing(error: BaseException) -> Callable[[str], int]:
    def handle(incident_id: str) -> int:
        raise error

    return handle


def work(outbox: FakeOutbox, error: BaseException) -> Work:
    return Work(outbox, failing(error), Limits(LEASE, 3), lambda: NOW)


@pytest.mark.parametrize(
    "error",
    [SlackUnavailable("down", ambiguous=False), StoreUnavailable("down"), SlackUnavailable("?", ambiguous=True)],
)
def test_an_outage_is_outlasted_however_many_attempts_it_costs(error: MiddlewatchError) -> None:
    outbox = FakeOutbox(attempts=3)
    assert work(outbox, error).attempt("i") is Outcome.RETRY
    assert outbox.buried == []
    assert [attempts for _, attempts in outbox.retried] == [2]


def test_a_final_no_is_given_up_after_the_last_attempt() -> None:
    outbox = FakeOutbox(attempts=2)
    assert work(outbox, Refused("no", reason="slack-is-archived")).attempt("i") is Outcome.RETRY
    outbox.attempts = 3
    assert work(outbox, Refused("no", reason="slack-is-archived")).attempt("i") is Outcome.DEAD
    assert outbox.buried == ["slack-is-archived"]


def test_work_that_kills_its_workers_is_given_up_before_it_is_begun_again() -> None:
    outbox = FakeOutbox(attempts=4)
    assert work(outbox, StoreUnavailable("down")).attempt("i") is Outcome.DEAD
    assert outbox.buried == ["too-many-attempts"]


def test_a_rate_limit_is_waited_for_as_long_as_it_asks_and_spread_out() -> None:
    outbox = FakeOutbox(attempts=3)
    for _ in range(50):
        work(outbox, SlackUnavailable("wait", ambiguous=False, retry_after=10.0)).attempt("i")
    waits = [seconds for seconds, _ in outbox.retried]
    assert 10.0 <= min(waits) < 20.0 < max(waits) <= 40.0


def test_what_is_in_doubt_is_not_looked_for_before_slack_shows_it() -> None:
    outbox = FakeOutbox()
    work(outbox, SlackUnavailable("?", ambiguous=True)).attempt("i")
    assert outbox.retried[0][0] >= 6.0


def test_what_comes_too_early_to_look_waits_for_just_what_is_left_and_has_cost_no_attempt() -> None:
    outbox = FakeOutbox(attempts=3)
    early = SlackUnavailable("early", ambiguous=False, retry_after=4.5, reason=IN_DOUBT)
    assert work(outbox, early).attempt("i") is Outcome.RETRY
    assert outbox.retried == [(4.5, 2)]


def test_a_defect_counts_and_is_raised() -> None:
    outbox = FakeOutbox(attempts=3)
    with pytest.raises(ZeroDivisionError):
        work(outbox, ZeroDivisionError()).attempt("i")
    assert outbox.buried == ["defect"]


def test_work_that_a_spared_slack_turned_away_waits_for_it_and_has_cost_no_attempt() -> None:
    outbox = FakeOutbox(attempts=5)
    spared = SlackUnavailable("spared", ambiguous=False, retry_after=20, reason=SPARED)
    assert Work(outbox, failing(spared), Limits(LEASE, 8), lambda: NOW).attempt("i") is Outcome.RETRY
    ((at, attempts),) = outbox.retried
    assert attempts == 4
    assert 20 <= at <= 25


def test_without_a_budget_for_second_tries_the_next_one_waits_longer() -> None:
    outbox, broken = FakeOutbox(attempts=1), SlackUnavailable("down", ambiguous=False)
    Work(outbox, failing(broken), Limits(LEASE, 8, may_hurry=lambda: False), lambda: NOW).attempt("i")
    Work(outbox, failing(broken), Limits(LEASE, 8, may_hurry=lambda: True), lambda: NOW).attempt("i")
    late, soon = (at for at, _ in outbox.retried)
    assert late >= 15 > soon


def test_nothing_is_begun_while_there_is_no_use_in_it() -> None:
    def gate() -> None:
        raise SlackUnavailable("spared", ambiguous=False, retry_after=20, reason=SPARED)

    begun: list[str] = []

    class Incidents:
        def get(self, incident_id: str) -> None:
            begun.append(incident_id)

    class Story:
        def handle(self, incident: Incident) -> None:
            raise AssertionError(incident)

    with pytest.raises(SlackUnavailable):
        handler(Incidents(), Story(), gate)("i")
    assert begun == []


def test_who_waits_for_a_turn_is_rung_for_at_that_moment_and_it_costs_no_attempt() -> None:
    outbox, rung = FakeOutbox(attempts=2), []
    story = failing(not_yet(2.5))
    waiting = Work(outbox, story, Limits(LEASE, 3), lambda: NOW, lambda name, seconds: rung.append((name, seconds)))
    assert waiting.attempt("i") is Outcome.RETRY
    assert outbox.retried == [(2.5, 1)]
    assert rung == [("i", 2.5)]
