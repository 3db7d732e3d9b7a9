"""Between a built snapshot and the readers: the golden queries decide, and people may overrule them, on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from domain.snapshot import Judgement, Loss, Snapshot
from golden_queries import gate
from golden_queries.baseline import Baseline
from golden_queries.cases import Case
from golden_queries.figures import MEASURES
from golden_queries.recall import Report, measure
from golden_queries.recall import Search as GoldenSearch
from worker.index.culprits import Sides, losses
from worker.store.audit import Act, Audit
from worker.store.catalogue import Catalogue

log = structlog.get_logger()


QUARANTINE = "quarantine"
"""The act of setting a golden case aside, as it stands on record."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What snapshots are judged by: the golden queries, the accepted figures and how far one may fall."""

    cases: Callable[[], Sequence[Case]]
    baseline: Path
    policy: gate.Policy
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Records:
    """What is on record of snapshots, and what people did."""

    catalogue: Catalogue
    audit: Audit


class GoldenGate:
    """Judges a snapshot by the golden queries."""

    def __init__(self, rules: Rules, search: Callable[[str], GoldenSearch], records: Records) -> None:
        """`search` gives a search of the snapshot that is named."""
        self._rules = rules
        self._search = search
        self._records = records

    @property
    def policy(self) -> str:
        """A hash over the golden queries, the baseline and the limits.

        Raises:
            BadCase: a golden query cannot be read.
            BadBaseline: the baseline cannot be read.
        """
        return self._policy(tuple(self._rules.cases()))

    def _policy(self, cases: tuple[Case, ...]) -> str:
        told = (cases, Baseline.read(self._rules.baseline), self._rules.policy)
        return hashlib.sha256(repr(_sorted(told)).encode()).hexdigest()

    def judge(self, snapshot: Snapshot, live: Snapshot | None) -> Judgement:
        """Run the golden queries on a snapshot; where it may not go live, find what cost each query.

        Raises:
            BadCase: a golden query cannot be read.
            BadBaseline: the baseline cannot be read.
        """
        rules, cases = self._rules, tuple(self._rules.cases())
        report = gate.run(cases, self._search(snapshot.id), snapshot.id)
        baseline = Baseline.read(rules.baseline) if live else None
        verdict = gate.check(report, baseline, rules.policy, rules.now().date())
        self._note_set_aside(cases)
        guarded = verdict.word is not gate.GateWord.UNGUARDED
        if not verdict.holds:
            log.error("a snapshot is refused", action="index_refused", snapshot=snapshot.id, word=verdict.word.value)
        return Judgement(
            passed=verdict.holds,
            guarded=guarded,
            faults=tuple(failure.text for failure in verdict.failures),
            losses=() if verdict.holds else self._losses(report, live, verdict),
            leaks=sum(not failure.overridable for failure in verdict.failures),
            scores=scores(report, verdict),
            policy=self._policy(cases),
        )

    def _note_set_aside(self, cases: Sequence[Case]) -> None:
        """Put each quarantine on record, once: whoever sets a case aside lets an index go live without it."""
        for case in cases:
            if aside := case.quarantine:
                why = f"until {aside.until}: {aside.why}"
                act = Act(self._rules.now(), aside.owner, QUARANTINE, case.id, why)
                self._records.audit.once(act, f"{QUARANTINE} {case.id} {aside.owner} {why}")

    def _losses(self, report: Report, live: Snapshot | None, verdict: gate.Verdict) -> tuple[Loss, ...]:
        cases = [outcome.case for outcome in report.outcomes]
        before = measure(cases, self._search(live.id), live.id) if live else None
        named = frozenset(failure.subject for failure in verdict.failures)
        old, new = (
            {meta.id: meta for meta in self._records.catalogue.documents(name)} if name else {}
            for name in (live.id if live else "", report.snapshot)
        )
        return losses(before, report, named, Sides(old, new, frozenset(self._records.audit.withdrawn())))


def scores(report: Report, verdict: gate.Verdict) -> dict[str, Any]:
    """Return every figure of a run with the number of cases it is over."""
    figures = {name: asdict(measure_of.of(report.outcomes)) for name, measure_of in MEASURES.items()}
    counts = {"configured": verdict.configured, "gating": verdict.gating, "leaks": report.leaks}
    return {**counts, "figures": figures, "notes": list(verdict.notes)}


def _sorted(value: Any) -> Any:
    """Return a value whose sets are in order, so that its text is the same in every process."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_sorted(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return [_sorted(getattr(value, name)) for name in value.__dataclass_fields__]
    return value
