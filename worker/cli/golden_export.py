"""Golden queries in and out of the formats of retrieval research: `golden export` and `golden import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from domain.errors import BadInput, BadSettings
from golden_queries.cases import read
from golden_queries.recall import measure
from golden_queries.trec import imported, qrels, ranking
from worker.cli.base import ConfigFile, command, stderr, stdout
from worker.cli.golden_base import Files, cases_of
from worker.process import running
from worker.settings import load


@command
def export(
    trec: Annotated[Path, typer.Option("--trec", help="Folder for the files qrels and run.")],
    files: Files = None,
    config: ConfigFile = None,
) -> int:
    """Write what is expected and what the live snapshot gives, as TREC qrels and run.

    Example: middlewatch golden export --trec build/trec
    """
    settings = load(config)
    cases = cases_of(settings, files)
    if not cases:
        raise BadSettings("There are no golden queries.", mend="Name a file, or set golden.paths.")
    with running(settings) as parts:
        report = measure(cases, parts.golden_search, parts.live_snapshot())
    written = {"qrels": qrels(report), "run": ranking(report)}
    try:
        trec.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (trec / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{trec} cannot be written: {error.strerror}.") from error
    left = len(report.outcomes) - len(report.answerable)
    stdout.print(f"{len(report.answerable)} cases written to {trec}; {left} without an answer left out", markup=False)
    return 0


@command
def import_(
    queries: Annotated[Path, typer.Argument(help="BEIR's queries.jsonl: _id and text, one object a line.")],
    judged: Annotated[Path, typer.Argument(metavar="QRELS", help="Qrels of BEIR (3 columns) or TREC (4).")],
    out: Annotated[Path, typer.Option("--out", help="YAML file to write; it must not be there yet.")],
    source: Annotated[str, typer.Option(help="Name of the source that the documents are in.")] = "",
    groups: Annotated[str, typer.Option(help="Who asks, separated by commas.")] = "everyone",
) -> int:
    """Make golden cases of a public data set's queries and judgements.

    Example: middlewatch golden import queries.jsonl qrels.tsv --source runbooks --out golden_queries/cases/public.yaml
    """
    if out.exists():
        raise BadInput(f"{out} is there already.", mend="Name another file.")
    asked = [group.strip() for group in groups.split(",") if group.strip()]
    try:
        rows = imported(queries.read_text(encoding="utf-8"), judged.read_text(encoding="utf-8"), source, asked)
        if not rows:
            raise BadInput("No query has a relevant document.", mend="Check that the two files belong together.")
        out.write_text(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"A file cannot be read or written ({type(error).__name__}).") from error
    try:
        read(out)
    except BadInput:
        out.unlink()
        raise
    stderr.print(f"middlewatch: {len(rows)} cases written to {out}", markup=False)
    return 0
