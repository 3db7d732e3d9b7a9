"""What a storm's message says, and that it is short and inert whatever its alerts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alert import Severity, Status
from tests.block_kit import faults
from tests.deliveries import at
from worker.slack.message import LONGEST_MESSAGE, MOST_LINES
from worker.slack.storm import compose_storm
from worker.store.storm import Member, Storm

SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.INFO)


def member(number: int, **more: object) -> Member:
    made = Member(
        f"i{number:04}",
        1,
        at(12) + timedelta(seconds=number),
        Status.FIRING,
        SEVERITIES[number % 4],
        ("HighLatency", "PodCrashLooping", "DiskFull")[number % 3],
        (f"service-{number % 40:02}",),
        1,
        f"https://alerts.example.com/{number}",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def storm(*members: Member, **more: object) -> Storm:
    return replace(Storm("storm-1", "C1", at(12), None, 3, members, alone=20), **more)  # type: ignore[arg-type]


MANY = storm(*(member(number) for number in range(312)))


def test_it_says_how_many_of_what_since_when_and_who_leads() -> None:
    lines = compose_storm(MANY).text.split("\n")
    assert lines[0] == "STORM · 312 alerts from 40 services"
    assert lines[1] == "312 incidents · 312 firing · since 2026-03-01 03:12 UTC"
    assert "Severity: error 78, warning 156, info 78" in lines
    assert any(line.startswith("Services: service-00 8, ") and line.endswith(", and 32 more") for line in lines)
    assert "Led by: DiskFull 104, HighLatency 104, PodCrashLooping 104" in lines


def test_it_names_the_first_and_the_worst_and_how_to_see_and_split_each() -> None:
    text = compose_storm(MANY).text
    assert "- HighLatency · 03:12 · service-00 · error · `i0000`" in text
    assert text.index("First") < text.index("`i0003`") < text.index("Worst that still fire") < text.index("`i0004`")
    assert "middlewatch storm show storm-1" in text
    assert "middlewatch storm split INCIDENT" in text


def test_it_says_that_others_have_messages_of_their_own() -> None:
    assert "20 more incidents of this time have messages of their own." in compose_storm(MANY).text
    assert "1 more incident of this time has a message of its own." in compose_storm(replace(MANY, alone=1)).text
    assert "of this time" not in compose_storm(replace(MANY, alone=0)).text


def test_its_end_and_its_last_resolve_are_said_with_the_final_counts() -> None:
    half = [member(n, status=Status.RESOLVED if n < 5 else Status.FIRING) for n in range(10)]
    over = compose_storm(storm(*half, ended_at=at(30))).text
    assert over.startswith("STORM OVER · 10 alerts from 10 services\n10 incidents · 5 firing, 5 resolved · ")
    assert "until 2026-03-01 03:30 UTC" in over
    all_ended = [replace(each, status=Status.RESOLVED) for each in half]
    assert compose_storm(storm(*all_ended, ended_at=at(30))).text.startswith("STORM RESOLVED · ")
    assert compose_storm(storm(*all_ended)).text.startswith("STORM · "), "more may come"


def test_an_empty_storm_and_alerts_without_names_or_services_are_no_fault() -> None:
    assert compose_storm(storm()).text.startswith("STORM · 0 alerts\n0 incidents · since")
    bare = compose_storm(storm(member(1, name="", services=(), link=""))).text
    assert "STORM · 1 alert\n1 incident · 1 firing" in bare
    assert "an alert without a name" in bare


def test_in_shadow_mode_it_says_whom_it_was_made_for() -> None:
    assert "Shadow mode: made for payments, shown here only." in compose_storm(MANY, "payments").text


@pytest.mark.parametrize("words", ["<!channel> @here", "x" * 9_000, "\u202egnp.exe", "a\nb\nc", "&lt;" * 400, ""])
def test_hostile_alerts_make_it_neither_long_nor_loud(words: str) -> None:
    loud = [
        member(n, name=words, services=(words, f"{words}{n}"), link="javascript:alert(1)", incident_id=f"i{n}")
        for n in range(300)
    ]
    message = compose_storm(storm(*loud))
    assert len(message.text) <= LONGEST_MESSAGE
    assert message.text.count("\n") < MOST_LINES
    assert faults(list(message.blocks)) == ()
    assert "<!" not in message.text
    assert "\u202e" not in message.text
    assert "javascript:" not in str(message.blocks)


def test_links_lead_to_the_alert() -> None:
    blocks = str(compose_storm(MANY).blocks)
    assert "https://alerts.example.com/0" in blocks
    assert faults(list(compose_storm(MANY).blocks)) == ()
