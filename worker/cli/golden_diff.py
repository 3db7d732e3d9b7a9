"""Two snapshots side by side: `golden diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.errors import BadSettings
from golden_queries.diff import Way, as_json, figures, moves
from golden_queries.recall import Report, measure
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.cli.golden_base import Files, cases_of, snapshot_of
from worker.index.measure import GoldenSearch
from worker.process import running
from worker.settings import load

Name = Annotated[str, typer.Argument(help="A snapshot: its id, the beginning of it, or live.")]


@command
def diff(before: Name, after: Name, files: Files = None, as_json_: AsJson = False, config: ConfigFile = None) -> int:
    """Show what golden queries gain and lose from one snapshot to another, per query and in figures.

    Example: middlewatch golden diff 20260301 live
    """
    settings = load(config)
    cases = cases_of(settings, files)
    if not cases:
        raise BadSettings("There are no golden queries.", mend="Name a file, or set golden.paths.")
    with running(settings) as parts:
        names = [snapshot_of(parts, name) for name in (before, after)]
        old, new = (measure(cases, GoldenSearch(parts.search, snapshot=name), name) for name in names)
    if as_json_:
        print_json(as_json(old, new))
    else:
        _show(old, new)
    return 0


def _show(old: Report, new: Report) -> None:
    changed = [move for move in moves(old, new) if move.way is not Way.SAME]
    for move in changed:
        stdout.print(move.text, markup=False)
    stdout.print(f"{len(changed)} of {len(new.outcomes)} cases changed; leaks {old.leaks} → {new.leaks}", markup=False)
    for name, (first, second) in figures(old, new).items():
        if first.value is not None and second.value is not None:
            change = f"{first.value:.3f} → {second.value:.3f} ({second.value - first.value:+.3f}, n={second.n})"
            stdout.print(f"{name}: {change}", markup=False)
