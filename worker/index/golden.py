"""What the commands and the pytest plugin share of golden queries: the configured cases, and what a snapshot holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from domain.document import DocumentMeta
from domain.snapshot import Record
from golden_queries.cases import Case, load
from golden_queries.stale import Stale, stale
from worker.settings import GoldenSettings

_DEFAULT = Path("golden_queries/cases")


class Catalogue(Protocol):
    """Which snapshots there are, and which documents are in each."""

    def records(self) -> Sequence[Record]:
        """Return the record of every snapshot, the newest first."""

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        """Return the documents of a snapshot."""


def configured(golden: GoldenSettings) -> tuple[Case, ...]:
    """Return the configured cases; none where nobody has begun: no path is set, or the usual place is not there.

    Once there is a baseline the cases must be there too, so that moving a folder does not take the guard away.

    Raises:
        BadCase: a path that is set is not there, or a case is wrong.
    """
    guarded = golden.baseline.exists()
    return load([path for path in golden.paths if path.exists() or guarded or not _usual(path)])


def _usual(path: Path) -> bool:
    return path.parts[-2:] == _DEFAULT.parts


def hashes(catalogue: Catalogue, snapshot: str) -> dict[str, str]:
    """Return the content hash of each document of a snapshot."""
    return {meta.id: meta.content_hash for meta in catalogue.documents(snapshot)}


def dates(catalogue: Catalogue, snapshot: str) -> dict[str, date | None]:
    """Return when each document of a snapshot was last reviewed, or else written."""
    return {meta.id: meta.reviewed or meta.date for meta in catalogue.documents(snapshot)}


def older(catalogue: Catalogue, snapshot: str) -> list[str]:
    """Return the snapshots before one, the newest first: what they held tells where a lost document has gone."""
    return [record.snapshot.id for record in catalogue.records() if record.snapshot.id < snapshot]


def stale_cases(
    cases: Sequence[Case], catalogue: Catalogue, snapshot: str, older: Sequence[str] = ()
) -> tuple[Stale, ...]:
    """Return what the cases name and the snapshot does not hold; `older` snapshots, newest first, tell what moved."""
    documents = hashes(catalogue, snapshot)
    if not (found := stale(cases, documents)):
        return found
    return stale(cases, documents, held(catalogue, older))


def held(catalogue: Catalogue, older: Sequence[str]) -> dict[str, str]:
    """Return the content hash of each document that these snapshots held, as the newest of them had it."""
    before: dict[str, str] = {}
    for name in reversed(older):
        before |= hashes(catalogue, name)
    return before
