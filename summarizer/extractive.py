"""The extractive rung: what the documents say, word for word, with no model. It is the product's default.

Every claim is a quote: `claim.text` is exactly the document's text at its citation, and so is each command.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.alert import Incident
from domain.document import DocumentMeta, Evidence, Hit
from domain.summary import Claim, Command, Rung, Section, Summary
from summarizer.blocks_of import blocks_of
from summarizer.explain import impact, meaning
from summarizer.gather import steps_in
from summarizer.limits import CLAIM_OVERHEAD, COMMAND_OVERHEAD, Budget
from summarizer.packing import lead_of
from summarizer.past import past_of
from summarizer.sections import Section as Part
from summarizer.sections import scoped, sections_of
from summarizer.source import Source, Span
from summarizer.steps import POINTER, VAGUE, Step, chosen
from summarizer.titles import WEAK, Topic

_ORDER = list(Section)
_DEFAULT = Budget()
_ENOUGH = 2
"""So many steps from the clearest parts, and the less clear ones are not asked."""


def extract(incident: Incident, evidence: Evidence, budget: Budget = _DEFAULT) -> Summary:
    """Quote what the evidence says of an incident: what it means, the impact, what to do first, the last time.

    Without a runbook nothing is said of meaning, impact or steps, and `nearest` names the closest documents.
    Nothing is cut: a claim that does not fit the budget is left out whole.
    """
    runbook = lead_of(evidence.runbooks)
    past = lead_of(evidence.postmortems)
    told = _of_runbook(incident, Source.of(runbook), budget) if runbook else _Told()
    last_time = _of_past(Source.of(past)) if past else ()
    ranked = [*told.first, *last_time, *told.second]
    claims = _fitting(ranked, budget)
    kept = [claim for claim in (*told.all, *last_time) if claim in claims]
    kept.sort(key=lambda claim: _ORDER.index(claim.section))
    return Summary(
        rung=Rung.EXTRACTIVE,
        claims=tuple(kept),
        sources=_sources(kept, [hit.meta for hit in (runbook, past) if hit], runbook),
        nearest=() if evidence.runbooks else evidence.nearest,
    )


class _Told:
    """What a runbook says, in its order, and divided into what comes first and what fills the rest."""

    def __init__(self, means: Claim | None = None, hurts: Claim | None = None, steps: Sequence[Claim] = ()) -> None:
        self.first = [*([means] if means else []), *steps[:3]]
        self.second = [*([hurts] if hurts else []), *steps[3:]]
        self.all = [claim for claim in (means, hurts, *steps) if claim]


def _of_runbook(incident: Incident, source: Source, budget: Budget) -> _Told:
    lead = incident.lead.name
    names = list(dict.fromkeys([lead, *(alert.name for alert in incident.alerts)]))
    part = scoped(source, blocks_of(source.text), [name for name in names if name])
    sections = sections_of(source.text, part)
    means, hurts = meaning(source, sections), impact(source, sections)
    steps = [
        step for step in _steps(source, sections) if not _inside(step.span, means) and not _inside(step.span, hurts)
    ]
    claims = [_step(source, step) for step in chosen(steps, budget.steps)]
    return _Told(
        _quote(source, Section.MEANING, means) if means else None,
        _quote(source, Section.IMPACT, hurts) if hurts and hurts != means else None,
        claims,
    )


def _steps(source: Source, sections: Sequence[Part]) -> list[Step]:
    """The steps of the parts that are named for them; else of those that sound like it; else orders elsewhere."""
    titled = [section for section in sections if section.topic in {Topic.DIAGNOSIS, Topic.FIX}]
    found: list[Step] = []
    for parts in ([section for section in titled if section.weight > WEAK], titled):
        found = steps_in(source, parts)
        if sum(step.rank < VAGUE for step in found) >= _ENOUGH:
            return found
    if any(step.rank < VAGUE for step in found):
        return found
    others = [section for section in sections if section.topic in {Topic.NONE, Topic.MEANING}]
    orders = [step for step in steps_in(source, others, strict=True) if step.rank < VAGUE]
    return orders or found or [step for step in steps_in(source, others) if step.rank == POINTER]


def _inside(span: Span, other: Span | None) -> bool:
    return other is not None and other[0] <= span[0] and span[1] <= other[1]


def _of_past(source: Source) -> tuple[Claim, ...]:
    return tuple(_quote(source, Section.PAST, span, label) for label, span in past_of(source))


def _quote(source: Source, section: Section, span: Span, label: str = "") -> Claim:
    return Claim(section, source.quote(span), (source.cite(span),), label=label)


def _step(source: Source, step: Step) -> Claim:
    return Claim(
        Section.STEP,
        source.quote(step.span),
        (source.cite(step.span),),
        commands=tuple(Command(source.quote(span), source.cite(span)) for span in step.commands),
        label=source.quote(step.condition) if step.condition else "",
        destructive=step.destructive,
    )


def _fitting(ranked: Sequence[Claim], budget: Budget) -> list[Claim]:
    """Keep the claims that fit, the most important first; a smaller one may still fit after a larger did not."""
    kept: list[Claim] = []
    lines = characters = 0
    for claim in ranked:
        more_lines, more_characters = size(claim)
        if lines + more_lines <= budget.lines and characters + more_characters <= budget.characters:
            kept.append(claim)
            lines, characters = lines + more_lines, characters + more_characters
    return kept


def size(claim: Claim) -> tuple[int, int]:
    """Return the lines and characters that a claim takes in a message."""
    lines = 1 + sum(command.text.count("\n") + 1 for command in claim.commands)
    characters = len(claim.text) + len(claim.label) + CLAIM_OVERHEAD
    return lines, characters + sum(len(command.text) + COMMAND_OVERHEAD for command in claim.commands)


def _sources(claims: Sequence[Claim], found: Sequence[DocumentMeta], runbook: Hit | None) -> tuple[DocumentMeta, ...]:
    """The documents that are cited, the runbook always; when nothing could be quoted, all that were found."""
    cited = {citation.document_id for claim in claims for citation in claim.citations}
    always = {runbook.meta.id} if runbook else {meta.id for meta in found if not claims}
    return tuple(meta for meta in found if meta.id in cited | always or not claims)
