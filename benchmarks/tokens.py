"""Tokens of what a model is shown against "stuff the top five chunks", and how much of what on-call needs either holds.

    python -m benchmarks.tokens CORPUS     printed and written to benchmarks/results/tokens.md

Both are made from one search of the development sets, without `runbook_url`; instructions and alert are the same and
not counted. What on-call needs of an expected runbook is taken from its text by plain rules that packing does not know:
the first sentence under each heading that names meaning, impact, diagnosis or mitigation, and each line of its shell
blocks; of a postmortem the first sentence of summary, cause and resolution. Three bytes are counted as a token, as
packing counts them itself; a chunk is stuffed under its title and headings, without any fence. The floor is lifted from
the list that is asked, so that both are made from the same finds.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import ALL, SETS, Case, Corpus, OpenToAll, cases
from benchmarks.tables import Table, show
from domain.document import Chunk, Document, Evidence, Kind
from retrieval.edge import EdgeIndex
from retrieval.embed import BUNDLED, CachedEmbedder, VectorCache, embedding_model
from retrieval.finder import Finder
from retrieval.indexer import Indexer
from retrieval.search import Search
from retrieval.sentence_model import SentenceEmbedder
from summarizer.packing import estimate, pack
from summarizer.prompt import template

RESULTS = Path(__file__).parent / "results" / "tokens.md"
STUFFED = 5
HEADS = ("set", "n", "tokens, stuffed", "tokens, packed", "share", "facts", "told, stuffed", "told, packed")
_SECTION = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_NEEDED = {
    Kind.RUNBOOK: re.compile(r"meaning|impact|diagnos|mitigat|resol|troubleshoot|fix", re.IGNORECASE),
    Kind.POSTMORTEM: re.compile(r"summary|root cause|resolution|cause", re.IGNORECASE),
}
_SHELL = re.compile(r"^[ \t]*```(?:shell|bash|sh|console)\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_FENCE = "[[3f9c1a7be02d4856 passage 1 runbook]]\n{}\n[[3f9c1a7be02d4856 end]]"


@dataclass(frozen=True, slots=True)
class Measured:
    """One query: what either prompt takes, and how many of the facts each holds."""

    stuffed: int
    packed: int
    facts: int
    told_stuffed: int
    told_packed: int


def facts_of(document: Document) -> list[str]:
    """Return what a reader of a document needs to be told, each as it stands there on one line."""
    found: list[str] = []
    cuts = [*_SECTION.finditer(document.text)]
    for number, head in enumerate(cuts):
        end = cuts[number + 1].start() if number + 1 < len(cuts) else len(document.text)
        body = _SHELL.sub("", document.text[head.end() : end])
        if _NEEDED[document.meta.kind].search(head[1]):
            first = re.split(r"(?<=[.!?])\s|\n\s*\n|\n\s*[-*] |\n\d+\. ", body.strip(), maxsplit=1)[0]
            found += [flat(first)] if len(first.split()) > 3 and not first.startswith(("!", "<", "|", "```")) else []
    if document.meta.kind is Kind.RUNBOOK:
        lines = (line.strip() for block in _SHELL.findall(document.text) for line in block.splitlines())
        found += [flat(line.removeprefix("$ ")) for line in lines if line and not line.startswith("#")]
    return list(dict.fromkeys(found))


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def measured(case: Case, search: Search, documents: dict[str, Document]) -> Measured:
    """Make both contexts for one query."""
    ranking = search.ranking(case.query, ALL)
    hits = [*ranking.runbooks, *ranking.postmortems]
    chunks = sorted(
        (passage for hit in hits for passage in hit.passages), key=lambda passage: (-passage.score, passage.chunk.id)
    )
    stuffed = "\n\n".join(f"{each.chunk.breadcrumb}\n{each.chunk.text.strip()}" for each in chunks[:STUFFED])
    floors, asked = ranking.floors, case.kind
    evidence = Evidence(
        tuple(hit for hit in ranking.runbooks[:3] if asked is Kind.RUNBOOK or hit.score >= floors.runbook),
        tuple(hit for hit in ranking.postmortems[:1] if asked is Kind.POSTMORTEM or hit.score >= floors.postmortem),
    )
    given = pack(evidence, 4000, lambda chunk, text: estimate(_shown(chunk, text)), local=True)
    packed = "\n\n".join(_shown(each.chunk, each.text) for each in given)
    told = flat("\n\n".join(each.text for each in given))
    facts = [fact for name in sorted(case.expected) if name in documents for fact in facts_of(documents[name])]
    return Measured(
        estimate(stuffed),
        estimate(packed),
        len(facts),
        sum(fact in flat(stuffed) for fact in facts),
        sum(fact in told for fact in facts),
    )


def _shown(chunk: Chunk, text: str) -> str:
    mark = template().mark
    return _FENCE.format("\n".join(mark + line for line in f"{chunk.breadcrumb}\n---\n{text}".split("\n")))


def table(corpus: Corpus, search: Search, golden: Path) -> list[list[str]]:
    """Return a row for each set."""
    documents = {document.meta.id: document for document in corpus.documents}
    rows = []
    for name in SETS:
        found = [measured(case, search, documents) for case in cases(golden, name)]
        before, after = sum(each.stuffed for each in found), sum(each.packed for each in found)
        facts = sum(each.facts for each in found)
        told = (sum(each.told_stuffed for each in found), sum(each.told_packed for each in found))
        n = len(found)
        shares = [f"{each}/{facts} = {each / max(facts, 1):.3f}" for each in told]
        rows.append(
            [name, str(n), f"{before / n:.0f}", f"{after / n:.0f}", f"{after / before:.3f}", str(facts), *shares]
        )
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cache", type=Path, help="keep embeddings in this folder between runs")
    chosen = parser.parse_args()
    model = embedding_model(BUNDLED)
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache((chosen.cache or Path(folder)) / "vectors.db")
        embedder = CachedEmbedder(model.fingerprint, lambda: SentenceEmbedder(model), cache)
        with closing(EdgeIndex(Path(folder))) as index, closing(embedder):
            corpus = Corpus.at(chosen.corpus)
            Indexer(index, embedder).build("benchmark", corpus.chunks)
            search = Search(Finder(index, embedder), OpenToAll(), lambda: "benchmark", lambda text: text)
            shown = show(Table("Tokens of a prompt", HEADS, table(corpus, search, chosen.corpus / "golden")))
    form = template()
    fixed = estimate(form.system + form.user)
    counted = f"Tokens are those of the passages with their fences; instructions take {fixed} more on either side.\n"
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(f"# Tokens\n\n{shown}\n{counted}", encoding="utf-8")


if __name__ == "__main__":
    main()
