"""What the language models cost, and whom for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from domain.errors import BadInput
from worker import wiring_index as wiring
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.sections.source import Duration
from worker.settings import load
from worker.store.spend_report import GROUPS
from worker.wiring_index import keeping

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


@command
def spend(
    by: Annotated[str, typer.Option(help=f"Group by one of {', '.join(GROUPS)}.")] = "model",
    since: Annotated[str, typer.Option(help="How far back: 24h, 30d.")] = "30d",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show what language models cost; a cost that nobody knows is said to be unknown, never 0.

    Example: middlewatch spend --by team --since 7d
    """
    if by not in GROUPS:
        raise BadInput("That is nothing to group by.", mend=f"Choose one of {', '.join(GROUPS)}.")
    try:
        back = _DURATION.validate_python(since)
    except ValidationError as error:
        raise BadInput("--since is no time span.", mend="Write 24h or 30d.") from error
    settings = load(config)
    now = wiring.now()
    with keeping(settings) as parts:
        report = parts.store.spend_reports.report(by, now - back, now + timedelta(minutes=1))
    total = report.total.as_json()
    lines = [line.as_json() for line in report.lines]
    if as_json:
        print_json({"by": by, "since": (now - back).isoformat(), "lines": lines, "total": total})
        return 0
    table = Table(by, "calls", "tokens in", "tokens out", "US dollars", "unknown", "kept answers", "saved", "thumbs")
    for line in (*lines, total):
        table.add_row(*_cells(line))
    stdout.print(table)
    return 0


def _cells(line: dict[str, Any]) -> list[str]:
    usd = "unknown" if line["usd"] is None else f"{line['usd']:.6f}"
    kept = f"{line['kept_answers']} ({line['hit_rate']:.0%})" if line["kept_answers"] else "0"
    plain = [str(line[name]) for name in ("calls", "input_tokens", "output_tokens")]
    return [
        line["group"] or "(none)",
        *plain,
        usd,
        str(line["calls_of_unknown_cost"]),
        kept,
        f"{line['saved_usd']:.6f}",
        f"+{line['thumbs_up']} -{line['thumbs_down']}",
    ]
