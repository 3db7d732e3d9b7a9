"""Why a golden case went as it did: `golden explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.errors import BadInput
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.cli.golden_base import Files, cases_of, explaining
from worker.process import running
from worker.settings import load


@command
def explain(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the case.")],
    files: Files = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show the ranked list of one case, and why each expected document is where it is.

    Example: middlewatch golden explain orders-volume-filling
    """
    settings = load(config)
    found = [case for case in cases_of(settings, files) if case.id == case_id]
    if not found:
        raise BadInput("No golden case has that id.", mend="Name its file after the id, or set golden.paths.")
    with running(settings) as parts:
        explained = explaining(parts)(found[0], parts.live_snapshot())
    if as_json:
        print_json(explained.as_json())
    else:
        stdout.print(explained.as_text(), markup=False)
    return 0 if explained.outcome.passed else FAILED
