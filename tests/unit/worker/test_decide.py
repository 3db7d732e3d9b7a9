"""What becomes of an incident in one channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.alert import Alert, Incident, Severity, Status
from worker.decide import Decision, Shown, decide

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


def test_unknown_severity_is_the_least() -> None:
    assert max(Severity, key=lambda severity: severity.rank) is Severity.UNKNOWN
