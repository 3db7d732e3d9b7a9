"""What the golden commands share: which cases they are over, and what explains them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golden_queries.cases import Case
from golden_queries.cases import load as load_cases
from retrieval.explain import Explainer
from worker.explaining import Explaining
from worker.golden import configured
from worker.redaction.redactor import redact
from worker.settings import Settings
from worker.wiring import Parts

Files = Annotated[list[Path] | None, typer.Argument(help="YAML or JSONL files; default golden.paths.")]


def cases_of(settings: Settings, files: list[Path] | None) -> tuple[Case, ...]:
    """Return the cases of the files that are named, else the configured ones.

    Raises:
        BadCase: a file is not there, or a case is wrong.
    """
    return load_cases(files) if files else configured(settings.golden)


def explainer(parts: Parts) -> Explainer:
    """Return what takes scores apart, over the same index and model that the search has."""
    return Explainer(parts.index, parts.embedder, parts.store.catalogue, redact)


def explaining(parts: Parts) -> Explaining:
    """Return what explains cases with the parts of this process."""
    return Explaining(parts.golden_search, explainer(parts), parts.store.catalogue)
