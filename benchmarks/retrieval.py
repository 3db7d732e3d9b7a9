"""Measure retrieval on real runbooks, postmortems and alerts, beside what one would take off the shelf.

    python -m benchmarks.retrieval --corpus CORPUS     tables, printed and written to benchmarks/results/retrieval.md

CORPUS holds `runbooks/`, `postmortems/` and `golden/*.jsonl`. All retrievers see the same documents in the same run,
and none uses `runbook_url`. success@k is the share of queries with an expected document among the first k.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import qdrant_edge
from rich.console import Console
from rich.table import Table

from domain.access import EVERYONE, Audience, Readers
from domain.document import Chunk, Document, Hit, Kind
from ingest.chunking import chunk
from ingest.sources import SourceSpec, read
from retrieval.edge import EdgeIndex
from retrieval.embed import BUNDLED, CachedEmbedder, VectorCache, embedding_model
from retrieval.finder import Finder
from retrieval.indexer import Indexer
from retrieval.query import Query, from_parts, from_text
from retrieval.search import Ranking, Search
from retrieval.sentence_model import SentenceEmbedder
from retrieval.sparse import Frequencies

RESULTS = Path(__file__).parent / "results" / "retrieval.md"
SETS = {
    "dev": (Kind.RUNBOOK, "alerts to runbooks"),
    "dev_noname": (Kind.RUNBOOK, "the same without their names"),
    "dev_postmortem": (Kind.POSTMORTEM, "symptoms to postmortems"),
}
ALL = Audience.of([])

Ranker = Callable[["Case"], list[str]]
"""Returns document ids, best first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One golden query: as Middlewatch builds it, as plain text, and the documents that answer it."""

    query: Query
    text: str
    kind: Kind
    expected: frozenset[str]


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


def cases(path: Path, kind: Kind) -> list[Case]:
    """Read golden queries from a JSONL file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "alert" in row:
            labels, notes = row["alert"]["labels"], row["alert"]["annotations"]
            said = (notes.get(key, "") for key in ("summary", "description", "message"))
            text, query = " ".join((labels.get("alertname", ""), *said)), from_parts(labels, notes)
        else:
            text, query = row["query"], from_text(row["query"])
        found.append(Case(query, text, kind, frozenset(row["expected"])))
    return found


def bm25_by_document(corpus: Corpus) -> Ranker:
    """Rank by BM25 of whole documents, with Qdrant's tokeniser, stemmer and defaults."""
    model = qdrant_edge.Bm25()
    vectors = {
        kind: {
            document.meta.id: dict(zip(vector.indices, vector.values, strict=True))
            for document in corpus.of(kind)
            for vector in [model.embed_document(f"{document.meta.title} {document.text}")]
        }
        for kind in Kind
    }
    seen = {kind: Frequencies.over(found.values()) for kind, found in vectors.items()}

    def rank(case: Case) -> list[str]:
        idf = seen[case.kind].weigh(dict.fromkeys(model.embed_query(case.text).indices, 1.0))
        scores = {
            name: sum(weight * terms.get(term, 0.0) for term, weight in idf.items())
            for name, terms in vectors[case.kind].items()
        }
        return sorted(scores, key=lambda name: (-scores[name], name))

    return rank


def dense_passages(corpus: Corpus, embedder: CachedEmbedder) -> Ranker:
    """Rank by the best cosine of a document's chunks, text alone."""
    rows = {
        kind: (
            [piece.meta.id for piece in corpus.chunks if piece.meta.kind is kind],
            np.stack([embedder.passage(piece.text) for piece in corpus.chunks if piece.meta.kind is kind]),
        )
        for kind in Kind
    }

    def rank(case: Case) -> list[str]:
        names, vectors = rows[case.kind]
        found = vectors @ embedder.query(case.text)
        best: dict[str, float] = {}
        for name, score in zip(names, found.tolist(), strict=True):
            best[name] = max(score, best.get(name, -1.0))
        return sorted(best, key=lambda name: (-best[name], name))

    return rank


def fused(rankers: Sequence[Ranker]) -> Ranker:
    """Fuse by reciprocal ranks, k = 60 (Cormack, Clarke and Buettcher 2009)."""

    def rank(case: Case) -> list[str]:
        scores: dict[str, float] = {}
        for ranker in rankers:
            for position, name in enumerate(ranker(case), start=1):
                scores[name] = scores.get(name, 0.0) + 1 / (60 + position)
        return sorted(scores, key=lambda name: (-scores[name], name))

    return rank


