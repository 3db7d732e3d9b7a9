"""The order of the story: every channel knows before any model is asked, and one failure stays one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from domain.document import Evidence
from domain.errors import Refused, SlackUnavailable
from domain.summary import Rung, Summary
from summarizer.summarize import Attempt, Outcome
from worker.decide import Decision, Shown
from worker.pipeline import Pipeline
from worker.pressure.turns import TURN
from worker.route import Channel
from worker.runs import Run, Runs
from worker.store.runs import RunRecord
from worker.telemetry import DECLARED, Metrics
from worker.telling import Telling

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
INCIDENT = Incident(
    "i1", "alertmanager", "g", Status.FIRING, AT, None, 1, (Alert("a", Status.FIRING, {"team": "x"}, {}, AT),)
)
CHANNELS = tuple(Channel(name, name, Audience.of([name]), {"team": "x"}, name) for name in ("one", "two"))
FIRST = Summary(Rung.EXTRACTIVE, (), ())
BETTER = Summary(Rung.MODEL, (), (), model="m")


@dataclass
class Stage:
    """Library, summarizer, desk and records in one: writes down what is asked of it, in order."""

    did: list[str] = field(default_factory=list)
    refuses: dict[str, Exception] = field(default_factory=dict)
    records: list[RunRecord] = field(default_factory=list)
    told: dict[str, Shown] = field(default_factory=dict)
    better: Summary | None = BETTER
    owed: dict[str, bool] = field(default_factory=dict)
    """Whether what was delivered last to a channel lacked the model's words."""

    def evidence(self, incident: Incident, audience: Audience, run: Run) -> Evidence:
        return Evidence(snapshot=run.channel.id)

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        return FIRST

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        self.did.append(f"model for {evidence.snapshot}")
        return Attempt(Outcome.IMPROVED if self.better else Outcome.NOT_BETTER, summary=self.better, model="m")

    def begun(self, incident: Incident, channel: Channel) -> bool:
        return channel.id in self.told

    def shown(self, incident: Incident, channel: Channel) -> Shown | None:
        return self.told.get(channel.id)

    def kept(self, incident: Incident, channel: Channel) -> Summary | None:
        return None

    def deliver(self, summary: Summary, run: Run) -> None:
        if run.channel.id in self.refuses:
            raise self.refuses[run.channel.id]
        self.did.append(f"{summary.rung} to {run.channel.id}")
        self.owed[run.channel.id] = run.owed
        run.delivered(summary, "1.0", AT, first=summary is FIRST)

    def settle(self, run: Run) -> None:
        self.did.append(f"nothing more to {run.channel.id}")

    def record(self, run: RunRecord) -> None:
        self.records.append(run)


def pipeline(stage: Stage, turns: dict[str, float] | None = None, model_s: float = 0.0, asks: bool = True) -> Pipeline:
    """Return one where channels have their turn after so many seconds, and the model after `model_s`."""

    def turn(incident: Incident, channel: Channel, decision: Decision) -> float:
        return model_s if decision is Decision.OWED else (turns or {}).get(channel.id, 0.0)

    ids = iter("abcdef")
    runs = Runs(stage, Metrics(Path(DECLARED)), {}, lambda: AT, lambda: next(ids))
    return Pipeline(stage, stage, stage, runs, Telling(stage, CHANNELS, turn=turn, asks=asks))


def test_every_channel_has_its_first_message_before_any_model_is_asked() -> None:
    stage = Stage()
    pipeline(stage).handle(INCIDENT)
    assert stage.did == [
        "extractive to one",
        "extractive to two",
        "model for one",
        "model to one",
        "model for two",
        "model to two",
    ]


def test_a_channel_that_fails_keeps_no_other_from_knowing_and_is_recorded_so() -> None:
    stage = Stage(refuses={"one": Refused("no", reason="slack-channel-not-found")})
    with pytest.raises(Refused):
        pipeline(stage).handle(INCIDENT)
    assert stage.did == ["extractive to two", "model for two", "model to two"]
    assert [(run.channel_id, run.error) for run in stage.records] == [("one", "slack-channel-not-found"), ("two", "")]


def test_a_failure_worth_another_try_is_the_one_that_is_raised() -> None:
    busy = SlackUnavailable("busy", ambiguous=False, retry_after=3)
    stage = Stage(refuses={"one": Refused("no"), "two": busy})
    with pytest.raises(SlackUnavailable):
        pipeline(stage).handle(INCIDENT)


