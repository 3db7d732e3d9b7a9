"""A thumb counts where the message stands, once, and nobody's id is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.access import Audience
from domain.errors import BadSettings
from worker.feedback import Feedback
from worker.redaction.redactor import Redactor
from worker.route import Channel
from worker.slack.private import Press
from worker.store.feedback import Vote
from worker.store.messages import Begun, Body, Edition, Message, Place
from worker.telemetry import Metrics

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PLACE = Place("C1", "i1")
PRESS = Press(PLACE, "UANNA", "C1", "1.1")


def message(run_id: str = "r1", ts: str = "1.1") -> Message:
    body = Body(1, "text", (), run_id=run_id)
    return Message(PLACE, Begun.POSTED, 1, AT, AT, ts, Edition(1, AT, body))


class Shelf:
    def __init__(self, shown: Message | None) -> None:
        self.shown = shown

    def last(self, place: Place) -> Message | None:
        return self.shown if place == PLACE else None


def channel(channel_id: str) -> Channel:
    if channel_id != "C1":
        raise BadSettings("The settings name no such channel.")
    return Channel("C1", "payments", Audience.of(["payments"]), post_to="C1")


def taking(shown: Message | None) -> tuple[Feedback, list[Vote], Metrics]:
    cast: list[Vote] = []
    metrics = Metrics()
    return Feedback(Shelf(shown), cast.append, channel, Redactor(b"k").alias, metrics), cast, metrics


@pytest.mark.parametrize("up", [True, False])
def test_a_vote_is_put_down_to_the_run_that_the_message_shows_and_to_no_name(up: bool) -> None:
    feedback, cast, metrics = taking(message())
    assert feedback.take(PRESS, up, AT)
    (vote,) = cast
    assert (vote.run_id, vote.incident_id, vote.channel_id, vote.up) == ("r1", "i1", "C1", up)
    assert "UANNA" not in repr(vote)
    assert vote.voter == Redactor(b"k").alias("UANNA") != Redactor(b"other").alias("UANNA")
    assert metrics.value("middlewatch_votes_total", vote="up" if up else "down") == 1


@pytest.mark.parametrize(
    ("shown", "changed"),
    [
        (None, {}),
        (message(ts="2.2"), {}),
        (message(run_id=""), {}),
        (message(), {"seen_in": "CELSEWHERE"}),
        (message(), {"place": Place("CGONE", "i1")}),
    ],
)
def test_a_vote_on_what_does_not_stand_there_is_none(shown: Message | None, changed: dict[str, Any]) -> None:
    feedback, cast, metrics = taking(shown)
    press = Press(**({"place": PLACE, "user": "UANNA", "seen_in": "C1", "ts": "1.1"} | changed))
    assert not feedback.take(press, True, AT)
    assert cast == []
    assert metrics.value("middlewatch_votes_total", vote="ignored") == 1
