"""Keep the index: sync sources into a new snapshot, and withdraw a document."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from domain.errors import BadSettings
from ingest.report import Outcome
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.index.ingesting import report_json
from worker.settings import load
from worker.wiring_index import keeping


@command
def ingest(
    source: Annotated[str, typer.Option(help="Report on this source only; a snapshot always holds all of them.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Build anew even if nothing changed.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Sync sources into a new snapshot of the index, and make it the live one if the golden queries hold on it.

    Exit code 1: it was refused, and the live one stays.

    Example: middlewatch ingest --source runbooks
    """
    settings = load(config)
    if not settings.sources:
        raise BadSettings("No sources are set.", mend="Add a [[sources]] table to the settings file.")
    if source and source not in {each.name for each in settings.sources}:
        known = ", ".join(each.name for each in settings.sources)
        raise BadSettings("That source is not in the settings.", mend=f"Known: {known}.")
    with keeping(settings) as parts, _bar() as bar:
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
    return FAILED if report.outcome is Outcome.REFUSED else 0


@command
def withdraw(
    document: Annotated[str, typer.Argument(metavar="DOC", help="SOURCE/relative/path, as `search` shows it.")],
    undo: Annotated[bool, typer.Option("--undo", help="Give it back to its readers.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    config: ConfigFile = None,
) -> int:
    """Take a document out of all answers at once; it stays out, whatever is ingested, until that is undone.

    Example: middlewatch withdraw runbooks/storage/VolumeFilling.md --reason "Step 3 deletes the wrong volume"
    """
    with keeping(load(config)) as parts:
        done = parts.snapshots.give_back(document) if undo else parts.snapshots.withdraw(document, reason)
    if undo:
        told = "is given back to its readers" if done else "was not withdrawn"
    else:
        told = "is withdrawn: no answer shows it" if done else "was withdrawn before"
    stdout.print(f"{document} {told}.", markup=False)
    return 0


def _bar() -> Progress:
    """Return a progress bar on the terminal's stderr; elsewhere it stays silent."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=stderr, transient=True, disable=not sys.stderr.isatty())
