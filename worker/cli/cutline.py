"""Channels that were switched to shadow by their own figures."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.settings import load
from worker.store.audit import Act
from worker.wiring_index import caller, keeping, now

app = typer.Typer(help="Channels that were switched to shadow by their own figures.", no_args_is_help=True)


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show the channels that were switched to shadow, since when and why.

    Example: middlewatch cutline list
    """
    with keeping(load(config)) as parts:
        cuts = parts.store.cutlines.all()
    if as_json:
        print_json(
            {
                "cuts": [
                    {"channel": cut.channel_id, "since": cut.since, "lifted_at": cut.lifted_at, "why": cut.reason}
                    for cut in cuts
                ]
            }
        )
        return 0
    for cut in cuts:
        until = f", lifted {cut.lifted_at:%Y-%m-%d %H:%M} UTC" if cut.lifted_at else ""
        stdout.print(f"{cut.channel_id}: since {cut.since:%Y-%m-%d %H:%M} UTC{until}: {cut.reason}", markup=False)
    if not cuts:
        stdout.print("No channel was switched to shadow.")
    return 0


@app.command("lift")
@command
def lift(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel's id.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    config: ConfigFile = None,
) -> int:
    """Let a channel be told of new incidents again.

    Example: middlewatch cutline lift C0123456789 --reason "The prompt was put right"
    """
    with keeping(load(config)) as parts:
        done = parts.store.cutlines.lift(channel, now())
        if done:
            parts.store.audit.add(Act(now(), caller(), "lift", channel, reason))
    words = "is told of its new incidents again" if done else "was not in shadow by its figures"
    stdout.print(f"{channel} {words}.", markup=False)
    return 0 if done else FAILED
