"""What a sync found and did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.document import DocumentMeta
from domain.snapshot import Judgement, Problem


class Outcome(StrEnum):
    """What a sync came to."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Changes:
    """How many documents differ between two snapshots."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @classmethod
    def between(cls, before: Sequence[DocumentMeta], after: Sequence[DocumentMeta]) -> Changes:
        """Compare documents; the commit they were read at does not count."""
        old, new = ({meta.id: replace(meta, commit="") for meta in metas} for metas in (before, after))
        same = sum(old.get(name) == meta for name, meta in new.items())
        return cls(
            len(new.keys() - old.keys()), len(new.keys() & old.keys()) - same, len(old.keys() - new.keys()), same
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync found and did.

    `snapshot` is the live one after it, "" for none; `refused` is the one that may not go live, "" where there is
    none, and `held` says who took it back. `documents` counts documents by source, `chunks` those of the snapshot
    that was built or found unchanged. `changes` compares with what was live before.
    """

    outcome: Outcome
    snapshot: str
    documents: Mapping[str, int]
    chunks: int
    changes: Changes
    problems: tuple[Problem, ...] = field(default=())
    judgement: Judgement | None = None
    refused: str = ""
    held: str = ""

    @property
    def guarded(self) -> bool:
        """Whether golden queries stood between these documents and the readers."""
        return self.judgement is not None and self.judgement.guarded

    def as_text(self) -> str:
        """Return the report in lines; the problems are only counted."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        total, by = sum(self.documents.values()), self.changes
        what = f"{by.added} added, {by.changed} changed, {by.removed} removed, {by.unchanged} unchanged"
        problems = f", {len(self.problems)} problems" if self.problems else ""
        name = self.refused or self.snapshot
        yield f"{self.outcome.value.capitalize()} {name}: {total} documents ({what}), {self.chunks} chunks{problems}."
        yield from self._refusal() if self.outcome is Outcome.REFUSED else self._guard()

    def _refusal(self) -> Iterator[str]:
        stays = f"{self.snapshot} stays live" if self.snapshot else "nothing is live"
        yield f"It may not go live; {stays}."
        if self.held:
            yield f"  {self.held}. To take it all the same: middlewatch index publish {self.refused}"
        judgement = self.judgement
        for fault in judgement.faults if judgement and not judgement.passed else ():
            yield f"  {fault}"
        for loss in judgement.losses if judgement else ():
            yield f"  lost {loss.query}: {loss.why}"

    def _guard(self) -> Iterator[str]:
        if not self.guarded:
            yield UNGUARDED


UNGUARDED = (
    "UNGUARDED: it went live with no golden query run on it. Set golden.paths, then `middlewatch ingest --full`."
)
"""What is said of a snapshot that no golden query stands before."""
