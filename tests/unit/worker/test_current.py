"""No model is asked about an incident that has resolved since its work was queued or begun."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from domain.alert import Alert, Incident, Status
from domain.document import Evidence
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from summarizer.summarize import links
from worker.current import Current

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ALERT = Alert("f", Status.FIRING, {"alertname": "a"}, {}, NOW)
QUEUED = Incident("i", "alertmanager", "g", Status.FIRING, NOW, None, 1, (ALERT,))


@dataclass
class Ladder:
    asked: int = 0

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        return links(evidence)

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        self.asked += 1
        return Attempt(Outcome.NOT_BETTER)


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        (QUEUED, 1),
        (replace(QUEUED, version=2), 1),  # the run after this one asks no model
        (replace(QUEUED, version=2, status=Status.RESOLVED, resolved_at=NOW), 0),
        (None, 0),  # purged
    ],
)
def test_the_model_is_asked_only_about_what_still_fires(now: Incident | None, asked: int) -> None:
    ladder = Ladder()
    current = Current(ladder, lambda _: now)
    attempt = current.improved(QUEUED, Evidence(), current.first(QUEUED, Evidence()))
    assert (ladder.asked, attempt.outcome is Outcome.OFF, attempt.summary) == (asked, not asked, None)
