"""What is shown is checked at the moment of posting: a reader who came, or a document that lost readers, narrows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from domain.access import Audience, Readers
from domain.document import Evidence, Hit
from domain.summary import Command, Rung, Section
from tests.cards import POSTMORTEM, RUNBOOK, cite, claim, incident, summary
from worker.decide import Decision
from worker.readers.fit import Check, named_in, narrowed
from worker.route import Channel
from worker.runs import Run
from worker.telemetry import Metrics

PAYMENTS = Audience.of(["payments"])
CHANNEL = Channel("C1", "one", PAYMENTS)
ALL = summary()


@dataclass
class Record:
    of: dict[str, Readers] = field(
        default_factory=lambda: {meta.id: frozenset({"payments"}) for meta in (RUNBOOK, POSTMORTEM)}
    )

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        return {name: self.of[name] for name in document_ids if name in self.of}


def a_run() -> Run:
    run = Run("r1", datetime(2026, 1, 1, tzinfo=UTC), incident(), CHANNEL, Decision.NEW)
    run.evidence = Evidence((Hit(RUNBOOK, 1.0, ()),), (Hit(POSTMORTEM, 1.0, ()),))
    run.first = ALL
    return run


def test_what_everybody_may_read_is_shown_as_it_is() -> None:
    metrics = Metrics()
    fit = Check(Record(), metrics).fit(ALL, a_run())
    assert (fit.summary, fit.audience) == (ALL, PAYMENTS)
    assert metrics.value("middlewatch_narrowed_total") == 0


def test_a_document_that_lost_its_readers_takes_every_claim_with_it_that_rests_on_it() -> None:
    record, metrics = Record(), Metrics()
    record.of[POSTMORTEM.id] = frozenset({"security"})
    shown = Check(record, metrics).fit(ALL, a_run()).summary
    assert named_in(shown) == {RUNBOOK.id}
    assert not shown.of(Section.PAST)
    assert shown.of(Section.STEP) == ALL.of(Section.STEP)
    assert metrics.value("middlewatch_narrowed_total") == 1


def test_a_document_that_is_gone_is_not_shown() -> None:
    record = Record()
    del record.of[RUNBOOK.id]
    assert named_in(Check(record, Metrics()).fit(ALL, a_run()).summary) == {POSTMORTEM.id}


def test_a_stranger_in_the_channel_narrows_what_is_shown_to_what_the_stranger_may_read() -> None:
    record = Record()
    record.of[POSTMORTEM.id] = frozenset({"everyone"})
    fit = Check(record, Metrics(), lambda channel: Audience.of([])).fit(ALL, a_run())
    assert named_in(fit.summary) == {POSTMORTEM.id}
    assert fit.audience == Audience.of([])


def test_a_channel_whose_readers_are_not_known_any_more_is_shown_no_document() -> None:
    fit = Check(Record(), Metrics(), lambda channel: Audience.nobody()).fit(ALL, a_run())
    assert not named_in(fit.summary)
    assert fit.audience == Audience.nobody()


def test_readers_who_gained_a_group_since_the_search_are_shown_no_more_for_it() -> None:
    more = Audience.of(["payments", "security"])
    assert Check(Record(), Metrics(), lambda channel: more).audience(CHANNEL) == PAYMENTS


def test_a_models_words_are_not_used_where_it_saw_a_document_that_lost_its_readers() -> None:
    record = Record()
    record.of[POSTMORTEM.id] = frozenset()
    told = replace(
        ALL, rung=Rung.MODEL, claims=(claim(Section.MEANING, "As in March."),), sources=(RUNBOOK,), model="m"
    )
    shown = Check(record, Metrics()).fit(told, a_run()).summary
    assert shown.rung is Rung.EXTRACTIVE
    assert "As in March." not in [each.text for each in shown.claims]
    assert named_in(shown) == {RUNBOOK.id}


def test_a_claim_whose_command_stands_in_an_unreadable_document_goes_too() -> None:
    step = replace(claim(Section.STEP, "Do this:"), commands=(Command("rm -r x", cite(POSTMORTEM)),))
    assert not narrowed(summary(step), {POSTMORTEM.id}).claims


def test_the_nearest_titles_are_narrowed_too() -> None:
    nothing = summary(sources=(), claims=(), nearest=(RUNBOOK, POSTMORTEM))
    assert narrowed(replace(nothing, claims=()), {RUNBOOK.id}).nearest == (POSTMORTEM,)
