"""Which turn a message waits for: its channel's for a first message, the workspace's for an edit, none in a hurry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from worker.decide import Decision
from worker.pressure.seats import LOOK_AGAIN_S
from worker.route import Channel
from worker.sections.slack import SlackSettings
from worker.settings import Settings
from worker.wiring import Parts

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
ONE = Channel("C1", "one", Audience.of(["all"]), {}, "C1")


@pytest.fixture
def parts() -> Iterator[Parts]:
    with ExitStack() as stack:
        yield Parts(
            Settings(slack=SlackSettings(bot_token="xoxb-test", posts_per_minute=60, edits_per_minute=60)), stack
        )


def incident(name: str, severity: str = "warning") -> Incident:
    alert = Alert("a", Status.FIRING, {"severity": severity}, {}, AT)
    return Incident(name, "alertmanager", "g", Status.FIRING, AT, None, 1, (alert,))


def used_up(parts: Parts, decision: Decision) -> bool:
    return any(parts.turn(incident(f"i{n}"), ONE, decision) > 0 for n in range(50))


def test_first_messages_wait_for_their_channel_and_edits_for_the_workspace(parts: Parts) -> None:
    assert used_up(parts, Decision.NEW)
    assert parts.turn(incident("other"), ONE, Decision.CHANGED) == 0
    assert used_up(parts, Decision.CHANGED)


def test_a_critical_incident_waits_for_no_turn(parts: Parts) -> None:
    assert used_up(parts, Decision.NEW)
    assert parts.turn(incident("critical", "critical"), ONE, Decision.NEW) == 0
    assert parts.turn(incident("warning"), ONE, Decision.NEW) > 0


def test_what_a_channel_may_not_read_any_more_is_taken_away_at_once(parts: Parts) -> None:
    assert used_up(parts, Decision.CHANGED)
    assert parts.turn(incident("narrowed"), ONE, Decision.READERS) == 0
    assert parts.turn(incident("changed"), ONE, Decision.CHANGED) > 0


def test_the_model_is_asked_where_an_answer_could_be_shown(parts: Parts) -> None:
    assert used_up(parts, Decision.OWED)
    assert parts.turn(incident("critical", "critical"), ONE, Decision.OWED) == 0
    assert parts.turn(incident("changed"), ONE, Decision.CHANGED) == 0, "what happens is told meanwhile"


def test_who_finds_no_seat_with_the_model_comes_back(parts: Parts) -> None:
    with ExitStack() as seats:
        for _ in range(parts.settings.llm.at_once):
            seats.enter_context(parts.seats.taken())
        assert parts.turn(incident("i1"), ONE, Decision.OWED) == LOOK_AGAIN_S
        assert parts.turn(incident("i1", "critical"), ONE, Decision.OWED) == 0
        assert parts.turn(incident("i1"), ONE, Decision.NEW) == 0
    assert parts.turn(incident("i1"), ONE, Decision.OWED) == 0


def test_the_preview_has_no_limits() -> None:
    with ExitStack() as stack:
        assert not used_up(Parts(Settings(), stack), Decision.NEW)
