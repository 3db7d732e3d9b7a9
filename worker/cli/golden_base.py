"""What the golden commands share: which cases they are over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golden_queries.cases import Case
from golden_queries.cases import load as load_cases
from worker.golden import configured
from worker.settings import Settings

Files = Annotated[list[Path] | None, typer.Argument(help="YAML or JSONL files; default golden.paths.")]


def cases_of(settings: Settings, files: list[Path] | None) -> tuple[Case, ...]:
    """Return the cases of the files that are named, else the configured ones.

    Raises:
        BadCase: a file is not there, or a case is wrong.
    """
    return load_cases(files) if files else configured(settings.golden)
