"""The gate from the command line: `golden check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from golden_queries.baseline import Baseline
from golden_queries.gate import GateWord, Policy, Verdict, run
from golden_queries.gate import check as gate
from golden_queries.recall import Report
from golden_queries.stale import Stale
from worker import wiring
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.cli.golden_base import Files, cases_of, snapshot_of
from worker.index.golden import older, stale_cases
from worker.index.golden_reports import Pages, points_of, write
from worker.index.measure import GoldenSearch
from worker.process import running
from worker.settings import load


@command
def check(  # noqa: PLR0913 - a command's options are its arguments
    files: Files = None,
    baseline: Annotated[Path | None, typer.Option(help="Accepted figures; default golden.baseline.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write what is measured now as the baseline.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML for a build server to this file.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write a page to this file, and a picture of recall over snapshots beside it.")
    ] = None,
    snapshot: Annotated[str, typer.Option(help="A snapshot: its id, the beginning of it, or live.")] = "live",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Say whether the live snapshot holds against the baseline: no leak, no lost must case, no fall.

    Example: middlewatch golden check --baseline golden_queries/baseline.yaml
    """
    settings = load(config)
    place = baseline or settings.golden.baseline
    accepted = Baseline.read(place)
    cases = cases_of(settings, files)
    with running(settings) as parts:
        name = parts.live_snapshot() if snapshot == "live" else snapshot_of(parts, snapshot)
        report = run(cases, GoldenSearch(parts.search, snapshot=name), name)
        catalogue = parts.store.catalogue
        lost = stale_cases(cases, catalogue, name, older(catalogue, name))
        points = points_of(catalogue.records())
    policy, today = Policy(settings.golden.min_cases, settings.golden.max_drop), wiring.now().date()
    verdict = gate(report, accepted, policy, today)
    written = accept and bool(report.outcomes) and verdict.overridable
    if written:
        accepted = Baseline.of(report, today)
        accepted.write(place)
        verdict = gate(report, accepted, policy, today)
    write(report, verdict, Pages(junit, markdown, points))
    if as_json:
        measured = _metrics(Baseline.of(report, today), accepted)
        print_json(_json(report, verdict, measured, lost) | {"accepted": written})
    else:
        _show(verdict, lost)
    _say_accepted(accept, written, place)
    return 0 if verdict.holds and verdict.word is not GateWord.UNGUARDED else FAILED


def _say_accepted(asked: bool, written: bool, place: Path) -> None:
    if asked:
        refusal = "nothing is accepted: there is no case, or a failure that nothing overrides."
        told = f"the baseline is written to {place}; commit it." if written else refusal
        stderr.print(f"middlewatch: {told}", markup=False)


def _show(verdict: Verdict, lost: tuple[Stale, ...]) -> None:
    stdout.print(f"{verdict.word.value}, judged by {verdict.gating} of {verdict.configured} cases", markup=False)
    for failure in verdict.failures:
        stdout.print(f"failed: {failure.text} [{failure.reason.value}]", markup=False)
    for stale in lost:
        stdout.print(f"stale: {stale.text}", markup=False)
    for note in verdict.notes:
        stdout.print(f"note: {note}", markup=False)


def _json(report: Report, verdict: Verdict, metrics: dict[str, Any], lost: tuple[Stale, ...]) -> dict[str, Any]:
    return {
        "snapshot": report.snapshot,
        "word": verdict.word.value,
        "holds": verdict.holds,
        "n": verdict.configured,
        "gating": verdict.gating,
        "failures": [
            {"reason": each.reason.value, "subject": each.subject, "text": each.text, "overridable": each.overridable}
            for each in verdict.failures
        ],
        "notes": list(verdict.notes),
        "stale": [{"id": each.case, "key": each.key, "doc": each.document, "moved_to": each.moved_to} for each in lost],
        "metrics": metrics,
        "leaks": report.leaks,
    }


def _metrics(now: Baseline, accepted: Baseline | None) -> dict[str, Any]:
    """Return each figure over the cases that gate, beside what is accepted."""
    before = {
        name: {"value": figure.value, "n": figure.n} for name, figure in (accepted.metrics if accepted else {}).items()
    }
    return {
        name: {"value": figure.value, "n": figure.n, "baseline": before.get(name)}
        for name, figure in now.metrics.items()
    }
