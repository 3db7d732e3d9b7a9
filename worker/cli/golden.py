"""Golden queries from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from rich.table import Table

from domain.errors import BadSettings
from golden_queries.intervals import Interval, intervals
from golden_queries.recall import Report, measure
from golden_queries.slices import slices
from worker import wiring
from worker.cli import golden_add, golden_check, golden_diff, golden_explain, golden_export
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.cli.golden_base import Files, cases_of
from worker.index.golden import dates
from worker.process import running
from worker.settings import load

app = typer.Typer(help="Golden queries: does the index find what it must?", no_args_is_help=True)

_SHOWN = ("success@1", "success@3", "success@5", "recall@1", "recall@3", "recall@5", "mrr", "ndcg@10")
_SLICED = ("success@1", "success@3", "recall@3", "mrr")

app.command("add")(golden_add.add)
app.command("check")(golden_check.check)
app.command("explain")(golden_explain.explain)
app.command("diff")(golden_diff.diff)
app.command("export")(golden_export.export)
app.command("import")(golden_export.import_)


@app.command("run")
@command
def run(files: Files = None, as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Run golden queries over the live snapshot; runbook_url pins are off.

    Example: middlewatch golden run golden_queries/cases/payments.yaml --json
    """
    settings = load(config)
    cases = cases_of(settings, files)
    if not cases:
        raise BadSettings("There are no golden queries.", mend="Name a file, or set golden.paths.")
    with running(settings) as parts:
        report = measure(cases, parts.golden_search, parts.live_snapshot())
        written = dates(parts.store.catalogue, report.snapshot)
    sure = intervals(report.outcomes)
    parted = slices(report, written, wiring.now().date())
    if as_json:
        print_json(report.as_json() | {"intervals": _intervals(sure), "slices": parted})
    else:
        _show(report, sure, parted)
    return FAILED if report.leaks else 0


def _intervals(sure: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: {"low": each.low, "high": each.high, "n": each.n} for name, each in sure.items()}


def _show(report: Report, sure: Mapping[str, Interval], parted: Mapping[str, Mapping[str, Any]]) -> None:
    content = report.as_json()
    table = Table("measure", "value", "95 %", "n")
    for name in _SHOWN:
        between = f"{sure[name].low:.3f} to {sure[name].high:.3f}" if name in sure else "-"
        table.add_row(name, _figure(content[name]), between, str(content["n"]))
    held, past = content["abstention"], content["past"]
    table.add_row("rightly nothing shown", f"{held['right']} of {held['n']}", "", str(held["n"]))
    table.add_row("wrongly nothing shown", f"{held['wrong']} of {content['n']}", "", str(content["n"]))
    table.add_row("right last time", f"{past['right']} of {past['n']}", "", str(past["n"]))
    table.add_row("wrong last time", f"{past['wrong']} of {past['n']}", "", str(past["n"]))
    table.add_row("leaks", str(report.leaks), "", str(len(report.outcomes)))
    stdout.print(table)
    stdout.print(_sliced(parted))
    for outcome in report.outcomes:
        if not outcome.passed:
            rank = min((rank for rank in outcome.ranks if rank), default=None)
            stdout.print(f"not passed: {outcome.case.id} (rank {rank or 'none'})", markup=False)


def _sliced(parted: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the table of slices; a slice without an answerable case has nothing to rank and is left out."""
    table = Table("by", "slice", *_SLICED, "n")
    for by, parts in parted.items():
        for name, content in parts.items():
            if content["n"]:
                table.add_row(by, name, *(_figure(content[measured]) for measured in _SLICED), str(content["n"]))
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
