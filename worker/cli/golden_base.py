"""What the golden commands share: which cases they are over, and what explains them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadInput, IndexMismatch
from golden_queries.cases import Case
from golden_queries.cases import load as load_cases
from retrieval.explain import Explainer
from worker.index.explaining import Explaining
from worker.index.golden import configured
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
    return Explainer(parts.index, parts.embedder, parts.store.catalogue, parts.redact)


def explaining(parts: Parts) -> Explaining:
    """Return what explains cases with the parts of this process."""
    return Explaining(parts.golden_search, explainer(parts), parts.store.catalogue)


def snapshot_of(parts: Parts, name: str) -> str:
    """Return the id of the one snapshot that a name means.

    Raises:
        BadInput: no snapshot is called so, or several are.
        IndexMismatch: it was built by another embedding model, so no query can be asked of it.
    """
    live = parts.store.catalogue.live()
    records = [record.snapshot for record in parts.store.catalogue.records()]
    if name == "live":
        found = [snapshot for snapshot in records if live and snapshot.id == live.id]
    else:
        found = [snapshot for snapshot in records if name and snapshot.id.startswith(name)]
    if len(found) != 1:
        raise BadInput(f"{len(found)} snapshots are called so.", mend="See `middlewatch index list`.")
    if not found[0].fingerprint.startswith(f"{parts.indexer.fingerprint}/"):
        raise IndexMismatch("That snapshot was built by another embedding model or version; it cannot be asked.")
    return found[0].id
