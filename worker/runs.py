"""The run: one record of how a channel's message came to be what it is, from the first day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from domain.alert import Incident
from domain.document import Evidence
from domain.errors import MiddlewatchError
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from worker.decide import Decision
from worker.outbound import Hosts, put_down_to
from worker.recording import Edition
from worker.route import Channel
from worker.store.runs import RunRecord
from worker.telemetry import Metrics

log = structlog.get_logger()


_SAID = {
    Outcome.OVER_BUDGET: "The language model's budget is used up: this is quoted word for word.",
    Outcome.UNAVAILABLE: "The language model did not answer: this is quoted word for word.",
    Outcome.REFUSED: "The language model refused to answer: this is quoted word for word.",
}
"""What the message says of a rung that was meant to carry and did not."""


class Records(Protocol):
    """Where runs are kept."""

    def record(self, run: RunRecord) -> None:
        """Keep one run."""


class Run:
    """What happens in one run, as it happens."""

    owed = False
    """Whether the message that is delivered next lacks the language model's words still."""
    wait_s = 0.0
    """The seconds until the model may be asked, 0 where that is now."""

    def __init__(
        self, run_id: str, started: datetime, incident: Incident, channel: Channel, decision: Decision
    ) -> None:
        """Begin with nothing but what the run is about."""
        self.id = run_id
        self.started = started
        self.incident = incident
        self.channel = channel
        self.decision = decision
        self.notes: list[str] = [channel.note] if channel.note else []
        """Lines that the message shows, for example that the documents could not be searched."""
        self.steps_ms: dict[str, float] = {}
        self.snapshot = self.ts = ""
        self.passages: list[str] = []
        self.headings: Mapping[str, tuple[str, ...]] = {}
        self.evidence = Evidence()
        self.first: Summary | None = None
        """The summary that needed no language model; `summary` is the one that the channel shows."""
        self.summary: Summary | None = None
        self.hosts: Hosts = {}  # that were called for it, by what for
        self.failure: MiddlewatchError | None = None
        self.attempt: Attempt | None = None
        self.delivered_at: datetime | None = None
        self.first_message = False
        self.showing: Edition | None = None  # what is being delivered
        self.editions: list[Edition] = []  # what was, in its order

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one step, in milliseconds, also when it fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.steps_ms[name] = round((time.perf_counter() - began) * 1000, 3)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Work on this run: logs name it, and a failure is noted in it instead of being raised."""
        with structlog.contextvars.bound_contextvars(incident=self.incident.id, run=self.id, channel=self.channel.id):
            try:
                with put_down_to(self.hosts):
                    yield
            except MiddlewatchError as failure:
                self.failure = failure

    def asked(self, attempt: Attempt) -> Summary | None:
        """Note what came of asking the model, and return what the message is to be edited to, None to leave it.

        Where the ladder went down a rung the message says so.
        """
        self.attempt = attempt
        if attempt.summary is None and attempt.outcome in _SAID:
            self.notes.append(_SAID[attempt.outcome])
            return self.first
        return attempt.summary

    def delivered(self, summary: Summary, ts: str, at: datetime, first: bool) -> None:
        """Note what the channel now shows."""
        self.summary, self.ts, self.delivered_at = summary, ts, self.delivered_at or at
        self.first_message = self.first_message or first
        if self.showing is not None:
            self.editions.append(replace(self.showing, ts=ts))


class Runs:
    """Begins runs, and records each when it is over, whatever it came to."""

    def __init__(
        self,
        records: Records,
        metrics: Metrics,
        versions: Mapping[str, str],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """`versions` names what shaped the run beside its inputs: product, rules, chunker, embedding."""
        self._records = records
        self._metrics = metrics
        self._versions = dict(versions)
        self._clock = clock
        self._new_id = new_id
        self.told: list[Callable[[Run, RunRecord], None]] = []
        """Told of each run that is over and on record."""
        self.placed: Callable[[Channel, Incident], Channel] = lambda channel, incident: channel
        """Returns a channel as an incident is told in it."""

    def begin(self, incident: Incident, channel: Channel, decision: Decision) -> Run:
        """Return a new run of an incident in a channel."""
        return Run(self._new_id(), self._clock(), incident, self.placed(channel, incident), decision)

    @contextmanager
    def recorded(self, runs: Sequence[Run]) -> Iterator[None]:
        """Record these runs when the body is over, whatever they came to."""
        defect = True
        try:
            yield
            defect = False
        finally:
            for run in runs:
                self._close(run, "defect" if defect else "")

    def _close(self, run: Run, error: str) -> None:
        error = run.failure.reason if run.failure else error
        record = _record(run, self._clock(), error, self._versions)
        if not run.incident.synthetic:  # the canary has figures of its own
            self._records.record(record)
            self._measure(run, record)
            for tell in self.told:
                tell(run, record)
        with structlog.contextvars.bound_contextvars(incident=run.incident.id, run=run.id, channel=run.channel.id):
            log.info(
                "the run is over",
                action="run",
                decision=record.decision,
                rung=record.rung,
                model_outcome=record.model_outcome,
                error=error,
                steps_ms=record.steps_ms,
            )

    def _measure(self, run: Run, record: RunRecord) -> None:
        self._metrics.count("middlewatch_runs_total", decision=record.decision, rung=record.rung or "none")
        for step, milliseconds in run.steps_ms.items():
            self._metrics.observe("middlewatch_step_seconds", milliseconds / 1000, step=step)
        if record.model_outcome:
            self._metrics.count("middlewatch_model_outcomes_total", outcome=record.model_outcome)
        for direction, tokens in (("input", record.input_tokens), ("output", record.output_tokens)):
            if tokens:
                self._metrics.count("middlewatch_tokens_total", tokens, direction=direction)
        if run.first_message and run.delivered_at:
            waited = (run.delivered_at - run.incident.opened_at).total_seconds()
            self._metrics.observe("middlewatch_first_message_seconds", max(0.0, waited))


def _record(run: Run, ended: datetime, error: str, versions: Mapping[str, str]) -> RunRecord:
    summary, attempt = run.summary, run.attempt
    usage = attempt.usage if attempt else None
    dropped = attempt.dropped if attempt else ()
    return RunRecord(
        id=run.id,
        incident_id=run.incident.id,
        channel_id=run.channel.id,
        incident_version=run.incident.version,
        audience=run.channel.audience.groups,
        decision=run.decision.value,
        started_at=run.started,
        ended_at=ended,
        versions={
            **versions,
            "snapshot": run.snapshot,
            "prompt": attempt.asked.version if attempt and attempt.asked else "",
        },
        steps_ms=run.steps_ms,
        rung=summary.rung.value if summary else "",
        model=attempt.model if attempt else "",
        model_outcome=attempt.outcome.value if attempt else "",
        input_tokens=usage.input_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        cost_usd=usage.cost_usd if usage else None,
        kept=len(summary.claims) if summary else 0,
        dropped=dict(Counter(item.reason for item in dropped)),
        first_message_at=run.delivered_at if run.first_message else None,
        resolved_at=run.incident.resolved_at,
        message_ts=run.ts,
        error=error,
        details={"passages": run.passages, "notes": run.notes, "hosts": run.hosts},
    )
