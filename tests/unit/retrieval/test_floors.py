from __future__ import annotations

import pytest

from domain.document import Hit
from retrieval.floors import INCIDENTS_AROUND, NAMED, NAMELESS, RUNBOOKS_AROUND, STANDS_OUT, floors_of
from retrieval.query import from_parts, from_text
from tests.library import document

WORDS = from_text("the disk is full")


def hits(*scores: float) -> list[Hit]:
    return [Hit(document(f"postmortems/{at}.md", "x")[0].meta, score, ()) for at, score in enumerate(scores)]


CROWD = [0.5, 0.49, 0.48, *([0.4] * 7), 0.1, 0.1]


def test_more_is_asked_of_a_runbook_for_an_alert_with_a_name() -> None:
    assert floors_of(from_parts({"alertname": "DiskFull"}, {}), [], []).runbook == (NAMED + RUNBOOKS_AROUND) / 2
    assert floors_of(WORDS, [], []).runbook == (NAMELESS + RUNBOOKS_AROUND) / 2


def test_among_runbooks_that_all_score_high_more_is_asked_of_the_best() -> None:
    floor = floors_of(WORDS, hits(*CROWD), []).runbook
    assert floor == pytest.approx((NAMELESS + 0.4) / 2)
    assert floor > floors_of(WORDS, hits(0.5, *([0.1] * 9)), []).runbook


def test_a_past_incident_must_stand_out_from_those_around_it() -> None:
    assert floors_of(WORDS, [], hits(*CROWD)).postmortem == pytest.approx(0.4 + STANDS_OUT)


def test_where_there_are_few_a_past_incident_must_still_score_by_itself() -> None:
    assert floors_of(WORDS, [], hits(0.3, 0.1)).postmortem == pytest.approx(INCIDENTS_AROUND + STANDS_OUT)
    assert floors_of(WORDS, [], hits(0.9, *([0.01] * 20))).postmortem == pytest.approx(INCIDENTS_AROUND + STANDS_OUT)
