"""Figures of some of the cases: by tag, source, audience, and age of the expected document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from golden_queries.recall import Outcome, Report

_AGES = ((180, "under 6 months"), (730, "6 to 24 months"))
OLDER, UNDATED, UNTAGGED, UNANSWERABLE = "over 24 months", "undated", "untagged", "unanswerable"

Split = Callable[[Outcome], Iterable[str]]


def slices(report: Report, dates: Mapping[str, date | None], today: date) -> dict[str, dict[str, Any]]:
    """Return the figures of every slice, as in `Report.as_json`, each with its own n.

    `dates` says when each document was last written or reviewed. A case with two tags counts in both slices.
    """
    splits: dict[str, Split] = {
        "tag": lambda outcome: outcome.case.tags or (UNTAGGED,),
        "source": lambda outcome: sorted({doc.split("/", 1)[0] for doc in outcome.case.expected}) or (UNANSWERABLE,),
        "audience": lambda outcome: ("+".join(sorted(outcome.case.groups)) or "nobody",),
        "age": partial(_age, dates=dates, today=today),
    }
    return {name: _figures(report, split) for name, split in splits.items()}


def _figures(report: Report, split: Split) -> dict[str, Any]:
    parts: dict[str, list[Outcome]] = {}
    for outcome in report.outcomes:
        for name in dict.fromkeys(split(outcome)):
            parts.setdefault(name, []).append(outcome)
    return {name: _slice(replace(report, outcomes=tuple(parts[name]))) for name in sorted(parts)}


def _slice(report: Report) -> dict[str, Any]:
    content = report.as_json()
    return {name: value for name, value in content.items() if name not in ("snapshot", "queries")}


def _age(outcome: Outcome, dates: Mapping[str, date | None], today: date) -> tuple[str]:
    """Return the age of the newest expected document."""
    if not outcome.case.answerable:
        return (UNANSWERABLE,)
    known = [day for day in (dates.get(doc) for doc in outcome.case.expected) if day is not None]
    if not known:
        return (UNDATED,)
    days = (today - max(known)).days
    return (next((name for most, name in _AGES if days <= most), OLDER),)
