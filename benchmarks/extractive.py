"""Measure the extractive rung on real runbooks and postmortems, or print its messages for reading.

    python -m benchmarks.extractive CORPUS             rates, printed and written to benchmarks/results/extractive.md
    python -m benchmarks.extractive CORPUS --read 30   thirty messages, spread over the corpus
    python -m benchmarks.extractive CORPUS --past      what is printed of every postmortem

CORPUS holds `runbooks/`, `postmortems/` and `golden/dev.jsonl` (alerts with the runbook each should find). Each
alert is given its expected runbook directly, so that this measures extraction and not retrieval.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.alert import Alert, Incident, Status
from domain.document import Document, DocumentMeta, Evidence, Hit, Kind, Passage
from domain.summary import Claim, Section, Summary
from ingest.chunking import chunk
from summarizer.extractive import extract, size
from summarizer.limits import MAX_CLAIM_CHARACTERS, MAX_CLAIM_LINES
from summarizer.phrases import destroys, is_placeholder

RESULTS = Path(__file__).parent / "results" / "extractive.md"
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One alert, the document it should be answered from, and the summary."""

    name: str
    document: Document
    summary: Summary
    seconds: float


def document_of(path: Path, root: Path, kind: Kind) -> Document:
    """Read one file as a document that everyone may read."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    relative = path.relative_to(root).as_posix()
    title = re.sub(r"[-_]", " ", path.stem)
    meta = DocumentMeta(f"corpus/{relative}", "corpus", relative, kind, title, frozenset({"everyone"}))
    return Document(meta, text)


def hit_of(document: Document, words: str) -> Hit:
    """Make a hit of a document; a passage scores by the share of the alert's words it holds."""
    asked = set(re.findall(r"[a-z]{3,}", words.lower()))
    passages = []
    for piece in chunk(document):
        held = set(re.findall(r"[a-z]{3,}", f"{piece.breadcrumb} {piece.text}".lower()))
        passages.append(Passage(piece, len(asked & held) / max(len(asked), 1)))
    return Hit(document.meta, max((passage.score for passage in passages), default=0.0), tuple(passages))


def incident_of(name: str, summary: str) -> Incident:
    """Make an incident of one alert."""
    alert = Alert("0", Status.FIRING, {"alertname": name} if name else {}, {"summary": summary}, _START)
    return Incident("0", "alertmanager", "0", Status.FIRING, _START, None, 1, (alert,))


def cases_of(corpus: Path) -> list[Case]:
    """Summarize every alert of the corpus whose runbook is known, each runbook once for each alert."""
    cases = []
    for line in (corpus / "golden" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        labels, annotations = case["alert"]["labels"], case["alert"]["annotations"]
        document = document_of(corpus / case["expected"][0], corpus, Kind.RUNBOOK)
        words = " ".join([re.sub(r"(?<=[a-z])(?=[A-Z])", " ", labels["alertname"]), *annotations.values()])
        incident = incident_of(labels["alertname"], annotations.get("summary", ""))
        evidence = Evidence(runbooks=(hit_of(document, words),))
        began = time.perf_counter()
        cases.append(Case(labels["alertname"], document, extract(incident, evidence), time.perf_counter() - began))
    return cases


def pasts_of(corpus: Path) -> list[Case]:
    """Summarize an alert with each postmortem as the only evidence."""
    cases = []
    for path in sorted((corpus / "postmortems").rglob("*.md")):
        document = document_of(path, corpus, Kind.POSTMORTEM)
        evidence = Evidence(postmortems=(hit_of(document, ""),))
        began = time.perf_counter()
        summary = extract(incident_of("Any", ""), evidence)
        cases.append(Case(document.meta.path, document, summary, time.perf_counter() - began))
    return cases


def faults(case: Case) -> list[str]:
    """Name every promise that a summary breaks."""
    found = []
    for claim in case.summary.claims:
        for text, citation in [
            (claim.text, claim.citations[0]),
            *((each.text, each.citation) for each in claim.commands),
        ]:
            if case.document.text[citation.start : citation.end] != text:
                found.append("not word for word")
            if is_placeholder(text):
                found.append("a placeholder")
        everything = " ".join([claim.text, *(command.text for command in claim.commands)])
        if claim.section is Section.STEP and destroys(everything) and not claim.destructive:
            found.append("destructive and unmarked")
        if claim.commands and not claim.text.strip():
            found.append("a command without its sentence")
    lines, characters = zip(*map(size, case.summary.claims), strict=True) if case.summary.claims else ((0,), (0,))
    if sum(lines) > MAX_CLAIM_LINES or sum(characters) > MAX_CLAIM_CHARACTERS:
        found.append("over budget")
    return found


def printed(case: Case) -> str:
    """Show a summary as plain text, for reading."""
    lines = [f"=== {case.name} ({case.document.meta.path})"]
    for claim in case.summary.claims:
        lines.append(_line(claim))
        lines.extend("        $ " + line for command in claim.commands for line in command.text.splitlines())
    return "\n".join(lines)


def _line(claim: Claim) -> str:
    mark = "! " if claim.destructive else ""
    label = f"[{claim.label}] " if claim.label else ""
    return f"  {claim.section.value:8}{mark}{label}{' '.join(claim.text.split())}"


def table(corpus: Path) -> str:
    """Return the rates as Markdown."""
    cases, pasts = cases_of(corpus), pasts_of(corpus)
    every = [*cases, *pasts]
    with_meaning = sum(bool(case.summary.of(Section.MEANING)) for case in cases)
    with_step = sum(bool(case.summary.of(Section.STEP)) for case in cases)
    with_impact = sum(bool(case.summary.of(Section.IMPACT)) for case in cases)
    labels = [claim.label for case in pasts for claim in case.summary.of(Section.PAST)]
    broken = [fault for case in every for fault in faults(case)]
    lengths = sorted(sum(size(claim)[1] for claim in case.summary.claims) for case in cases)
    slowest = max(case.seconds for case in every)
    rows = [
        ("alerts whose runbook is known", str(len(cases))),
        ("meaning shown", f"{with_meaning}/{len(cases)} = {with_meaning / len(cases):.3f}"),
        ("impact shown", f"{with_impact}/{len(cases)} = {with_impact / len(cases):.3f}"),
        ("at least one step", f"{with_step}/{len(cases)} = {with_step / len(cases):.3f}"),
        ("postmortems", str(len(pasts))),
        *((f"printed as {label}", str(labels.count(label))) for label in ("cause", "fix", "duration", "summary")),
        ("broken promises", str(len(broken)) + (f" ({', '.join(sorted(set(broken)))})" if broken else "")),
        ("characters of claims, median and most", f"{lengths[len(lengths) // 2]}, {lengths[-1]}"),
        ("slowest summary", f"{slowest * 1000:.0f} ms"),
    ]
    return "\n".join(["| measure | result |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--read", type=int, default=0, metavar="N", help="print N messages instead")
    parser.add_argument("--past", action="store_true", help="print what is said of every postmortem instead")
    chosen = parser.parse_args()
    if chosen.read or chosen.past:
        cases = pasts_of(chosen.corpus) if chosen.past else cases_of(chosen.corpus)
        step = 1 if chosen.past else max(len(cases) // chosen.read, 1)
        print("\n".join(printed(case) for case in cases[::step]))
        return
    result = table(chosen.corpus)
    print(result)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(f"# The extractive rung on public runbooks and postmortems\n\n{result}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
