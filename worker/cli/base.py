"""What every command shares: settings, errors as one line, and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer
from rich.console import Console

from domain.errors import BadInput, BadSettings, MiddlewatchError
from worker.redaction.redactor import redact
from worker.telemetry import configure_logging

Params = ParamSpec("Params")

FAILED = 1
MISUSED = 2

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Settings file; default middlewatch.toml, or MIDDLEWATCH_CONFIG.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and nothing else there.")]

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def command(run: Callable[Params, int | None]) -> Callable[Params, None]:
    """Turn the errors of a command into one line on stderr and an exit code: 1 failed, 2 misused."""

    @wraps(run)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> None:
        configure_logging(redact, level="WARNING")
        try:
            code = run(*args, **kwargs) or 0
        except (BadSettings, BadInput) as error:
            code = _say(error, MISUSED)
        except MiddlewatchError as error:
            code = _say(error, FAILED)
        except KeyboardInterrupt:
            code = 130
        raise typer.Exit(code)

    return wrapped


def _say(error: MiddlewatchError, code: int) -> int:
    stderr.print(f"middlewatch: {error} [{error.reason}]", markup=False)
    return code


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n")
