"""Two or more models, or versions of the prompt, over the same runs: what each keeps, covers, costs and takes. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.alert import Incident, Status
from domain.document import Evidence
from domain.summary import Rung
from golden_queries.cases import Case
from worker.decide import Decision
from worker.recording import Recording
from worker.replay.variants import Variant
from worker.slack.card import headings_of

ROWS = (
    ("runs", "runs"), ("improved", "improved by the model"), ("abstained", "share left word for word"),
    ("kept", "model's claims kept"), ("dropped", "claims dropped"), ("kept_share", "share of claims kept"),
    ("facts", "required facts"), ("covered", "share of facts mentioned"), ("said_forbidden", "said what it must not"),
    ("usd", "US dollars"), ("usd_per_run", "US dollars a run"), ("unknown_cost", "calls of unknown cost"),
    ("input_tokens", "tokens in"), ("output_tokens", "tokens out"), ("p50_s", "seconds, median"),
    ("p95_s", "seconds, 95 %"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """A run to tell again, what must be mentioned, and what must not be said. Facts are compared without case."""

    recording: Recording
    facts: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """What one variant came to, over all trials."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    missed: tuple[tuple[str, str], ...] = ()
    """(trial, fact that was not mentioned)."""


def trial_of(case: Case, incident: Incident, evidence: Evidence) -> Trial:
    """Return a golden case as a trial: its incident with what its audience was given."""
    recording = Recording(
        run_id=case.id,
        at=incident.opened_at,
        incident=incident,
        channel_id="golden",
        audience=case.audience,
        decision=Decision.NEW,
        evidence=evidence,
        headings=headings_of(evidence),
    )
    return Trial(recording, case.facts, case.must_not_say)


def incident_of(case: Case) -> Incident | None:
    """Return the incident of a case's alert, None where it asks a free question."""
    if case.alert is None:
        return None
    return Incident(case.id, "golden", case.id, Status.FIRING, case.alert.starts_at, None, 1, (case.alert,))


def judged(name: str, told: Sequence[tuple[Trial, Variant]]) -> Column:
    """Return the figures of one variant."""
    texts = [_plain(variant.message.text) for _, variant in told]
    facts = [(trial, fact, text) for (trial, _), text in zip(told, texts, strict=True) for fact in trial.facts]
    missed = tuple((trial.recording.run_id, fact) for trial, fact, text in facts if _plain(fact) not in text)
    figures = _counted([variant for _, variant in told])
    figures["facts"] = len(facts)
    figures["covered"] = _share(len(facts) - len(missed), len(facts))
    figures["said_forbidden"] = sum(
        _plain(words) in text for (trial, _), text in zip(told, texts, strict=True) for words in trial.must_not_say
    )
    return Column(name, figures, missed)


def _counted(variants: Sequence[Variant]) -> dict[str, Any]:
    improved = [
        each for each in variants if each.attempt.summary is not None and each.attempt.summary.rung != Rung.LINKS
    ]
    kept, dropped = sum(each.kept for each in improved), sum(len(each.attempt.dropped) for each in variants)
    usages = [each.attempt.usage for each in variants if each.attempt.usage is not None]
    costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
    usd = float(sum(costs, Decimal(0))) if len(costs) == len(usages) else None
    seconds = sorted(each.seconds for each in variants)
    return {
        "runs": len(variants),
        "improved": len(improved),
        "abstained": _share(len(variants) - len(improved), len(variants)),
        "kept": kept,
        "dropped": dropped,
        "kept_share": _share(kept, kept + dropped),
        "usd": usd,
        "usd_per_run": usd / len(variants) if usd is not None and variants else None,
        "unknown_cost": len(usages) - len(costs),
        "input_tokens": sum(usage.input_tokens for usage in usages),
        "output_tokens": sum(usage.output_tokens for usage in usages),
        "p50_s": round(statistics.median(seconds), 3) if seconds else None,
        "p95_s": round(seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))], 3) if seconds else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("`", "").split())


def as_rows(columns: Sequence[Column]) -> list[list[str]]:
    """Return a row for each figure: its name, then its value for each variant; unknown is said so."""
    return [[words, *(_cell(name, column.figures[name]) for column in columns)] for name, words in ROWS]


def as_markdown(columns: Sequence[Column]) -> str:
    """Return the table in Markdown."""
    head = ["", *(column.name for column in columns)]
    rows = [head, ["---"] * len(head), *as_rows(columns)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "unknown" if name.startswith("usd") else "-"
    if name in ("usd", "usd_per_run"):
        return f"{value:.6f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
