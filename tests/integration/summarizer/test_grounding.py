"""The guard on labelled claims: nearly all that a passage says is kept, nearly nothing that it only nearly says."""

from __future__ import annotations

import pytest

from benchmarks.grounding import Labelled, kept, labelled, put_together


@pytest.fixture(scope="module")
def claims() -> list[Labelled]:
    return labelled()


def test_there_are_enough_claims_of_either_kind(claims: list[Labelled]) -> None:
    assert sum(claim.supported for claim in claims) >= 200
    assert sum(not claim.supported for claim in claims) >= 200
    assert len({claim.kind for claim in claims if not claim.supported}) >= 7


def test_of_claims_that_a_passage_does_not_support_at_most_two_in_a_hundred_are_kept(claims: list[Labelled]) -> None:
    wrong = [claim for claim in claims if not claim.supported]
    through = [f"{claim.kind}: {claim.text}" for claim in wrong if not kept(claim)]
    assert len(through) <= 0.02 * len(wrong), through


def test_of_claims_that_a_passage_supports_nine_in_ten_are_kept(claims: list[Labelled]) -> None:
    right = [claim for claim in claims if claim.supported]
    lost = [f"{kept(claim)}: {claim.text}" for claim in right if kept(claim)]
    assert len(lost) <= 0.1 * len(right), lost


def test_what_is_put_together_from_two_sentences_is_mostly_seen_through() -> None:
    claims = put_together()
    through = [claim.text for claim in claims if not kept(claim)]
    assert len(claims) >= 100
    assert len(through) <= 0.2 * len(claims), through
