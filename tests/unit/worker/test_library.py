"""A search that fails costs the documents, never the message; and a leak is told to whoever runs the program."""

from __future__ import annotations

from datetime import UTC, datetime

from structlog.testing import capture_logs

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from domain.document import Evidence
from domain.errors import IndexUnavailable, Leak, MiddlewatchError
from worker.decide import Decision
from worker.library import Library
from worker.route import Channel
from worker.runs import Run
from worker.telemetry import Metrics

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
INCIDENT = Incident("i1", "alertmanager", "g", Status.FIRING, AT, None, 1, (Alert("a", Status.FIRING, {}, {}, AT),))
PAYMENTS = Audience.of(["payments"])


class Failing:
    def __init__(self, error: MiddlewatchError) -> None:
        self._error = error

    def evidence(self, alert: Alert, audience: Audience) -> Evidence:
        raise self._error


def fails(error: MiddlewatchError) -> tuple[Run, Evidence, Metrics, list[str]]:
    run, metrics = Run("r1", AT, INCIDENT, Channel("C1", "one", PAYMENTS), Decision.NEW), Metrics()
    with capture_logs() as logs:
        evidence = Library(lambda: Failing(error), metrics).evidence(INCIDENT, PAYMENTS, run)
    return run, evidence, metrics, [entry["action"] for entry in logs]


def test_a_leak_costs_the_run_all_its_documents_and_is_counted_and_logged() -> None:
    run, evidence, metrics, actions = fails(Leak("outside"))
    assert evidence == Evidence()
    assert metrics.value("middlewatch_leaks_total") == 1
    assert actions == ["leak"]
    assert len(run.notes) == 1
    assert not run.passages
    assert not run.headings


def test_a_search_that_fails_is_no_leak() -> None:
    _, evidence, metrics, actions = fails(IndexUnavailable("down"))
    assert evidence == Evidence()
    assert metrics.value("middlewatch_leaks_total") == 0
    assert actions == ["search_failed"]
