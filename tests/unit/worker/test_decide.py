"""What becomes of an incident in one channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, Incident, Severity, Status
from worker.decide import Decision, Shown, Weather, decide

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)


def alert(
    fingerprint: str = "a", severity: str = "warning", service: str = "orders", status: Status = Status.FIRING
) -> Alert:
    return Alert(fingerprint, status, {"alertname": "Slow", "severity": severity, "service": service}, {}, AT)


def incident(*alerts: Alert, version: int = 1, reopened: int = 0, status: Status = Status.FIRING) -> Incident:
    return Incident("i1", "alertmanager", "g", status, AT, None, version, alerts or (alert(),), reopened)


SHOWN = Shown.of(incident())


@pytest.mark.parametrize(
    ("now", "shown", "word"),
    [
        (incident(), None, Decision.NEW),
        (incident(status=Status.RESOLVED, version=2), None, Decision.NEW),  # it was over before anybody was told
        (incident(), SHOWN, Decision.REPEAT),
        (incident(), replace(SHOWN, version=2), Decision.REPEAT),  # a late worker holds an old version
        (incident(alert(), alert("b"), version=2), SHOWN, Decision.CHANGED),
        (incident(alert(), alert("b", "critical"), version=2), SHOWN, Decision.WORSE),
        (incident(alert(), alert("b", service="cart"), version=2), SHOWN, Decision.WORSE),
        (incident(alert(severity="info"), version=2), SHOWN, Decision.CHANGED),  # better is no reason to wake anybody
        (incident(alert(status=Status.RESOLVED), version=2, status=Status.RESOLVED), SHOWN, Decision.RESOLVED),
        (incident(version=3, reopened=1), replace(SHOWN, version=2, status=Status.RESOLVED), Decision.REOPENED),
        (incident(version=9, reopened=4), replace(SHOWN, version=8, reopened=3), Decision.FLAPPING),
        (incident(alert(severity="critical"), version=9, reopened=4), replace(SHOWN, reopened=3), Decision.REOPENED),
    ],
)
def test_the_word_says_what_changed(now: Incident, shown: Shown | None, word: Decision) -> None:
    assert decide(now, shown) is word


@pytest.mark.parametrize(
    ("now", "shown", "word"),
    [
        (incident(), SHOWN, Decision.OWED),
        (incident(), replace(SHOWN, outdated=True), Decision.READERS),  # first what may not be read any more
        (incident(), replace(SHOWN, version=2), Decision.REPEAT),
        (incident(status=Status.RESOLVED), SHOWN, Decision.REPEAT),  # no model is asked for what is over
        (incident(alert(), alert("b"), version=2), SHOWN, Decision.CHANGED),  # first what happened
    ],
)
def test_what_the_model_is_yet_to_say_comes_after_everything_else(now: Incident, shown: Shown, word: Decision) -> None:
    assert decide(now, replace(shown, owed=True)) is word


def test_unknown_severity_is_the_least() -> None:
    assert max(Severity, key=lambda severity: severity.rank) is Severity.UNKNOWN


RAGING = Weather(storm=True)


@pytest.mark.parametrize(
    ("now", "weather", "word"),
    [
        (incident(), RAGING, Decision.STORM),
        (incident(status=Status.RESOLVED, version=2), RAGING, Decision.STORM),
        (incident(version=2), replace(RAGING, begun=True), Decision.NEW),  # its own message may be there
        (incident(version=2), replace(RAGING, apart=True), Decision.NEW),  # somebody gave it its own message
        (incident(), replace(RAGING, noted=1), Decision.REPEAT),
        (incident(version=2), Weather(noted=1), Decision.STORM),  # the storm is over, and still tells of its own
        (incident(alert(severity="critical"), version=2), replace(RAGING, noted=1), Decision.NEW),
        (incident(), Weather(silent=True), Decision.SILENT),
        (incident(version=2), Weather(silent=True, noted=1), Decision.STORM),  # it is told there already
        (incident(status=Status.RESOLVED, version=2), Weather(hushed=True), Decision.SILENT),
        (incident(version=2), Weather(hushed=True), Decision.NEW),
        (incident(version=2), Weather(hushed=True, storm=True), Decision.STORM),
    ],
)
def test_what_has_no_message_yet_is_told_as_things_stand_in_the_channel(
    now: Incident, weather: Weather, word: Decision
) -> None:
    assert decide(now, None, weather) is word


def test_a_silence_wakes_nobody_and_the_message_that_is_there_goes_on() -> None:
    worse = incident(alert(), alert("b", service="cart"), version=2)
    assert decide(worse, SHOWN) is Decision.WORSE
    assert decide(worse, SHOWN, Weather(silent=True)) is Decision.CHANGED


WEATHERS = st.builds(
    Weather,
    begun=st.booleans(),
    apart=st.booleans(),
    storm=st.booleans(),
    noted=st.integers(0, 3),
    hushed=st.booleans(),
)


@given(weather=WEATHERS, version=st.integers(1, 4), others=st.lists(st.sampled_from([s.value for s in Severity])))
def test_a_critical_incident_is_never_told_with_others(weather: Weather, version: int, others: list[str]) -> None:
    alerts = [alert(f"o{place}", severity) for place, severity in enumerate(others)]
    assert decide(incident(alert(severity="critical"), *alerts, version=version), None, weather) is Decision.NEW
