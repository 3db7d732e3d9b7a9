"""A document as a search finds it, cut into passages as an index would: gaps are blank lines or front matter."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from domain.alert import Alert, Incident, Status
from domain.document import Chunk, DocumentMeta, Evidence, Hit, Kind, Passage
from domain.summary import Claim, Section, Summary
from summarizer.extractive import extract

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_PIECE = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")


def page(text: str, *, name: str = "runbook", kind: Kind = Kind.RUNBOOK, likes: str = "") -> Hit:
    """Return a hit whose passages are the text's paragraphs; one that holds `likes` scores 1, the others 0.1."""
    meta = DocumentMeta(f"wiki/{name}.md", "wiki", f"{name}.md", kind, name, frozenset({"everyone"}))
    front = _FRONT_MATTER.match(text)
    passages = []
    for number, piece in enumerate(_PIECE.finditer(text, front.end() if front else 0)):
        chunk = Chunk(f"{name}-{number}", meta, number, piece.start(), piece.end(), piece.group())
        passages.append(Passage(chunk, 1.0 if likes and likes in piece.group() else 0.1))
    return Hit(meta, 0.9, tuple(passages))


def pinned(hit: Hit) -> Hit:
    """Return the hit as one that the alert itself names."""
    return replace(hit, pinned=True)


def incident(name: str = "QueueBacklog", *others: str) -> Incident:
    """Return an incident of one firing alert for each name."""
    alerts = tuple(
        Alert(str(number), Status.FIRING, {"alertname": each} if each else {}, {}, NOW)
        for number, each in enumerate((name, *others))
    )
    return Incident("i1", "alertmanager", "g1", Status.FIRING, NOW, None, 1, alerts)


def told(text: str, name: str = "QueueBacklog", likes: str = "") -> Summary:
    """Return what is told of an alert from one runbook, after checking every quote against the text."""
    summary = extract(incident(name), Evidence(runbooks=(page(text, likes=likes),)))
    verbatim(summary, text)
    return summary


def last_time(text: str) -> dict[str, str]:
    """Return what is told of a postmortem, by label, after checking every quote against the text."""
    hit = page(text, name="outage", kind=Kind.POSTMORTEM)
    summary = extract(incident(), Evidence(postmortems=(hit,)))
    verbatim(summary, text)
    return {claim.label: flat(claim.text) for claim in summary.of(Section.PAST)}


def verbatim(summary: Summary, text: str) -> None:
    """Assert that every claim and every command is exactly the text at its citation."""
    for claim in summary.claims:
        assert claim.text == text[claim.citations[0].start : claim.citations[0].end]
        for command in claim.commands:
            assert command.text == text[command.citation.start : command.citation.end]


def flat(text: str) -> str:
    """Return a quote on one line."""
    return " ".join(text.split())


def meaning(summary: Summary) -> str:
    """Return the meaning that is told, or ""."""
    return " ".join(flat(claim.text) for claim in summary.of(Section.MEANING))


def impact(summary: Summary) -> str:
    """Return the impact that is told, or ""."""
    return " ".join(flat(claim.text) for claim in summary.of(Section.IMPACT))


def steps(summary: Summary) -> list[str]:
    """Return the steps that are told, in order."""
    return [flat(claim.text) for claim in summary.of(Section.STEP)]


def commands(summary: Summary) -> list[str]:
    """Return every command that is told, in order."""
    return [command.text for claim in summary.of(Section.STEP) for command in claim.commands]


def step(summary: Summary, beginning: str) -> Claim:
    """Return the one step that begins with these words."""
    (found,) = [claim for claim in summary.of(Section.STEP) if flat(claim.text).startswith(beginning)]
    return found
