"""A silence from the webhook to Slack: kept on record, told when it ends, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deliveries import THREE, at
from tests.gale import RULE, Gale, new_store
from tests.slack_server import SlackServer
from worker.silence import Silence
from worker.store.messages import Begun

QUIET = Silence("move", {"service": "batch"}, "the move", begins=THREE, ends=at(60))


@pytest.fixture
def gale(tmp_path: Path) -> Iterator[Gale]:
    store = new_store(tmp_path)
    with SlackServer() as slack:
        found = Gale(store, slack, silences=(QUIET,))
        found.pass_time(0)
        yield found
    store.close()


def go_on(gale: Gale, minutes: float) -> None:
    gale.work()
    gale.pass_time(minutes * 60)
    gale.work()


def test_what_is_silent_is_on_record_and_not_told(gale: Gale) -> None:
    name = gale.take("Slow", "batch")
    gale.take("Slow2", "web")
    go_on(gale, 10)
    assert [text.split("\n")[0] for text in gale.texts()] == ["WARNING · Slow2"]
    assert name in {each.id for each in gale.store.incidents.recent(9)}
    (message,) = gale.store.messages.of_incident(name)
    assert (message.state, message.silent_until) == (Begun.SILENT, at(60))
    assert gale.store.silenced.held([name]) == {name: "silent"}
    assert gale.store.silenced.held([name], ["C2"]) == {}
    assert gale.metrics.value("middlewatch_silenced_total", silence="move") == 1
    assert gale.metrics.value("middlewatch_silent_incidents") == 1
    assert gale.store.outbox.pending() == 0, "it is no work that waits, and pages nobody"
    assert name in {each.id for each in gale.store.incidents.told_to(["C1"], 9)}


def test_what_still_fires_at_its_end_is_told_then(gale: Gale) -> None:
    name = gale.take("Slow", "batch")
    go_on(gale, 59)
    assert gale.texts() == []
    go_on(gale, 2)
    assert [text.split("\n")[0] for text in gale.texts()] == ["WARNING · Slow"]
    assert gale.store.messages.of_incident(name)[0].state is Begun.POSTED
    go_on(gale, 60)
    assert len(gale.texts()) == 1
    assert gale.metrics.value("middlewatch_silent_incidents") == 0


def test_what_has_resolved_by_then_is_never_told(gale: Gale) -> None:
    gale.take("Slow", "batch")
    go_on(gale, 10)
    gale.take("Slow", "batch", fires=False)
    go_on(gale, 60)
    go_on(gale, 60)
    assert gale.texts() == []
    assert gale.store.outbox.pending() == 0


def test_what_resolves_just_after_its_end_and_before_it_was_told_is_not_told(gale: Gale) -> None:
    gale.take("Slow", "batch")
    go_on(gale, 10)
    gale.now = at(61)
    gale.take("Slow", "batch", fires=False)
    go_on(gale, 1)
    assert gale.texts() == []


def test_a_critical_alert_is_told_at_once(gale: Gale) -> None:
    gale.take("Slow", "batch")
    go_on(gale, 1)
    gale.take("Slow", "batch", "critical")
    gale.work()
    assert [text.split("\n")[0] for text in gale.texts()] == ["CRITICAL · Slow"]


def test_one_that_says_so_silences_critical_alerts_too(gale: Gale) -> None:
    gale.restart(Silence("drill", {"service": "batch"}, critical=True, begins=THREE, ends=at(60)))
    gale.take("Slow", "batch", "critical")
    go_on(gale, 10)
    assert gale.texts() == []


def test_a_silence_that_is_taken_out_of_the_settings_ends_at_the_restart(gale: Gale) -> None:
    gale.take("Slow", "batch")
    go_on(gale, 10)
    gale.restart()
    go_on(gale, 0.1)
    assert len(gale.texts()) == 1


def test_a_restart_with_the_same_settings_tells_nothing(gale: Gale) -> None:
    name = gale.take("Slow", "batch")
    go_on(gale, 10)
    gale.restart(QUIET)
    go_on(gale, 0.1)
    assert gale.texts() == []
    assert gale.store.messages.of_incident(name)[0].silent_until == at(60)
    go_on(gale, 60)
    assert len(gale.texts()) == 1


def test_a_message_that_was_there_before_goes_on_and_wakes_nobody(gale: Gale) -> None:
    gale.restart()
    gale.take("Slow", "batch")
    go_on(gale, 0.1)
    gale.restart(QUIET)
    gale.take("Slow", "batch", "error")
    go_on(gale, 1)
    assert [text.split("\n")[0] for text in gale.texts()] == ["ERROR · Slow"]
    assert gale.slack.replies("C1") == []


def test_what_many_incidents_say_when_a_silence_ends_is_a_storm(gale: Gale) -> None:
    for number in range(RULE.incidents + 10):
        gale.take(f"Slow{number}", "batch")
    go_on(gale, 61)
    gale.settle()
    assert len(gale.texts()) == RULE.incidents + 1
    assert "10 incidents" in gale.storm_texts()[0]


def test_work_that_is_dead_is_not_woken_for_ever(gale: Gale) -> None:
    name = gale.take("Slow", "batch")
    go_on(gale, 10)
    gale.now = at(61)
    assert gale.store.silenced.wake(gale.now) == (name,)
    claim = gale.store.outbox.claim(name, gale.now, timedelta(seconds=20))
    assert claim is not None
    gale.store.outbox.bury(claim, "defect", gale.now)
    assert gale.store.silenced.wake(at(90)) == ()
    assert [dead.incident_id for dead in gale.store.outbox.dead(9)] == [name]
