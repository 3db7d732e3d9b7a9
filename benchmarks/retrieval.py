"""Measure retrieval on real runbooks, postmortems and alerts, beside what one would take off the shelf.

    python -m benchmarks.retrieval --corpus CORPUS     tables, printed and written to benchmarks/results/

CORPUS holds `runbooks/`, `postmortems/` and `golden/*.jsonl`. All retrievers see the same documents in the same run
with the same embedding model, and none uses `runbook_url`. success@k is the share of queries with an expected document
among the first k, recall@k the share of the expected documents there; intervals are 95 %, bootstrapped over the
queries. Times are of queries that were never asked before; on a busy machine the processor's time says more than the
clock's.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks import chart
from benchmarks.corpus import ALL, SETS, Case, Corpus, OpenToAll, Ranker, cases
from benchmarks.growth import NoisyEmbedder, grow, on_disk
from benchmarks.quality import MEASURES, Answer, Figure, figures, won
from benchmarks.rivals import Built, bm25_by_document, heading_hybrid, langchain_recipe, timed
from benchmarks.tables import Table, percentiles, show
from domain.document import Kind
from retrieval.edge import EdgeIndex
from retrieval.embed import BUNDLED, CachedEmbedder, Embedder, Vector, VectorCache, embedding_model
from retrieval.finder import Finder
from retrieval.indexer import Indexer
from retrieval.query import from_text
from retrieval.search import Search
from retrieval.sentence_model import SentenceEmbedder

RESULTS = Path(__file__).parent / "results"
OURS = "Middlewatch"
SIZES = (1, 10, 32, 50)
"""How many times over the corpus is taken to see how time grows, unless told otherwise."""

Answers = Mapping[str, Mapping[str, Sequence[Answer]]]
"""Answers by set and retriever."""


class Fresh:
    """Passages from a cache, where there is one; queries from the model every time."""

    def __init__(self, passages: Embedder, model: Embedder) -> None:
        """Take what embeds passages, and what embeds queries."""
        self._passages = passages
        self._model = model

    @property
    def fingerprint(self) -> str:
        """The model's own."""
        return self._model.fingerprint

    def passage(self, text: str) -> Vector:
        """Return the vector of a passage."""
        return self._passages.passage(text)

    def query(self, text: str) -> Vector:
        """Return the vector of a query, never from memory."""
        return self._model.query(text)


def ours(corpus: Corpus, embedder: Embedder, folder: Path) -> tuple[Built, Search]:
    """Build Middlewatch's own index and search."""
    index = EdgeIndex(folder)
    search = Search(Finder(index, embedder), OpenToAll(), lambda: "benchmark", lambda text: text)

    def rank(case: Case) -> list[str]:
        ranking = search.ranking(case.query, ALL)
        hits = ranking.runbooks if case.kind is Kind.RUNBOOK else ranking.postmortems
        return [hit.meta.id for hit in hits]

    def build() -> tuple[Ranker, int]:
        Indexer(index, embedder).build("benchmark", corpus.chunks)
        return rank, on_disk(folder / "index")

    built = timed(build)
    search.ranking(from_text("warm"), ALL)
    return built, search