def ours(search: Search) -> Ranker:
    """Rank as Middlewatch does."""

    def rank(case: Case) -> list[str]:
        return [hit.meta.id for hit in _list(search.ranking(case.query, ALL), case.kind)]

    return rank


def _list(ranking: Ranking, kind: Kind) -> Sequence[Hit]:
    return ranking.runbooks if kind is Kind.RUNBOOK else ranking.postmortems


def quality(rankers: Mapping[str, Ranker], golden: Path) -> list[list[str]]:
    """Return one row for each set and retriever."""
    rows = []
    for name, (kind, meaning) in SETS.items():
        found = cases(golden / f"{name}.jsonl", kind)
        for title, ranker in rankers.items():
            ranks = []
            for case in found:
                order = ranker(case)
                ranks.append(next((at for at, one in enumerate(order, start=1) if one in case.expected), 10**6))
            share = [f"{np.mean([rank <= k for rank in ranks]):.3f}" for k in (1, 3, 5)]
            mrr = f"{np.mean([1 / rank for rank in ranks]):.3f}"
            rows.append([f"{name} ({meaning})", str(len(found)), title, *share, mrr])
    return rows


def query_times(search: Search, golden: Path) -> str:
    """Say how long a query takes that was never asked before, once the model is loaded."""
    found = cases(golden / "dev.jsonl", Kind.RUNBOOK)
    search.ranking(from_text("warm"), ALL)
    taken = []
    for case in found:
        start = time.perf_counter()
        search.ranking(case.query, ALL)
        taken.append((time.perf_counter() - start) * 1000)
    p50, p95 = np.percentile(taken, (50, 95))
    return f"A query takes {p50:.0f} ms (p50), {p95:.0f} ms (p95), n={len(taken)}."


def floors(search: Search, golden: Path) -> list[list[str]]:
    """Return what the floors show and hold back, on alerts with a runbook here and on alerts with none."""
    rows = []
    for name in ("dev", "dev_noname", "dev_norunbook"):
        found = cases(golden / f"{name}.jsonl", Kind.RUNBOOK)
        right = wrong = silent = past = 0
        for case in found:
            ranking = search.ranking(case.query, ALL)
            floor = ranking.floors
            best = next((hit for hit in ranking.runbooks[:1] if hit.score >= floor.runbook), None)
            silent += best is None
            right += best is not None and best.meta.id in case.expected
            wrong += best is not None and best.meta.id not in case.expected
            past += any(hit.score >= floor.postmortem for hit in ranking.postmortems)
        rows.append([name, *map(str, (len(found), right, wrong, silent, past))])
    return rows


QUALITY = ("set", "n", "retriever", "success@1", "success@3", "success@5", "MRR")
FLOORS = ("set", "n", "first shown is expected", "first shown is another", "no runbook shown", "a past incident shown")


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Print a table and return it as Markdown."""
    table = Table(*heads, title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    lines = [heads, ["---"] * len(heads), *rows]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="keep embeddings in this folder between runs")
    chosen = parser.parse_args()
    model = embedding_model(BUNDLED)
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache((chosen.cache or Path(folder)) / "vectors.db")
        embedder = CachedEmbedder(model.fingerprint, lambda: SentenceEmbedder(model), cache)
        with closing(EdgeIndex(Path(folder))) as index, closing(embedder):
            _run(Corpus.at(chosen.corpus), embedder, index, chosen.corpus / "golden")


def _run(corpus: Corpus, embedder: CachedEmbedder, index: EdgeIndex, golden: Path) -> None:
    start = time.perf_counter()
    Indexer(index, embedder).build("benchmark", corpus.chunks)
    built = time.perf_counter() - start
    search = Search(Finder(index, embedder), OpenToAll(), lambda: "benchmark", lambda text: text)
    words, meaning = bm25_by_document(corpus), dense_passages(corpus, embedder)
    times = query_times(search, golden)
    rankers = {
        "BM25 by document": words,
        "dense passages": meaning,
        "hybrid, RRF k=60": fused([words, meaning]),
        "Middlewatch": ours(search),
    }
    size = f"{len(corpus.documents)} documents, {len(corpus.chunks)} chunks"
    parts = [
        f"# Retrieval\n\n{size}; indexed in {built:.1f} s, with what the embedding cache did not hold.\n",
        f"{times} Both lists, query embedded, model loaded.\n",
        show("Quality", QUALITY, quality(rankers, golden)),
        show("Floors", FLOORS, floors(search, golden)),
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
