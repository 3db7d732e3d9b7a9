"""Lines of runbooks that only sound like instructions to a model: none of them is dropped, on any rung.

A filter that looks for "ignore the previous …" would take them from the people who need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.extractive import hit_of, incident_of
from domain.document import Document, DocumentMeta, Evidence, Kind
from summarizer.draft import ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.guard import Frame, judge
from summarizer.packing import pack
from worker.redaction.redactor import redact

LINES = (Path(__file__).parents[2] / "data" / "innocent_lines.txt").read_text(encoding="utf-8").splitlines()
STEPS = """# OrdersDbSlow

## Meaning

The orders database answers slowly.

## Mitigation

1. Look at the slow query log of the orders database.
2. {}
3. Restart the connection pooler of the orders database.
"""
PROSE = """# OrdersDbSlow

## Meaning

{} The orders database answers slowly.

## Mitigation

1. Look at the slow query log of the orders database.
"""


@dataclass(frozen=True)
class Page:
    """A runbook with one line in it, found for its alert."""

    text: str

    @property
    def evidence(self) -> Evidence:
        meta = DocumentMeta("r/x.md", "r", "x.md", Kind.RUNBOOK, "Orders database is slow", frozenset({"everyone"}))
        return Evidence(runbooks=(hit_of(Document(meta, redact(self.text)), "orders db slow"),))


INCIDENT = incident_of("OrdersDbSlow", "The orders database is slow")


def shown(evidence: Evidence) -> str:
    return "\n".join(" ".join(claim.text.split()) for claim in extract(INCIDENT, evidence).claims)


def test_there_are_enough_of_them() -> None:
    assert len(set(LINES)) >= 80


@pytest.mark.parametrize("page", [STEPS, PROSE], ids=["step", "prose"])
def test_none_is_missing_from_what_is_quoted_word_for_word(page: str) -> None:
    assert [line for line in LINES if line not in shown(Page(page.format(line)).evidence)] == []


@pytest.mark.parametrize("section", ["step", "meaning"])
def test_none_is_dropped_where_a_model_quotes_it(section: str) -> None:
    dropped = []
    for line in LINES:
        given = pack(Page(STEPS.format(line)).evidence, 4000, lambda _, text: len(text) // 3, local=True)
        cited = [each.number for each in given if line in each.text]
        claim = ClaimDraft.model_validate({"section": section, "text": line, "citations": cited, "command": None})
        verdict = judge(Draft(claims=[claim]), Frame(given, "OrdersDbSlow", "0123456789abcdef", redact))
        dropped += [f"{each.reason}: {line}" for each in verdict.dropped]
    assert dropped == []
