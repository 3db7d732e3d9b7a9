"""What is measured on: public runbooks and postmortems, and the golden queries over them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.access import EVERYONE, Audience, Readers
from domain.document import Chunk, Document, Kind
from ingest.chunking import chunk
from ingest.sources import SourceSpec, read
from retrieval.query import Query, from_parts, from_text

SETS = {
    "dev": (Kind.RUNBOOK, "alerts to runbooks"),
    "dev_noname": (Kind.RUNBOOK, "the same without their names"),
    "dev_postmortem": (Kind.POSTMORTEM, "symptoms to postmortems"),
    "symptoms": (Kind.POSTMORTEM, "more of them, in the words of on-call engineers"),
}
"""The sets of queries that have an answer: which list it is in, and what they are."""

OWN = Path(__file__).parent / "questions"

ALL = Audience.of([])


@dataclass(frozen=True, slots=True)
class Case:
    """One golden query: as Middlewatch builds it, as plain text, and the documents that answer it."""

    query: Query
    text: str
    kind: Kind
    expected: frozenset[str]


Ranker = Callable[[Case], list[str]]
"""Returns document ids, best first."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents of both kinds and their chunks."""

    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]

    @classmethod
    def at(cls, root: Path) -> Corpus:
        """Read a corpus as ingest does, open to everyone."""
        found: list[Document] = []
        for name, kind in (("runbooks", Kind.RUNBOOK), ("postmortems", Kind.POSTMORTEM)):
            found.extend(read(SourceSpec(name, kind, root / name, frozenset({EVERYONE})), lambda text: text).documents)
        return cls(tuple(found), tuple(piece for document in found for piece in chunk(document)))

    def of(self, kind: Kind) -> list[Document]:
        """Return the documents of one kind."""
        return [document for document in self.documents if document.meta.kind is kind]


class OpenToAll:
    """A record that lets everybody read every document."""

    def readers(self, snapshot: str, document_ids: Iterable[str]) -> Mapping[str, Readers]:
        """Return everyone for each document."""
        return dict.fromkeys(document_ids, frozenset({EVERYONE}))

    def withheld(self, snapshot: str) -> frozenset[str]:
        """Withhold nothing."""
        return frozenset()


def cases(golden: Path, name: str) -> list[Case]:
    """Read the golden queries of one set; `symptoms` are our own and lie beside this file."""
    folder = OWN if name == "symptoms" else golden
    kind = SETS[name][0] if name in SETS else Kind.RUNBOOK
    found = []
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "alert" in row:
            labels, notes = row["alert"]["labels"], row["alert"]["annotations"]
            said = (notes.get(key, "") for key in ("summary", "description", "message"))
            text, query = " ".join((labels.get("alertname", ""), *said)), from_parts(labels, notes)
        else:
            text, query = row["query"], from_text(row["query"])
        found.append(Case(query, text, kind, frozenset(row["expected"])))
    return found
