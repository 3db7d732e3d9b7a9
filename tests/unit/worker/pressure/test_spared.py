"""The language model is spared under pressure, but not for what is critical."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.alert import Alert, Incident, Status
from domain.document import Evidence
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from summarizer.summarize import links
from worker.pressure.level import Level, Standing
from worker.pressure.spared import Spared
from worker.store.load import Load
from worker.telemetry import Metrics

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass
class Ladder:
    asked: int = 0

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        return links(evidence)

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        self.asked += 1
        return Attempt(Outcome.NOT_BETTER)


@pytest.mark.parametrize(
    ("severity", "level", "asked"),
    [
        ("warning", Level.CALM, 1),
        ("warning", Level.BUSY, 0),
        ("warning", Level.FULL, 0),
        ("critical", Level.FULL, 1),
    ],
)
def test_it_is_asked_where_there_is_time_or_need(severity: str, level: Level, asked: int) -> None:
    ladder, metrics = Ladder(), Metrics()
    alert = Alert("f", Status.FIRING, {"alertname": "a", "severity": severity}, {}, NOW)
    incident = Incident("i", "alertmanager", "g", Status.FIRING, NOW, None, 1, (alert,))
    spared = Spared(ladder, lambda: Standing(level, Load(), 5), metrics)
    first = spared.first(incident, Evidence())
    outcome = spared.improved(incident, Evidence(), first).outcome
    assert (ladder.asked, outcome is Outcome.OFF) == (asked, not asked)
    assert metrics.value("middlewatch_shed_total", sender="alertmanager", what="model") == 1 - asked
