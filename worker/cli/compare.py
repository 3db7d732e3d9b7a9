"""Which model, or which version of the prompt: the page one needs before changing either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from domain.errors import BadSettings
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.cli.golden_base import cases_of
from worker.decide import SUMMARIZING
from worker.process import running
from worker.replay.comparing import Column, Trial, as_markdown, as_rows, incident_of, judged, trial_of
from worker.replay.records_access import Operator, Records
from worker.replay.variants import told_by
from worker.settings import Settings, load
from worker.wiring import Parts


@command
def compare(  # noqa: PLR0913 - a command's options are its arguments
    model: Annotated[
        list[str] | None, typer.Option(help='A model; give it twice. "none" is the message without one.')
    ] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="A version of the prompt; give it twice.")] = None,
    last: Annotated[int, typer.Option(min=0, help="So many recorded runs, the newest.")] = 20,
    golden: Annotated[
        list[Path] | None, typer.Option(help="Golden queries; default golden.paths, those with facts.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table in Markdown.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Take recorded runs and golden queries through several models or prompts, and show them side by side.

    Each model is asked once for each run, which costs money: it is paid for, and capped, like any other call.

    Example: middlewatch compare --model openai:gpt-5-mini --model openai:gpt-5
    """
    settings = load(config)
    variants = list(product(model or [settings.llm.model], prompt or [""]))
    if len(variants) < 2:
        raise BadSettings("There is nothing to compare.", mend="Give --model or --prompt at least twice.")
    with running(settings, migrated=False) as parts:
        trials = [*_recorded(parts, last), *_golden(parts, settings, golden)]
        if not trials:
            raise BadSettings(
                "There is no run on record and no golden query with facts.", mend="Give golden queries `facts`."
            )
        columns = [_column(parts, variant, trials) for variant in variants]
    if as_json:
        each = [{"name": one.name, **one.figures, "missed": [list(pair) for pair in one.missed]} for one in columns]
        print_json({"trials": len(trials), "variants": each})
    elif markdown:
        print(as_markdown(columns))
    else:
        _show(columns)
    return 0


def _column(parts: Parts, variant: tuple[str, str], trials: Sequence[Trial]) -> Column:
    ladder = parts.ladder_of(*variant)
    name = " ".join(word for word in variant if word) or "none"
    return judged(name, [(trial, told_by(trial.recording, ladder)) for trial in trials])


def _recorded(parts: Parts, last: int) -> Iterator[Trial]:
    records = Records(parts.store, Operator()).all()
    asked = (each for each in records if each.decision in SUMMARIZING and each.outcome)  # not what is owed still
    return (Trial(recording) for recording in islice((each for each in asked if not each.erased), last))


def _golden(parts: Parts, settings: Settings, files: list[Path] | None) -> Iterator[Trial]:
    for case in cases_of(settings, files):
        incident = incident_of(case)
        if incident is not None and (case.facts or case.must_not_say):
            yield trial_of(case, incident, parts.search.evidence(incident.lead, case.audience))


def _show(columns: Sequence[Column]) -> None:
    table = Table("", *(column.name for column in columns))
    for row in as_rows(columns):
        table.add_row(*row)
    stdout.print(table)
    for column in columns:
        for trial, fact in column.missed:
            stdout.print(f"{column.name}: {trial} does not mention {fact!r}", markup=False)
