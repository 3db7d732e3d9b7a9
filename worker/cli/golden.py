"""Golden queries from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from domain.errors import BadSettings
from golden_queries.cases import load as load_cases
from golden_queries.recall import Report, measure
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.process import running
from worker.settings import load

app = typer.Typer(help="Golden queries: does the index find what it must?", no_args_is_help=True)


@app.callback()
def _golden() -> None:
    """Keep `run` a command of its own while it is the only one."""


@app.command("run")
@command
def run(
    files: Annotated[list[Path] | None, typer.Argument(help="YAML or JSONL files; default golden.paths.")] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Run golden queries over the live snapshot; runbook_url pins are off.

    Example: middlewatch golden run golden_queries/cases/payments.yaml --json
    """
    settings = load(config)
    cases = load_cases(tuple(files or settings.golden.paths))
    if not cases:
        raise BadSettings("There are no golden queries.", mend="Name a file, or set golden.paths.")
    with running(settings) as parts:
        report = measure(cases, parts.golden_search, parts.live_snapshot())
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)
    return FAILED if report.leaks else 0


def _show(report: Report) -> None:
    content = report.as_json()
    table = Table("measure", "value", "n")
    for name in ("success@1", "success@3", "success@5", "recall@1", "recall@3", "recall@5", "mrr", "ndcg@10"):
        value = content[name]
        table.add_row(name, "-" if value is None else f"{value:.3f}", str(content["n"]))
    for name in ("abstention", "past"):
        part = content[name]
        table.add_row(name, f"{part['right']} right, {part['wrong']} wrong", str(part["n"]))
    table.add_row("leaks", str(report.leaks), str(len(report.outcomes)))
    stdout.print(table)
    for outcome in report.outcomes:
        if not outcome.passed:
            rank = min((rank for rank in outcome.ranks if rank), default=None)
            stdout.print(f"not passed: {outcome.case.id} (rank {rank or 'none'})", markup=False)
