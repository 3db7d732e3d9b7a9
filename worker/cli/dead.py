"""Work that was given up: see it, try it again, drop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from domain.errors import BadInput
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.settings import load
from worker.store.audit import Act
from worker.store.store import Store
from worker.wiring_index import IndexParts, caller, keeping, now

app = typer.Typer(help="Work on incidents that was given up after its last attempt.", no_args_is_help=True)

_MOST = 10_000

Named = Annotated[list[str] | None, typer.Argument(metavar="INCIDENT…", help="Ids, as `dead list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of it.")]


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show the work that was given up, the newest first: the incident, when, after how many attempts and why.

    Example: middlewatch dead list --json
    """
    with keeping(load(config)) as parts:
        dead = parts.store.outbox.dead(_MOST)
    if as_json:
        rows = [{"incident": d.incident_id, "at": d.at, "attempts": d.attempts, "reason": d.reason} for d in dead]
        print_json({"n": len(dead), "dead": rows})
        return 0
    for each in dead:
        at = each.at.isoformat(timespec="seconds")
        stdout.print(f"{each.incident_id}  {at}  {each.attempts} attempts  {each.reason}", markup=False)
    stdout.print(f"{len(dead)} given up", markup=False)
    return 0


@app.command()
@command
def retry(incidents: Named = None, every: All = False, config: ConfigFile = None) -> int:
    """Have dead work tried again from the first attempt on. No message is posted twice by that.

    Example: middlewatch dead retry --all
    """
    return _each(config, (incidents, every), "retry", "", lambda store, name: store.outbox.revive(name, now()))


@app.command()
@command
def drop(
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")],
    incidents: Named = None,
    every: All = False,
    config: ConfigFile = None,
) -> int:
    """Give dead work up for good. The incident stays on record; its next change is worked on again.

    Example: middlewatch dead drop 01a1fe0a5d5db4803015c4 --reason "The channel is archived"
    """
    return _each(config, (incidents, every), "drop", reason, lambda store, name: store.outbox.drop(name))


def _each(
    config: ConfigFile,
    which: tuple[list[str] | None, bool],
    action: str,
    reason: str,
    do: Callable[[Store, str], bool],
) -> int:
    named, every = which
    if every == bool(named):
        raise BadInput("Name the incidents, or say --all.", mend="See `middlewatch dead list`.")
    with keeping(load(config)) as parts:
        wanted = [each.incident_id for each in parts.store.outbox.dead(_MOST)] if every else list(named or ())
        done = [name for name in wanted if _done(parts, Act(now(), caller(), f"dead-{action}", name, reason), do)]
    for name in sorted(set(wanted) - set(done)):
        stdout.print(f"{name} is not among the dead.", markup=False)
    stdout.print(f"{action}: {len(done)} of {len(wanted)}", markup=False)
    return 0 if len(done) == len(wanted) else FAILED


def _done(parts: IndexParts, act: Act, do: Callable[[Store, str], bool]) -> bool:
    if not do(parts.store, act.subject):
        return False
    parts.store.audit.add(act)
    return True
