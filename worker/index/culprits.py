"""Which change of a document cost a golden query: pure, from two runs and the documents of both snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.access import Audience
from domain.document import DocumentMeta
from domain.snapshot import Loss
from golden_queries.metrics import first_rank
from golden_queries.recall import Outcome, Report

Documents = Mapping[str, DocumentMeta]


@dataclass(frozen=True, slots=True)
class Sides:
    """The documents of the live snapshot and of the new one, by id, and those that people withdrew."""

    old: Documents
    new: Documents
    withdrawn: frozenset[str] = frozenset()

    def change(self, document: str) -> str:
        """Say how a document differs, "" where it does not."""
        before, after = self.old.get(document), self.new.get(document)
        if document in self.withdrawn:
            return "withdrawn"
        if before is None or after is None:
            return "added" if after else "removed" if before else "missing"
        if before.readers != after.readers:
            return "for other readers now"
        return "" if replace(before, commit="") == replace(after, commit="") else "changed"


def losses(before: Report | None, after: Report, named: frozenset[str], sides: Sides) -> tuple[Loss, ...]:
    """Return the queries that the new snapshot lost: those the gate named, and those that passed on the live one.

    Those of which a message would show nothing any more count as lost too: a figure falls with them. Where none is
    among these, those whose expected document fell in rank.
    """
    old = {outcome.case.id: outcome for outcome in before.outcomes} if before else {}
    new = after.outcomes
    lost = [one for one in new if one.case.id in named or (not one.passed and one.case.id in old and _held(old, one))]
    lost += [one for one in new if one not in lost and _silenced(old.get(one.case.id), one)]
    lost = lost or [outcome for outcome in new if _fell(old.get(outcome.case.id), outcome)]
    return tuple(_loss(old.get(outcome.case.id), outcome, sides) for outcome in lost)


def _held(old: Mapping[str, Outcome], outcome: Outcome) -> bool:
    return old[outcome.case.id].passed


def _silenced(before: Outcome | None, after: Outcome) -> bool:
    """Tell whether a message showed something, rightly, and would show nothing any more."""
    if before is None:
        return False
    answer = after.case.answerable and after.abstained and not before.abstained
    return answer or (after.past_missed and not before.past_missed)


def _fell(before: Outcome | None, after: Outcome) -> bool:
    old, new = first_rank(before.ranks) if before else None, first_rank(after.ranks)
    return old is not None and (new is None or new > old)


def _loss(before: Outcome | None, after: Outcome, sides: Sides) -> Loss:
    found = tuple(_reasons(before, after, sides))
    documents = tuple(dict.fromkeys(document for document, _ in found))
    return Loss(after.case.id, "; ".join(text for _, text in found), documents)


def _place(document: str, outcome: Outcome | None) -> str:
    """Return the rank of an expected document."""
    ranks = dict(zip(outcome.case.expected, outcome.ranks, strict=True)) if outcome else {}
    return str(ranks.get(document) or "none")


def _reasons(before: Outcome | None, after: Outcome, sides: Sides) -> Iterator[tuple[str, str]]:
    """Yield each document that has to do with the loss, and what of it."""
    for document in after.leaked:
        yield document, f"forbidden document {document} was found{_aside(sides.change(document))}"
    for document in after.past_wrong:
        yield document, f"{document} would be shown as last time, and may not{_aside(sides.change(document))}"
    yield from _unshown(before, after, sides)
    if not after.case.answerable and not after.found:
        for document in _most_changed([name for name, _ in after.retrieved[:1]], sides):
            yield document, f"{document} would be shown where nothing may be{_aside(sides.change(document))}"
    if after.case.answerable and (not after.found or _fell(before, after)):
        for document, rank in zip(after.case.expected, after.ranks, strict=True):
            if rank is None or rank > after.case.at or _fell(before, after):
                yield from _missed(before, after, document, sides)


def _unshown(before: Outcome | None, after: Outcome, sides: Sides) -> Iterator[tuple[str, str]]:
    """Name the changed documents of a case that is found, and of which a message would show nothing any more."""
    if after.case.answerable and after.found and _silenced(before, after):
        for document in (*after.case.expected, *(after.case.past or ())):
            if change := sides.change(document):
                yield document, f"{document} is {change}, and its likeness is too low to be shown"


def _missed(before: Outcome | None, after: Outcome, document: str, sides: Sides) -> Iterator[tuple[str, str]]:
    """Say why an expected document is not found where it must be."""
    change, now, moved = sides.change(document), sides.new.get(document), _moved(document, sides)
    where = f"{_place(document, before)} -> {_place(document, after)}" if before else _place(document, after)
    what = f"expected document {document} (rank {where})"
    if change == "missing":
        yield document, f"{what} is in no snapshot"
    elif change in ("removed", "withdrawn"):
        yield document, f"{what} was {change}{f'; it is {moved} now' if moved else ''}"
    elif now and not Audience.of(after.case.groups).may_read(now.readers):
        yield document, f"{what} is {change or 'there'}, and this audience may not read it"
    elif change:
        yield document, f"{what} is {change}"
    else:
        yield from (
            (other, f"{what} is outranked by {text}") for other, text in _outranked(before, after, document, sides)
        )


def _outranked(before: Outcome | None, after: Outcome, document: str, sides: Sides) -> Iterator[tuple[str, str]]:
    known = _above(document, before) if before else []
    above = [name for name in _above(document, after) if name not in known]
    for other in _most_changed(above, sides):
        yield other, f"{other}{_aside(sides.change(other))}"


def _above(document: str, outcome: Outcome) -> list[str]:
    """Return what is ranked before a document, in its own list as far as that is told."""
    names = [name for name, _ in outcome.retrieved]
    source = document.split("/", 1)[0]
    above = names[: names.index(document)] if document in names else names
    return [name for name in above if name.split("/", 1)[0] == source] or above


def _most_changed(names: Sequence[str], sides: Sides) -> list[str]:
    """Return those of the documents that differ between the snapshots; all of them where none does."""
    return [name for name in names if sides.change(name)] or list(names)


def _aside(change: str) -> str:
    return f" ({change})" if change else ""


def _moved(document: str, sides: Sides) -> str:
    """Return where the content of a removed document stands now, "" where it is gone."""
    before = sides.old.get(document)
    same = (name for name, meta in sides.new.items() if before and meta.content_hash == before.content_hash)
    return next((name for name in sorted(same) if name != document), "")
