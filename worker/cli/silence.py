"""Silences: see which are set, which hold now, and what they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer

from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.sections.silence import SilenceSettings
from worker.settings import load
from worker.silence import silent_until
from worker.wiring_index import keeping, now

app = typer.Typer(help="Times in which what matches is kept on record and not told.", no_args_is_help=True)


@app.callback()
def _silence() -> None:
    """Keep `list` a command of its own."""


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show the silences of the settings: which hold now and until when, what they match and why.

    Example: middlewatch silence list
    """
    settings, at = load(config), now()
    with keeping(settings) as parts:
        held = parts.store.silenced.firing()
    shown = [_shown(each, at) for each in settings.silences]
    if as_json:
        print_json({"n": len(shown), "silences": shown, "firing_untold": held})
        return 0
    for each in shown:
        state = f"silent until {each['silent_until']}" if each["silent_until"] else "not now"
        match = ", ".join(f"{name}={value}" for name, value in each["match"].items())
        stdout.print(f"{each['name']}  {state}  {match}  {each['reason']}", markup=False)
    stdout.print(f"{len(shown)} silences; {held} incidents fire and are not told", markup=False)
    return 0


def _shown(each: SilenceSettings, at: datetime) -> dict[str, Any]:
    until = silent_until(each.silence(), at)
    return {
        "name": each.name,
        "match": each.match,
        "reason": each.reason,
        "critical": each.critical,
        "silent_until": until.isoformat() if until else None,
    }
