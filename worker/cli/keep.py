"""Keep the index: sync sources into a new snapshot."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain.errors import BadSettings
from worker.cli.base import AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.ingesting import report_json
from worker.process import running
from worker.settings import load


@command
def ingest(
    source: Annotated[str, typer.Option(help="Report on this source only; a snapshot always holds all of them.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Build anew even if nothing changed.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Sync sources into a new snapshot of the index, and make it the live one.

    Example: middlewatch ingest --source runbooks
    """
    settings = load(config)
    if not settings.sources:
        raise BadSettings("No sources are set.", mend="Add a [[sources]] table to the settings file.")
    if source and source not in {each.name for each in settings.sources}:
        known = ", ".join(each.name for each in settings.sources)
        raise BadSettings("That source is not in the settings.", mend=f"Known: {known}.")
    with running(settings, migrated=False) as parts, _bar() as bar:
        task = bar.add_task("chunks", total=None)
        report = parts.ingesting.run(
            full=full, source=source, progress=lambda done, n: bar.update(task, completed=done, total=n)
        )
    if as_json:
        print_json(report_json(report))
    else:
        stdout.print(report.as_text(), markup=False)
    for problem in report.problems:
        stderr.print(f"middlewatch: {problem.path}: {problem.reason}", markup=False)
    return 0


def _bar() -> Progress:
    """Return a progress bar on the terminal's stderr; elsewhere it stays silent."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=stderr, transient=True, disable=not sys.stderr.isatty())
