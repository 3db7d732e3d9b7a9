"""P1 and P2 in a storm: every incident is told once, by itself or in its channel's one storm message."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gale import RULE, Death, Gale, blow, new_store
from tests.scale import scaled
from tests.slack_server import SlackServer
from worker.store.messages import Begun
from worker.storm.record import split

STEPS = tuple(
    f"{call}:{when}"
    for call in (
        "storms.look", "storms.join", "storms.get", "storms.rest", "outbox.claim", "outbox.finish",
        "messages.begin", "messages.posted", "messages.edited", "slack.post", "slack.edit",
    )
    for when in ("before", "after")
)  # fmt: skip


@pytest.fixture
def gale(tmp_path: Path) -> Iterator[Gale]:
    store = new_store(tmp_path)
    with SlackServer() as slack:
        yield Gale(store, slack)
    store.close()


def everything_is_told_once(gale: Gale, began: dict[str, list[str]]) -> None:
    """See that each incident has its own message or is counted in the one storm message, never both."""
    (storm,) = gale.store.storms.recent(9)
    members = {each.incident_id for each in storm.members}
    own = {
        name
        for name in (*began["critical"], *began["other"])
        for message in gale.store.messages.of_incident(name)
        if message.state is Begun.POSTED
    }
    assert own | members == {*began["critical"], *began["other"]}
    assert not own & members
    assert set(began["critical"]) <= own
    assert len(own - set(began["critical"])) <= RULE.incidents
    texts = gale.texts()
    assert len(texts) == len(own) + 1
    (text,) = gale.storm_texts()
    assert re.search(rf"\b{len(members)} incidents\b", text), text


def test_three_hundred_alerts_of_forty_services_in_a_minute_are_a_few_messages(gale: Gale) -> None:
    began = blow(gale, 300, 40, critical_every=30)
    assert len(gale.storm_texts()) == 1
    gale.settle()
    everything_is_told_once(gale, began)
    assert len(gale.texts()) <= RULE.incidents + len(began["critical"]) + 1
    edits = len(gale.slack.called("chat.update"))
    assert edits <= 12, "a storm's message is edited at most every ten seconds"
    sys.stdout.write(f"P2 storm: n=300 incidents became {len(gale.texts())} messages and {edits} edits\n")
    for name in began["critical"]:
        assert gale.store.messages.of_incident(name)[0].storm_id == ""


def test_a_storm_says_that_it_is_over_with_its_final_counts(gale: Gale) -> None:
    began = blow(gale, 60, 12, critical_every=30)
    gale.settle()
    (text,) = gale.storm_texts()
    assert text.startswith("STORM OVER · ")
    for number in range(60):
        severity = "critical" if number % 30 == 29 else "warning"
        gale.take(f"Alert{number:04}", f"service-{number % 12:02}", severity, fires=False)
    gale.settle()
    (text,) = gale.storm_texts()
    (storm,) = gale.store.storms.recent(9)
    assert text.startswith("STORM RESOLVED · ")
    assert f"{len(storm.members)} incidents · {len(storm.members)} resolved" in text
    everything_is_told_once(gale, began)


def test_what_turns_critical_in_a_storm_gets_its_own_message_at_once(gale: Gale) -> None:
    began = blow(gale, 60, 12, critical_every=30)
    gale.settle()
    name = gale.take("Alert0050", "service-02", "critical")
    gale.work()
    assert gale.texts()[-1].startswith("CRITICAL · Alert0050")
    gale.settle()
    began["critical"].append(name)
    began["other"].remove(name)
    everything_is_told_once(gale, began)


def test_a_member_that_is_split_out_gets_a_message_and_leaves_the_count(gale: Gale) -> None:
    began = blow(gale, 60, 12, critical_every=30)
    gale.settle()
    (storm,) = gale.store.storms.recent(9)
    chosen = storm.members[7]
    assert split(gale.store, chosen.incident_id, "", (gale.now, "someone", "it is ours"))
    gale.settle()
    assert [chosen.name in text for text in gale.texts() if not text.startswith("STORM")].count(True) == 1
    (storm,) = gale.store.storms.recent(9)
    assert [each.incident_id for each in storm.apart] == [chosen.incident_id]
    assert len(storm.members) + len(gale.texts()) - 1 == len([*began["critical"], *began["other"]])
    assert f"{len(storm.members)} incidents" in gale.storm_texts()[0]


@pytest.mark.parametrize("nth", range(1, scaled(2, 8)))
@pytest.mark.parametrize("step", STEPS[:: scaled(3, 1)])
def test_a_worker_that_dies_at_any_step_leaves_one_storm_message(gale: Gale, step: str, nth: int) -> None:
    gale.death = Death(step, nth if step.startswith(("storms", "slack.edit", "messages.edited")) else 20 + nth)
    began = blow(gale, scaled(30, 300), 12, critical_every=25)
    gale.settle()
    assert gale.death.came
    everything_is_told_once(gale, began)


def test_a_storm_message_whose_post_is_in_doubt_is_found_again(gale: Gale) -> None:
    gale.death = Death("slack.post:after", RULE.incidents + 1)
    began = blow(gale, 45, 12, critical_every=1000)
    gale.settle()
    assert gale.death.came
    assert gale.slack.called("conversations.history")
    everything_is_told_once(gale, began)


def test_few_incidents_are_told_one_by_one(gale: Gale) -> None:
    blow(gale, RULE.incidents, 5, critical_every=1000)
    gale.settle()
    assert len(gale.texts()) == RULE.incidents
    assert gale.store.storms.recent(9) == ()