def test_a_channel_whose_turn_comes_later_is_told_later_and_keeps_no_other_from_knowing() -> None:
    stage = Stage()
    with pytest.raises(SlackUnavailable) as raised:
        pipeline(stage, {"one": 2.5}).handle(INCIDENT)
    assert (raised.value.reason, raised.value.retry_after) == (TURN, 2.5)
    assert stage.did == ["extractive to two", "model for two", "model to two"]
    assert [run.channel_id for run in stage.records] == ["two"], "nothing was tried in the other"


def test_a_final_no_in_one_channel_does_not_end_the_wait_for_another() -> None:
    stage = Stage(refuses={"two": Refused("no")})
    with pytest.raises(SlackUnavailable):
        pipeline(stage, {"one": 2.5}).handle(INCIDENT)


def test_a_defect_is_raised_and_recorded() -> None:
    stage = Stage(refuses={"one": ZeroDivisionError()})
    with pytest.raises(ZeroDivisionError):
        pipeline(stage).handle(INCIDENT)
    assert {run.error for run in stage.records} == {"defect"}


def test_a_channel_that_was_told_is_told_on_also_where_the_incident_is_not_routed_there_any_more() -> None:
    stage = Stage(told={"two": Shown.of(INCIDENT)})
    elsewhere = Alert("a", Status.FIRING, {"team": "y"}, {}, AT)
    pipeline(stage).handle(replace(INCIDENT, version=2, alerts=(elsewhere,)))
    assert stage.did == ["extractive to two"]


def test_where_the_model_has_no_turn_every_channel_is_told_and_the_words_are_owed() -> None:
    stage = Stage()
    with pytest.raises(SlackUnavailable) as raised:
        pipeline(stage, model_s=7.0).handle(INCIDENT)
    assert (raised.value.reason, raised.value.retry_after) == (TURN, 7.0)
    assert stage.did == ["extractive to one", "extractive to two"]
    assert stage.owed == {"one": True, "two": True}
    assert [(run.error, run.model_outcome) for run in stage.records] == [("", "")] * 2, "nothing failed"


def test_what_is_owed_is_asked_for_and_nothing_else_is_shown_again() -> None:
    stage = Stage(told={"one": Shown.of(INCIDENT, owed=True), "two": Shown.of(INCIDENT)})
    pipeline(stage).handle(INCIDENT)
    assert stage.did == ["model for one", "model to one"]
    assert stage.owed == {"one": False}


def test_a_change_is_told_before_what_is_owed_which_comes_in_a_run_of_its_own() -> None:
    stage = Stage(told={name: Shown.of(INCIDENT, owed=True) for name in ("one", "two")})
    with pytest.raises(SlackUnavailable) as raised:
        pipeline(stage).handle(replace(INCIDENT, version=2))
    assert raised.value.reason == TURN
    assert stage.did == ["extractive to one", "extractive to two"]
    assert stage.owed == {"one": True, "two": True}


def test_what_is_over_is_owed_no_words() -> None:
    stage = Stage(told={name: Shown.of(INCIDENT, owed=True) for name in ("one", "two")})
    pipeline(stage).handle(replace(INCIDENT, version=2, status=Status.RESOLVED))
    assert stage.did == ["extractive to one", "extractive to two"]
    assert stage.owed == {"one": False, "two": False}


def test_a_model_with_nothing_better_to_say_is_not_asked_again() -> None:
    stage = Stage(better=None, told={"two": Shown.of(INCIDENT)})
    pipeline(stage).handle(INCIDENT)
    assert stage.did == ["extractive to one", "model for one", "nothing more to one"]


def test_words_that_slack_did_not_take_stay_owed() -> None:
    stage = Stage(told={"one": Shown.of(INCIDENT, owed=True), "two": Shown.of(INCIDENT)})
    stage.refuses["one"] = SlackUnavailable("busy", ambiguous=False, retry_after=3)
    with pytest.raises(SlackUnavailable, match="busy"):
        pipeline(stage).handle(INCIDENT)
    assert stage.did == ["model for one"]


def test_without_a_model_nothing_is_owed() -> None:
    stage = Stage(better=None)
    pipeline(stage, model_s=7.0, asks=False).handle(INCIDENT)
    assert stage.owed == {"one": False, "two": False}
    assert "nothing more to one" not in stage.did
