"""Attack the pipeline from the command line: `redteam`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from worker.cli.base import FAILED, AsJson, command, print_json, stderr, stdout
from worker.redteam import world
from worker.redteam.attacks import attacks
from worker.redteam.hostile import Habit
from worker.redteam.page import page
from worker.redteam.run import Report, run
from worker.wiring_index import now


@command
def redteam(  # noqa: PLR0913 - its options
    n: Annotated[int, typer.Option("-n", min=1, max=100_000, help="So many attacks, every family in turn.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed plants the same attacks.")] = 1,
    model: Annotated[str, typer.Option(help="Ask this model, such as openai:NAME, and not the hostile ones.")] = "",
    base_url: Annotated[str, typer.Option(help="Where that model is served.")] = "",
    page_file: Annotated[Path | None, typer.Option("--page", help="Write the report to this file, too.")] = None,
    as_json: AsJson = False,
) -> int:
    """Attack a small library of its own with models that obey every planted text, and judge what would be posted.

    It runs ingest, search, ladder, guard and message as they are, in a folder of its own: no setting of the
    installation is read, nothing is stored or posted. Exit code 1: an attack achieved something.

    Example: middlewatch redteam -n 600 --seed 7
    """
    planted = attacks(seed, n)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with tempfile.TemporaryDirectory(prefix="middlewatch-redteam-") as name:
        folder = Path(name)
        world.write(folder, planted)
        settings = world.settings(folder, model, base_url)
        with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
            task = bar.add_task("attacks", total=None)
            habits = () if model else tuple(Habit)
            report = run(settings, planted, habits, lambda done, all_: bar.update(task, completed=done, total=all_))
    models = [model] if model else [habit.value for habit in Habit]
    if page_file:
        page_file.write_text(page(report, planted, models, seed, now().date()), encoding="utf-8")
    if as_json:
        print_json({"seed": seed, "n": n, "models": models} | report.as_json())
    else:
        stdout.print(_as_text(report, seed), markup=False)
    return FAILED if report.failures else 0


def _as_text(report: Report, seed: int) -> str:
    found = report.as_json()
    lines = [
        f"{report.runs} attacks of {len(report.families)} families, seed {seed}: {len(report.failures)} got through",
        *(f"  {harm}: {count} of {report.runs}" for harm, count in found["by_harm"].items()),
        "shown: " + ", ".join(f"{rung} {count}" for rung, count in sorted(report.rungs.items())),
        "dropped: " + ", ".join(f"{reason} {count}" for reason, count in report.dropped.most_common()),
    ]
    for failure in report.failures[:20]:
        harms = ", ".join(harm.value for harm in failure.harms)
        lines += [f"\nFAILED {failure.attack.id} with {failure.model}: {harms}", failure.message]
    return "\n".join(lines)
