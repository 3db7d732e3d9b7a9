"""Readers' votes: one for each run and person, counted by channel and told with the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worker.store.feedback import Vote
from worker.store.purge import Retention
from worker.store.runs import RunRecord
from worker.store.store import Store

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
VOTE = Vote("r1", "aa11", "i1", "C1", AT, up=True)
RUN = RunRecord(
    "r1",
    "i1",
    "C1",
    1,
    frozenset({"everyone"}),
    "new",
    AT,
    rung="model",
    model="openai:x",
    versions={"prompt": "summary.v2"},
)
ALL = (AT - timedelta(days=1), AT + timedelta(days=1))


def test_a_later_vote_of_the_same_person_takes_the_place_of_the_first(store: Store) -> None:
    store.feedback.cast(VOTE)
    store.feedback.cast(replace(VOTE, up=False, at=AT + timedelta(minutes=1)))
    store.feedback.cast(replace(VOTE, voter="bb22"))
    assert store.feedback.votes("C1", AT) == (1, 1)
    assert store.feedback.votes("C1", AT + timedelta(seconds=1)) == (0, 1)
    assert store.feedback.votes("C2", AT) == (0, 0)


def test_the_run_tells_of_its_votes_and_the_report_of_what_made_it(store: Store) -> None:
    store.runs.record(RUN)
    assert "votes" not in (store.runs.get("r1") or RUN).details
    store.feedback.cast(VOTE)
    store.feedback.cast(replace(VOTE, voter="bb22", up=False))
    assert (store.runs.get("r1") or RUN).details["votes"] == {"up": 1, "down": 1}
    (judged,) = store.feedback.judged(*ALL)
    assert (judged.up, judged.down, judged.rung, judged.model, judged.prompt) == (
        1,
        1,
        "model",
        "openai:x",
        "summary.v2",
    )
    total = store.spend_reports.report("model", *ALL).total.as_json()
    assert (total["thumbs_up"], total["thumbs_down"]) == (1, 1)


def test_a_vote_outlives_neither_its_run_nor_the_time_of_the_audit(store: Store) -> None:
    store.feedback.cast(VOTE)
    assert store.purge(AT + timedelta(days=2), Retention.same(timedelta(days=1)))["feedback"] == 1
    assert store.feedback.judged(*ALL) == ()
