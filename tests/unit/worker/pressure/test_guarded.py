"""While a part is spared its answer is a quick no; what says that it is alive keeps it open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from domain.breaker import Breaker
from domain.document import Evidence
from domain.errors import IndexMissing, IndexUnavailable, MiddlewatchError, Refused, SlackUnavailable, Unavailable
from worker.decide import Decision
from worker.library import Library
from worker.pressure.breakers import Breakers, Limits
from worker.pressure.guarded import GuardedDirectory, GuardedIndex, GuardedPost, Spare
from worker.pressure.turns import Limit, Turns
from worker.route import Channel
from worker.runs import Run
from worker.slack.message import Message
from worker.telemetry import Metrics

TURNS = Turns(Limit(1, 4), Limit(1, 4))
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BLOCKS = Message("text", (), ())
BROKEN = SlackUnavailable("broken", ambiguous=True, reason="slack-broken")
WAITS = SlackUnavailable("wait", ambiguous=False, retry_after=7, reason="slack-rate-limited")


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scripted:
    """Any part: fails as it is told to, and counts how often it is asked."""

    error: MiddlewatchError | None = None
    asked: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            self.asked += 1
            if self.error:
                raise self.error
            return []

        return call


def reason_of(call: Callable[[], object]) -> str:
    try:
        call()
    except MiddlewatchError as error:
        return error.reason
    return ""


POSTS: dict[str, Callable[[GuardedPost], object]] = {
    "post": lambda post: post.post("C", BLOCKS, "m"),
    "edit": lambda post: post.edit("C", "1", BLOCKS),
    "reply": lambda post: post.reply("C", "1", "words", True),
    "find": lambda post: post.find("C", "m", NOW),
    "delete": lambda post: post.delete("C", "1"),
}


@pytest.mark.parametrize("name", POSTS)
def test_slack_is_not_asked_any_more_once_it_has_failed_in_a_row(name: str) -> None:
    slack, watch = Scripted(BROKEN), Watch()
    post = GuardedPost(slack, Spare(Breaker(3, 30, watch)), TURNS)
    reasons = [reason_of(lambda: POSTS[name](post)) for _ in range(10)]
    assert reasons == ["slack-broken"] * 3 + ["slack-breaker-open"] * 7
    assert slack.asked == 3
    watch.now, slack.error = 30.0, None
    assert reason_of(lambda: POSTS[name](post)) == ""


def test_what_is_spared_was_not_sent_and_says_how_long_to_wait() -> None:
    spare = Spare(Breaker(1, 30, Watch()))
    post = GuardedPost(Scripted(BROKEN), spare, TURNS)
    spare.gate()
    reason_of(lambda: post.edit("C", "1", BLOCKS))
    with pytest.raises(SlackUnavailable) as told:
        post.edit("C", "1", BLOCKS)
    assert (told.value.ambiguous, told.value.retry_after) == (False, 30.0)
    with pytest.raises(SlackUnavailable, match="spared"):
        spare.gate()


@pytest.mark.parametrize("answer", [WAITS, Refused("no", reason="slack-is-archived")])
def test_a_slack_that_asks_to_wait_or_says_no_is_alive(answer: MiddlewatchError) -> None:
    slack = Scripted(answer)
    post = GuardedPost(slack, Spare(Breaker(2, 30)), TURNS)
    assert {reason_of(lambda: post.post("C", BLOCKS, "m")) for _ in range(9)} == {answer.reason}
    assert slack.asked == 9


def test_the_source_of_groups_is_spared_too() -> None:
    slack = Scripted(BROKEN)
    directory = GuardedDirectory(slack, Spare(Breaker(2, 30, Watch())))
    calls: list[Callable[[], object]] = [lambda: directory.room("C"), directory.groups, lambda: directory.person("U")]
    assert [reason_of(call) for call in calls] == ["slack-broken", "slack-broken", "slack-breaker-open"]


def test_a_qdrant_that_is_spared_costs_no_time_and_building_asks_it_all_the_same() -> None:
    qdrant = Scripted(IndexUnavailable("no answer"))
    index = GuardedIndex(qdrant, Breaker(2, 30, Watch()))
    reads: list[Callable[[], object]] = [lambda: index.read("s", None, ()), lambda: index.propose("s", None, (), 5)]  # type: ignore[arg-type]
    assert [reason_of(read) for read in reads * 2] == ["index-unavailable"] * 2 + ["index-breaker-open"] * 2
    assert qdrant.asked == 2
    qdrant.error = None
    index.build("s", ())
    index.drop("s")
    assert index.snapshots() == []
    assert qdrant.asked == 5


def test_a_snapshot_that_is_not_there_is_an_answer() -> None:
    qdrant = Scripted(IndexMissing("not there"))
    index = GuardedIndex(qdrant, Breaker(1, 30))
    assert {reason_of(lambda: index.read("s", None, ())) for _ in range(4)} == {"index-missing"}  # type: ignore[arg-type]


def test_the_breakers_are_named_in_the_metrics_and_in_readyz_with_how_to_mend_them() -> None:
    metrics = Metrics()
    breakers = Breakers(metrics)
    qdrant, model = breakers.of("qdrant", Limits(1, 30)), breakers.of("model openai", Limits(1, 30))
    assert breakers.of("qdrant", Limits(9, 9)) is qdrant
    assert (breakers.check(), breakers.open()) == ("none of 2 is open", ())
    qdrant.failed()
    model.failed()
    with pytest.raises(Unavailable, match="model openai .*, qdrant ") as told:
        breakers.check()
    assert "qdrant_url" in told.value.mend
    assert "provider of the model" in told.value.mend
    assert metrics.value("middlewatch_breaker_open", part="qdrant") == 1
    qdrant.answered()
    assert metrics.value("middlewatch_breaker_open", part="qdrant") == 0
    assert [part for part, _ in breakers.open()] == ["model openai"]


class Searching:
    def __init__(self, index: GuardedIndex) -> None:
        self._index = index

    def evidence(self, alert: Alert, audience: Audience) -> Evidence:
        self._index.read("s", None, ())  # type: ignore[arg-type]
        return Evidence()


def test_a_message_goes_without_documents_at_once_while_qdrant_is_spared() -> None:
    qdrant = Scripted(IndexUnavailable("no answer"))
    search = Searching(GuardedIndex(qdrant, Breaker(1, 30, Watch())))
    library = Library(lambda: search, Metrics())
    alert = Alert("f", Status.FIRING, {}, {}, NOW)
    incident = Incident("i", "alertmanager", "g", Status.FIRING, NOW, None, 1, (alert,))
    for _ in range(3):
        run = Run("r", NOW, incident, Channel("C", "one", Audience.of(())), Decision.NEW)
        assert library.evidence(incident, Audience.of(()), run) == Evidence()
        assert run.notes == ["The documents could not be searched; this message is without them."]
    assert qdrant.asked == 1
