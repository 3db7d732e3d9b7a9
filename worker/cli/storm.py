"""Storms: see what was told together, and give an incident a message of its own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from domain.errors import BadInput
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.settings import load
from worker.store.storm import Member, Storm
from worker.storm.record import split as split_out
from worker.storm.record import storm_json
from worker.wiring_index import caller, keeping, now

app = typer.Typer(help="Many incidents that were told in one message of their channel.", no_args_is_help=True)

_MOST = 100


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show storms, the newest first: channel, from when to when, how many incidents, how many still fire.

    Example: middlewatch storm list
    """
    with keeping(load(config)) as parts:
        storms = parts.store.storms.recent(_MOST)
    if as_json:
        print_json({"n": len(storms), "storms": [storm_json(storm, with_members=False) for storm in storms]})
        return 0
    for storm in storms:
        stdout.print(_line(storm), markup=False)
    stdout.print(f"{len(storms)} storms", markup=False)
    return 0


@app.command()
@command
def show(
    storm: Annotated[str, typer.Argument(metavar="STORM", help="An id, as `storm list` and the message show it.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show every incident of a storm: when it began, severity, state, services, alert; and those that were split out.

    Example: middlewatch storm show storm-019ca7571cb04b2f7b119c
    """
    with keeping(load(config)) as parts:
        found = parts.store.storms.get(storm)
    if found is None:
        raise BadInput("There is no such storm.", mend="See `middlewatch storm list`.")
    if as_json:
        print_json(storm_json(found, with_members=True))
        return 0
    stdout.print(_line(found), markup=False)
    for each in found.members:
        stdout.print(_member(each), markup=False)
    for each in found.apart:
        stdout.print(f"{_member(each)}  (has a message of its own)", markup=False)
    return 0


@app.command()
@command
def split(
    incidents: Annotated[list[str], typer.Argument(metavar="INCIDENT…", help="Ids, as `storm show` lists them.")],
    channel: Annotated[str, typer.Option(help="In this channel only; else wherever a storm tells of it.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    config: ConfigFile = None,
) -> int:
    """Give incidents of a storm a message of their own. It comes within seconds; the storm counts them no more.

    Example: middlewatch storm split 019ca7578df83e10bed243
    """
    with keeping(load(config)) as parts:
        act = (now(), caller(), reason)
        done = [name for name in incidents if split_out(parts.store, name, channel, act)]
    for name in incidents:
        if name not in done:
            stdout.print(f"No storm tells of {name}.", markup=False)
    stdout.print(f"split: {len(done)} of {len(incidents)}", markup=False)
    return 0 if len(done) == len(incidents) else FAILED


def _line(storm: Storm) -> str:
    content: dict[str, Any] = storm_json(storm, with_members=False)
    until = f"until {content['ended_at'][:19]}" if content["ended_at"] else "goes on"
    return (
        f"{storm.id}  {storm.channel_id}  since {content['began_at'][:19]}  {until}  "
        f"{content['incidents']} incidents, {content['firing']} firing"
    )


def _member(each: Member) -> str:
    at = each.opened_at.isoformat(timespec="seconds")
    services = ", ".join(each.services) or "-"
    return f"{each.incident_id}  {at}  {each.severity.value:8}  {each.status.value:8}  {services}  {each.name}"
