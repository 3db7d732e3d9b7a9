"""One record for each summary: from what, by which versions, how fast, at what cost, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, desc, select

from worker.store.engine import Database
from worker.store.money_tables import feedback
from worker.store.tables import runs


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of the pipeline for one (incident, channel).

    `versions` names what shaped it: product, prompt, snapshot, chunker, rules. `steps_ms` is the latency of
    each step in milliseconds. `cost_usd` is None where the price is unknown. `dropped` counts the claims not
    shown, by reason. `error` is the reason it failed, or "". `details` holds further JSON values.
    """

    id: str
    incident_id: str
    channel_id: str
    incident_version: int
    audience: frozenset[str]
    decision: str
    started_at: datetime
    ended_at: datetime | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    steps_ms: Mapping[str, float] = field(default_factory=dict)
    rung: str = ""
    model: str = ""
    model_outcome: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None
    kept: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    first_message_at: datetime | None = None
    resolved_at: datetime | None = None
    message_ts: str = ""
    error: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


_PLAIN = (
    "id", "incident_id", "channel_id", "incident_version", "decision", "started_at", "ended_at", "rung", "model",
    "model_outcome", "input_tokens", "output_tokens", "kept", "first_message_at", "resolved_at", "message_ts", "error",
)  # fmt: skip
_MAPPINGS = ("versions", "steps_ms", "dropped", "details")


class RunRecords:
    """The run records."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def record(self, run: RunRecord) -> None:
        """Write a run; written again, it takes the place of what was written before."""
        row = _row(run)
        upsert = self._database.insert(runs).values(row)
        upsert = upsert.on_conflict_do_update(index_elements=[runs.c.id], set_=row)
        with self._database.write() as connection:
            connection.execute(upsert)

    def get(self, run_id: str) -> RunRecord | None:
        """Return a run, or None; its `details` tell of readers' votes where there are any."""
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
            votes = connection.execute(select(feedback.c.up).where(feedback.c.run_id == run_id)).scalars().all()
        if row is None:
            return None
        run = _run(row)
        told = {"votes": {"up": sum(votes), "down": len(votes) - sum(votes)}} if votes else {}
        return replace(run, details={**run.details, **told})

    def recent(self, limit: int, incident_id: str = "") -> tuple[RunRecord, ...]:
        """Return runs, the newest first; of all incidents, or of one."""
        query = select(runs).order_by(desc(runs.c.started_at), desc(runs.c.id)).limit(limit)
        if incident_id:
            query = query.where(runs.c.incident_id == incident_id)
        with self._database.read() as connection:
            return tuple(_run(row) for row in connection.execute(query).mappings())


def _row(run: RunRecord) -> dict[str, Any]:
    row = {name: getattr(run, name) for name in _PLAIN}
    row.update({name: dict(getattr(run, name)) for name in _MAPPINGS})
    return row | {"audience": sorted(run.audience), "cost_nanousd": run.cost_usd}


def _run(row: RowMapping) -> RunRecord:
    known = {name: row[name] for name in _PLAIN + _MAPPINGS}
    return RunRecord(audience=frozenset(row["audience"]), cost_usd=row["cost_nanousd"], **known)
