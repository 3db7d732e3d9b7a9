"""The `middlewatch` command.

A module of commands is imported when one of its commands is named, so that `ingest` does not wait for the web server,
nor for Celery. Beside `wiring` this is the only place that loads lazily.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer

from worker.memory import loading

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("serve", "up"),
    "api": ("serve", "api"),
    "worker": ("serve", "worker"),
    "beat": ("serve", "beat"),
    "init": ("setup", "init"),
    "test-alert": ("setup", "send_test_alert"),
    "db": ("setup", "db"),
    "config": ("setup", "config"),
    "ingest": ("keep", "ingest"),
    "withdraw": ("keep", "withdraw"),
    "index": ("index", "app"),
    "access": ("access", "app"),
    "dead": ("dead", "app"),
    "search": ("ask", "search"),
    "summarize": ("ask", "summarize"),
    "golden": ("golden", "app"),
    "redact": ("redact", "redact"),
    "redteam": ("redteam", "redteam"),
    "token": ("token", "app"),
    "spend": ("spend", "spend"),
    "storm": ("storm", "app"),
    "would": ("would", "would"),
    "silence": ("silence", "app"),
    "replay": ("replay", "replay"),
    "cutline": ("cutline", "app"),
    "feedback": ("feedback", "feedback"),
    "compare": ("compare", "compare"),
    "erase": ("replay", "erase"),
}
"""Each command, or group of commands, by name: the module in `worker.cli` and what it is called there."""


def app_of(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line: only the command that the arguments begin with, or all where they name none."""
    app = typer.Typer(
        name="middlewatch",
        help="An alert fires; one Slack message says what it means, what to do first and what was done last time.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_middlewatch)
    named = [name for name in arguments[:1] if name in _COMMANDS]
    for name in named or _COMMANDS:
        module, attribute = _COMMANDS[name]
        command: Any = getattr(import_module(f"worker.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _middlewatch() -> None:
    """Keep a command a command of its own where it is the only one."""


def __getattr__(name: str) -> typer.Typer:
    """Give the whole command line as `app`, for whoever looks at all of it."""
    if name == "app":
        return app_of(())
    raise AttributeError(name)


def main() -> None:
    """Run the command that the arguments name."""
    with loading():
        app = app_of(sys.argv[1:])
    app()


if __name__ == "__main__":
    main()
