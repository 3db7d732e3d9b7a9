"""Joins the model's surviving claims with the extractive ones, so that nothing that on-call needs is lost.

A section with surviving claims replaces the extractive one; every other section stays word for word. Three things stay
in any case: a command that the model left out, the runbook's own order, and labelled facts of a past incident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from domain.document import DocumentMeta, Evidence
from domain.summary import Claim, Command, Section
from summarizer.extractive import size
from summarizer.guard import Verdict
from summarizer.limits import MAX_CLAIM_CHARACTERS, MAX_CLAIM_LINES
from summarizer.wording import containment, content

_MOST = {Section.MEANING: 2, Section.IMPACT: 2, Section.STEP: 8, Section.PAST: 3}
_LEAST_KEPT = 0.5
_SAME_STEP = 0.6
_FEW_WORDS = 4
_WARNING = re.compile(
    r"\b(?:if|unless|until|before|only|never|not|no|cannot|must|without|at most|at least|careful\w*|n['’]t)\b",
    re.IGNORECASE,
)


def better(verdict: Verdict, first: Sequence[Claim]) -> str:
    """Return "" where enough of an answer survived to be worth an edit, else the stable reason why not."""
    kept, dropped = len(verdict.claims), len(verdict.dropped)
    sections = {claim.section for claim in verdict.claims}
    if not kept:
        return "nothing-kept" if dropped else "nothing-said"
    if kept < _LEAST_KEPT * (kept + dropped):
        return "too-little-kept"
    if not sections & {Section.MEANING, Section.IMPACT}:
        return "no-meaning"
    if Section.STEP not in sections and any(claim.section is Section.STEP for claim in first):
        return "no-step"
    return ""


def merged(model: Sequence[Claim], first: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims of the joined message in its order; none where what must stay does not fit into it.

    Where the model's steps and those that it left out are too much together, the extractive steps stand as they are.
    """
    without_steps = [claim for claim in model if claim.section is not Section.STEP]
    return _fitting(_joined(model, first), without_steps) or _fitting(_joined(without_steps, first), without_steps)


def _joined(model: Sequence[Claim], first: Sequence[Claim]) -> list[Claim]:
    claims: list[Claim] = []
    for section in Section:
        new = [claim for claim in model if claim.section is section][: _MOST[section]]
        old = [claim for claim in first if claim.section is section]
        if section is Section.STEP:
            claims += _steps(new, old)
        else:
            claims += new if _says_more(new, old) else old
    return claims


def _says_more(new: Sequence[Claim], old: Sequence[Claim]) -> bool:
    """Tell whether the model's claims of a section may replace the extractive ones.

    A few words say too little; and the labelled cause, fix and duration of a past incident are facts, not prose.
    """
    if not new or any(claim.section is Section.PAST and claim.label not in ("", "summary") for claim in old):
        return False
    return not old or len(content(" ".join(claim.text for claim in new))) >= _FEW_WORDS


def sources_of(claims: Sequence[Claim], evidence: Evidence, before: Sequence[DocumentMeta]) -> tuple[DocumentMeta, ...]:
    """Return the documents that claims cite, in the order they are first cited, then those named before."""
    known = {hit.meta.id: hit.meta for hit in (*evidence.runbooks, *evidence.postmortems)}
    known |= {meta.id: meta for meta in before}
    cited = [citation.document_id for claim in claims for citation in claim.citations]
    order = dict.fromkeys([*cited, *(meta.id for meta in before)])
    return tuple(known[document] for document in order if document in known)


def _steps(new: Sequence[Claim], old: Sequence[Claim]) -> list[Claim]:
    """Return the model's steps among the extractive ones that no step of the model's stands for, in runbook order."""
    if not new:
        return list(old)
    placed: list[tuple[int, int, Claim]] = []
    replaced: set[int] = set()
    place = -1
    for claim in new:
        twins = [number for number, step in enumerate(old) if _stands_for(claim, step)]
        place = twins[0] if twins else place
        if any(_loses(claim, old[number]) for number in twins):
            continue
        replaced.update(twins)
        label = next((old[number].label for number in twins if old[number].label), "")
        destructive = claim.destructive or any(old[number].destructive for number in twins)
        placed.append((place, 1, replace(claim, label=label, destructive=destructive)))
    lines = {line.strip() for _, _, claim in placed for line in _lines(claim)}
    for number, step in enumerate(old):
        if number not in replaced or any(line.strip() not in lines for line in _lines(step)):
            placed.append((number, 0, step))
    return [claim for _, _, claim in sorted(placed, key=lambda item: item[:2])]


def _stands_for(claim: Claim, step: Claim) -> bool:
    """Tell whether a step of the model's says what an extractive one does: it has its command, or most of its words."""
    if step.commands:
        return _share(claim.commands, step.commands)
    return containment(content(step.text), content(claim.text)) >= _SAME_STEP


def _loses(claim: Claim, step: Claim) -> bool:
    """Tell whether shorter words have lost a condition or a warning of the step that they stand for."""
    kept = {word.lower() for word in _WARNING.findall(f"{step.label} {claim.text}")}
    return any(word.lower() not in kept for word in _WARNING.findall(step.text))


def _lines(claim: Claim) -> list[str]:
    return [line for command in claim.commands for line in command.text.splitlines()]


def _share(these: Sequence[Command], those: Sequence[Command]) -> bool:
    """Tell whether a command of these stands where one of those stands."""
    return any(
        one.citation.document_id == other.citation.document_id
        and one.citation.start < other.citation.end
        and other.citation.start < one.citation.end
        for one in these
        for other in those
    )


def _fitting(claims: list[Claim], spare: Sequence[Claim]) -> tuple[Claim, ...]:
    """Leave out spare claims of the model's, the last first, until the rest fits; one of each section stays."""
    for claim in reversed(spare):
        if _fits(claims):
            break
        if claim in claims and sum(other.section is claim.section for other in claims) > 1:
            claims = [other for other in claims if other != claim]
    return tuple(claims) if _fits(claims) else ()


def _fits(claims: Sequence[Claim]) -> bool:
    sizes = [size(claim) for claim in claims]
    lines, characters = sum(lines for lines, _ in sizes), sum(characters for _, characters in sizes)
    return lines <= MAX_CLAIM_LINES and characters <= MAX_CLAIM_CHARACTERS
