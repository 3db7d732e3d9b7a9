"""Which change of a document cost a golden query."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.document import DocumentMeta, Kind
from golden_queries.gate import CANARY
from golden_queries.recall import Ranked, Report, measure
from worker.index.culprits import Sides, losses

CASE = replace(CANARY, id="disk", expected=("runbooks/disk.md",), at=1, must=False, past=("past/2024.md",))


def _meta(name: str, content: str = "1") -> DocumentMeta:
    source, path = name.split("/", 1)
    kind = Kind.RUNBOOK if source == "runbooks" else Kind.POSTMORTEM
    return DocumentMeta(
        id=name, source=source, path=path, kind=kind, title=path, readers=frozenset({"everyone"}), content_hash=content,
        date=date(2024, 1, 1),
    )  # fmt: skip


def _report(shown: tuple[str, ...] = ("runbooks/disk.md",), past: tuple[str, ...] = ("past/2024.md",)) -> Report:
    ranked = Ranked((("runbooks/disk.md", 0.5), ("runbooks/a.md", 0.4)), (("past/2024.md", 0.5),), shown, past)
    return measure([CASE], lambda _: ranked, "s")


OLD = {name: _meta(name) for name in ("runbooks/disk.md", "runbooks/a.md", "past/2024.md")}


def test_a_document_that_is_found_and_no_longer_shown_is_named() -> None:
    sides = Sides(OLD, OLD | {"runbooks/disk.md": _meta("runbooks/disk.md", "2")})
    (loss,) = losses(_report(), _report(shown=()), frozenset(), sides)
    assert (loss.query, loss.documents) == ("disk", ("runbooks/disk.md",))
    assert loss.why == "runbooks/disk.md is changed, and its likeness is too low to be shown"


def test_a_last_time_that_is_no_longer_shown_names_its_postmortem() -> None:
    sides = Sides(OLD, {name: meta for name, meta in OLD.items() if name != "past/2024.md"})
    (loss,) = losses(_report(), _report(past=()), frozenset(), sides)
    assert loss.documents == ("past/2024.md",)
    assert "removed" in loss.why


def test_where_nothing_was_lost_nothing_is_named() -> None:
    assert losses(_report(), _report(), frozenset(), Sides(OLD, OLD)) == ()
