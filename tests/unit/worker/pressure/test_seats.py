"""Seats with the language model: taken while it answers, free again whatever came of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.alert import Incident, Status
from domain.document import Evidence
from domain.summary import Rung, Summary
from summarizer.attempt import Attempt, Outcome
from worker.pressure.seats import Seated, Seats

INCIDENT = Incident("i1", "alertmanager", "g", Status.FIRING, datetime(2026, 3, 4, tzinfo=UTC), None, 1, ())
FIRST = Summary(Rung.EXTRACTIVE, (), ())


class Ladder:
    def __init__(self, seats: Seats, fault: Exception | None = None) -> None:
        self.seats, self.fault = seats, fault
        self.full: list[bool] = []

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        self.full.append(self.seats.full)
        return FIRST

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        self.full.append(self.seats.full)
        if self.fault:
            raise self.fault
        return Attempt(Outcome.NOT_BETTER)


def test_a_seat_is_taken_while_the_model_answers_and_not_for_the_first_message() -> None:
    seats = Seats(1)
    ladder = Ladder(seats)
    seated = Seated(ladder, seats)
    seated.first(INCIDENT, Evidence())
    seated.improved(INCIDENT, Evidence(), FIRST)
    assert ladder.full == [False, True]
    assert not seats.full


def test_a_seat_is_free_again_after_a_defect() -> None:
    seats = Seats(1)
    with pytest.raises(ZeroDivisionError):
        Seated(Ladder(seats, ZeroDivisionError()), seats).improved(INCIDENT, Evidence(), FIRST)
    assert not seats.full


def test_one_too_many_is_counted_as_any_other() -> None:
    seats = Seats(1)
    with seats.taken():
        with seats.taken():
            assert seats.full
        assert seats.full
    assert not seats.full
