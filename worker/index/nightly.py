"""The nightly run of the golden queries over the live snapshot: told in the log and as gauges, kept as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog

from golden_queries.baseline import Baseline
from golden_queries.gate import Policy, check, run
from golden_queries.recall import Search
from worker.index.golden import Catalogue, configured
from worker.index.golden_reports import Pages, points_of, write
from worker.settings import GoldenSettings
from worker.telemetry import Metrics

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Nightly:
    """What a night needs: the cases, the snapshots of record, where it is told, and the folder of its files."""

    golden: GoldenSettings
    catalogue: Catalogue
    metrics: Metrics
    folder: Path

    def check(self, search: Search, snapshot: str, today: date) -> None:
        """Run the golden queries, compare them with the baseline, and write `nightly.md`, `.svg` and `.xml`.

        Raises:
            BadCase, BadBaseline: they cannot be read.
            BadInput: the files cannot be written.
        """
        report = run(configured(self.golden), search, snapshot)
        policy = Policy(self.golden.min_cases, self.golden.max_drop)
        verdict = check(report, Baseline.read(self.golden.baseline), policy, today)
        content = report.as_json()
        self.metrics.set("middlewatch_golden_cases", len(report.outcomes))
        self.metrics.set("middlewatch_golden_leaks", report.leaks)
        if content["n"]:
            self.metrics.set("middlewatch_golden_success_at_3", content["success@3"])
        told = {name: content[name] for name in ("n", "success@1", "success@3", "leaks", "abstention", "past")}
        say = log.info if verdict.holds else log.error
        reasons = sorted({failure.reason.value for failure in verdict.failures})
        say("the golden queries were run", action="golden", snapshot=snapshot, reasons=reasons, **told)
        points = points_of(self.catalogue.records())
        write(report, verdict, Pages(self.folder / "nightly.xml", self.folder / "nightly.md", points))
