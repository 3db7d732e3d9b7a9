"""The extractive rung on real runbooks and postmortems: every promise kept, and enough of them answered."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from domain.document import Document, DocumentMeta, Evidence, Hit, Kind, Passage
from domain.summary import Section, Summary
from ingest.chunking import chunk
from summarizer.extractive import extract, size
from summarizer.limits import MAX_CLAIM_CHARACTERS, MAX_CLAIM_LINES
from tests.pages import incident

HERE = Path(__file__).parents[4]
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or HERE / "shared")  # noqa: TID251 - where the public data lies
CORPUS = SHARED / "corpus"
UNWRITTEN = re.compile(r"\b(?:TODO|FIXME|TBD)\b|\{\{<|!\[")
DANGER = re.compile(
    r"\b(?:delete|deleting|rm|drop the|truncate|drain|reboot the|kill -|restart the|rollback|roll back|terminate the"
    r"|purge|failover|flush|rollout restart|mkfs|force)\b",
    re.IGNORECASE,
)
PROMPT_OR_OUTPUT = re.compile(r"^(?:\$ |# |> |NAME\s|NAMESPACE\s)", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the public corpus is not here; set MIDDLEWATCH_TEST_SHARED"
)


def read(path: Path, kind: Kind) -> Document:
    name = path.relative_to(CORPUS).as_posix()
    meta = DocumentMeta(name, "corpus", name, kind, path.stem, frozenset({"everyone"}))
    return Document(meta, path.read_bytes().decode())


def hit(document: Document) -> Hit:
    return Hit(document.meta, 1.0, tuple(Passage(piece, 1.0 / (1 + piece.ordinal)) for piece in chunk(document)))


def answers() -> list[tuple[Document, Summary]]:
    found = []
    for line in (CORPUS / "golden" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        document = read(CORPUS / case["expected"][0], Kind.RUNBOOK)
        name = case["alert"]["labels"]["alertname"]
        found.append((document, extract(incident(name), Evidence(runbooks=(hit(document),)))))
    return found


def pasts() -> list[tuple[Document, Summary]]:
    documents = [read(path, Kind.POSTMORTEM) for path in sorted((CORPUS / "postmortems").rglob("*.md"))]
    return [(document, extract(incident(), Evidence(postmortems=(hit(document),)))) for document in documents]


def test_meaning_and_a_first_step_are_told_for_nearly_every_alert() -> None:
    every = answers()
    meanings = sum(bool(summary.of(Section.MEANING)) for _, summary in every)
    stepped = sum(bool(summary.of(Section.STEP)) for _, summary in every)
    assert meanings / len(every) >= 0.97
    assert stepped / len(every) >= 0.93


def test_every_quote_stands_in_its_document_and_every_message_fits() -> None:
    for document, summary in [*answers(), *pasts()]:
        for claim in summary.claims:
            assert claim.text == document.text[claim.citations[0].start : claim.citations[0].end]
            assert not UNWRITTEN.search(claim.text), document.meta.id
            for command in claim.commands:
                assert command.text == document.text[command.citation.start : command.citation.end]
                assert not PROMPT_OR_OUTPUT.search(command.text), document.meta.id
        sizes = [size(claim) for claim in summary.claims]
        assert sum(lines for lines, _ in sizes) <= MAX_CLAIM_LINES
        assert sum(characters for _, characters in sizes) <= MAX_CLAIM_CHARACTERS
        assert summary.sources


def test_no_destructive_step_goes_unmarked() -> None:
    for document, summary in answers():
        for claim in summary.of(Section.STEP):
            words = " ".join([claim.text, *(command.text for command in claim.commands)])
            assert claim.destructive or not DANGER.search(words), (document.meta.id, claim.text)


def test_every_postmortem_tells_something_and_only_labelled_ones_a_cause() -> None:
    for document, summary in pasts():
        assert summary.of(Section.PAST), document.meta.id
        labels = {claim.label for claim in summary.of(Section.PAST)}
        titled = re.search(
            r"^#+.*\b(?:root causes?|cause|trigger|fault)\b", document.text, re.IGNORECASE | re.MULTILINE
        )
        assert "cause" not in labels or titled, document.meta.id
