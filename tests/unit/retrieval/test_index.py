from __future__ import annotations

from retrieval.index import Proposal, past_ties


def leg(*scores: float) -> list[Proposal]:
    return [Proposal(str(number), "d", score) for number, score in enumerate(scores)]


def test_fewer_than_the_limit_need_no_second_look() -> None:
    def ask(count: int) -> list[Proposal]:
        raise AssertionError("asked again")

    assert past_ties(ask, leg(3, 2), 5) == leg(3, 2)
    assert past_ties(ask, leg(3, 2, 1), 2) == leg(3, 2)


def test_it_reads_on_until_a_score_is_clearly_lower() -> None:
    everything = leg(9, 5, 5, 5, 5, 5, 5, 5, 5, 1, 1)
    asked: list[int] = []

    def ask(count: int) -> list[Proposal]:
        asked.append(count)
        return everything[:count]

    assert past_ties(ask, everything[:3], 2) == everything[:9]
    assert asked == [12]


def test_a_difference_in_the_last_bits_counts_as_a_tie() -> None:
    almost = leg(5, 4.0000001, 4.0, 1)
    assert past_ties(lambda count: almost[:count], almost[:3], 2) == almost[:3]