def asked(built: Mapping[str, Built], sets: Mapping[str, Sequence[Case]]) -> dict[str, dict[str, list[Answer]]]:
    """Ask every retriever every query, one after the other."""
    found: dict[str, dict[str, list[Answer]]] = {}
    for name, queries in sets.items():
        for title, one in built.items():
            answers = found.setdefault(name, {}).setdefault(title, [])
            for case in queries:
                clock, processor = time.perf_counter(), time.process_time()
                ranked = one.rank(case)
                took = (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000
                answers.append(Answer(ranked, case.expected, *took))
    return found


def quality(answers: Answers) -> Table:
    """Return every measure of each retriever on each set."""
    rows = []
    for name, by_title in answers.items():
        for title, given in by_title.items():
            cells = [str(figure) for figure in figures(given).values()]
            rows.append([f"{name} ({SETS[name][1]})", str(len(given)), title, *cells])
    return Table("Quality", ("set", "n", "retriever", *MEASURES), rows)


def ahead(answers: Answers) -> Table:
    """Return by how much ours is ahead of each of the others, query by query."""
    rows = []
    for name, by_title in answers.items():
        for title, given in by_title.items():
            if title != OURS:
                cells = [str(won(by_title[OURS], given, MEASURES[measure])) for measure in ("success@1", "MRR")]
                rows.append([name, str(len(given)), title, *cells])
    return Table("How far Middlewatch is ahead", ("set", "n", "of", "success@1", "MRR"), rows)


def costs(answers: Answers, built: Mapping[str, Built]) -> Table:
    """Return what each retriever costs in time and space."""
    rows = []
    for title, one in built.items():
        given = [answer for by_title in answers.values() for answer in by_title[title]]
        clock, processor = [one.took_ms for one in given], [one.processor_ms for one in given]
        size = f"{one.bytes / 1e6:.1f}"
        rows.append([title, str(len(given)), *percentiles(clock), *percentiles(processor), f"{one.seconds:.1f}", size])
    heads = ("retriever", "n", "query p50 ms", "p95 ms", "processor p50 ms", "p95 ms", "ingest, processor s", "MB")
    return Table("Time and space", heads, rows)


def floors(search: Search, golden: Path) -> Table:
    """Return what the floors show and hold back, on alerts with a runbook here and on alerts with none."""
    rows = []
    for name in ("dev", "dev_noname", "dev_norunbook", "dev_postmortem", "symptoms"):
        found = cases(golden, name)
        right = wrong = past = past_right = 0
        for case in found:
            ranking = search.ranking(case.query, ALL)
            best = next((hit for hit in ranking.runbooks[:1] if hit.score >= ranking.floors.runbook), None)
            right += best is not None and best.meta.id in case.expected
            wrong += best is not None and best.meta.id not in case.expected
            shown = [hit.meta.id for hit in ranking.postmortems[:2] if hit.score >= ranking.floors.postmortem]
            past += bool(shown)
            past_right += any(one in case.expected for one in shown)
        rows.append([name, *map(str, (len(found), right, wrong, len(found) - right - wrong, past, past_right))])
    heads = ("set", "n", "first shown is expected", "is another", "no runbook shown", "past shown", "past expected")
    return Table("Floors", heads, rows)


def growth(corpus: Corpus, embedder: NoisyEmbedder, golden: Path, sizes: Sequence[int]) -> tuple[Table, str]:
    """Return how query time and ingest grow with the corpus, as a table and as a chart."""
    queries = [case.query for case in cases(golden, "dev")][::2]
    grown = [grow(corpus, times, embedder, queries) for times in sizes]
    rows = [
        [
            f"{times}x",
            f"{one.documents:,}",
            f"{one.chunks:,}",
            *percentiles(one.times),
            *percentiles(one.processor),
            f"{one.build_s:.1f}",
            f"{one.bytes / 1e6:.0f}",
        ]
        for times, one in zip(sizes, grown, strict=True)
    ]
    heads = ("corpus", "documents", "chunks", "p50 ms", "p95 ms", "processor p50 ms", "p95 ms", "index s", "MB")
    series = {f"processor p{part}": [float(np.percentile(one.processor, part)) for one in grown] for part in (50, 95)}
    drawn = chart.lines("A query's time by the chunks in the index", [one.chunks for one in grown], series, "ms")
    return Table(f"Growth, n={len(queries)} queries each, vectors of copies synthetic", heads, rows), drawn


def _first(answers: Answers) -> dict[str, dict[str, Figure]]:
    return {
        f"{name} (n={len(next(iter(by_title.values())))})": {
            title: figures(given)["success@1"] for title, given in by_title.items()
        }
        for name, by_title in answers.items()
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument(
        "--cache", type=Path, help="keep embeddings here between runs; ingest is then faster than it is"
    )
    parser.add_argument("--only", choices=("quality", "growth"), help="leave out the other part")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many times over the corpus is taken")
    chosen = parser.parse_args()
    spec = embedding_model(BUNDLED)
    model = SentenceEmbedder(spec)
    with tempfile.TemporaryDirectory() as folder:
        kept = CachedEmbedder(spec.fingerprint, lambda: model, VectorCache((chosen.cache or Path(folder)) / "v.db"))
        with closing(kept):
            embedder = Fresh(kept, model)
            corpus = Corpus.at(chosen.corpus)
            RESULTS.mkdir(parents=True, exist_ok=True)
            if chosen.only != "growth":
                parts = _measured(corpus, embedder, chosen.corpus / "golden", Path(folder))
                (RESULTS / "retrieval.md").write_text("\n".join(parts), encoding="utf-8")
            if chosen.only != "quality":
                grown = NoisyEmbedder(kept, model)
                table, drawn = growth(corpus, grown, chosen.corpus / "golden", sorted(chosen.sizes))
                (RESULTS / "growth.svg").write_text(drawn, encoding="utf-8")
                (RESULTS / "growth.md").write_text(_grown(table), encoding="utf-8")


def _grown(table: Table) -> str:
    return (
        f"# How retrieval grows\n\nThe public corpus again and again, exact search in this process. {os.cpu_count()} "
        f"processors, load {os.getloadavg()[0]:.1f} when it ended: the processor's time comes nearer to what a "
        f"quiet machine takes.\n\n{show(table)}\n![How a query's time grows](growth.svg)\n"
    )


def _measured(corpus: Corpus, embedder: Embedder, golden: Path, folder: Path) -> list[str]:
    load = os.getloadavg()[0]
    mine, search = ours(corpus, embedder, folder)
    built = {
        "BM25 by document": bm25_by_document(corpus),
        "LangChain recipe": langchain_recipe(corpus, embedder),
        "heading + hybrid .5": heading_hybrid(corpus, embedder),
        OURS: mine,
    }
    answers = asked(built, {name: cases(golden, name) for name in SETS})
    drawn = chart.bars("Right document first (success@1), with 95 % intervals", _first(answers))
    (RESULTS / "retrieval.svg").write_text(drawn, encoding="utf-8")
    return [
        f"# Retrieval\n\n{len(corpus.documents)} documents, {len(corpus.chunks)} chunks of ours. {os.cpu_count()} "
        f"processors, load {load:.1f} when it began. Times of ours are of both lists, query embedded, model loaded.\n",
        "![Right document first](retrieval.svg)\n",
        *(show(table) for table in (quality(answers), ahead(answers), costs(answers, built), floors(search, golden))),
    ]


if __name__ == "__main__":
    main()
