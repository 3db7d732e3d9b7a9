"""What readers thought of messages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from domain.errors import BadInput
from worker import wiring_index as wiring
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.sections.source import Duration
from worker.settings import load
from worker.wiring_index import keeping

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


@command
def feedback(
    down: Annotated[bool, typer.Option("--down", help="Only messages with a thumb down.")] = False,
    since: Annotated[str, typer.Option(help="How far back: 24h, 30d.")] = "30d",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show which messages readers voted on, the latest first; nobody's name is kept.

    A thumb down is where a golden query begins: `middlewatch golden add --incident ID`.

    Example: middlewatch feedback --down --since 7d
    """
    try:
        back = _DURATION.validate_python(since)
    except ValidationError as error:
        raise BadInput("--since is no time span.", mend="Write 24h or 30d.") from error
    now = wiring.now()
    with keeping(load(config)) as parts:
        found = parts.store.feedback.judged(now - back, now + timedelta(minutes=1))
    shown = [each for each in found if each.down or not down]
    up, against = sum(each.up for each in shown), sum(each.down for each in shown)
    if as_json:
        rows = [asdict(each) | {"last_at": each.last_at.isoformat()} for each in shown]
        print_json({"since": (now - back).isoformat(), "up": up, "down": against, "runs": rows})
        return 0
    table = Table("run", "incident", "channel", "up", "down", "rung", "model")
    for each in shown:
        table.add_row(
            each.run_id, each.incident_id, each.channel_id, str(each.up), str(each.down), each.rung, each.model
        )
    stdout.print(table)
    stdout.print(f"{up} up, {against} down. A golden query of one: middlewatch golden add --incident ID", markup=False)
    return 0
