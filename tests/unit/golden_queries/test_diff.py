"""What changed between two runs."""

from __future__ import annotations

from dataclasses import replace

from golden_queries.diff import Way, as_json, moves
from golden_queries.gate import CANARY
from golden_queries.recall import Ranked, Report, measure

CASE = replace(CANARY, id="a", expected=("runbooks/a.md",), at=3)
OTHERS = [f"runbooks/{number}.md" for number in range(8)]


def run(snapshot: str, **places: int | None) -> Report:
    """Measure a case of each name; its document is at that place, or nowhere."""

    def search(case: object) -> Ranked:
        place = places[case.id]  # type: ignore[attr-defined]
        docs = [*OTHERS] if place is None else [*OTHERS[: place - 1], "runbooks/a.md", *OTHERS[place - 1 :]]
        return Ranked(tuple((doc, 1 - number / 10) for number, doc in enumerate(docs)), ())

    forbidden = {"leaky": ("runbooks/7.md",)}
    return measure([replace(CASE, id=name, forbidden=forbidden.get(name, ())) for name in places], search, snapshot)


def test_each_case_has_a_way_and_the_worst_come_first() -> None:
    before = run("s1", same=1, lost=1, worse=1, better=3, gained=7, gone=2)
    after = run("s2", same=1, lost=7, worse=2, better=1, gained=1, gone=None)
    assert [(move.case, move.way) for move in moves(before, after)] == [
        ("gone", Way.LOST),
        ("lost", Way.LOST),
        ("worse", Way.WORSE),
        ("same", Way.SAME),
        ("better", Way.BETTER),
        ("gained", Way.GAINED),
    ]


def test_a_move_is_told_by_both_ranks_and_what_came_first() -> None:
    (move,) = moves(run("s1", a=1), run("s2", a=7))
    assert move.text == "lost: a: rank 1 → 7; first was runbooks/a.md, is runbooks/0.md"
    (gone,) = moves(run("s1", a=3), run("s2", a=None))
    assert gone.text == "lost: a: rank 3 → none"


def test_a_case_that_a_message_would_not_show_any_more_is_worse_at_the_same_rank() -> None:
    before, after = run("s1", a=1), run("s2", a=1)
    shown = replace(before, outcomes=(replace(before.outcomes[0], abstained=False),))
    assert [(move.way, move.text) for move in moves(shown, after)] == [
        (Way.WORSE, "worse: a: rank 1 → 1; not shown in a message any more")
    ]
    assert [move.way for move in moves(after, shown)] == [Way.BETTER]


def test_a_new_leak_comes_before_all_else() -> None:
    quiet = replace(run("s1", leaky=1), outcomes=(replace(run("s1", leaky=1).outcomes[0], leaked=()),))
    assert [move.way for move in moves(quiet, run("s2", leaky=1))] == [Way.LEAKS]


def test_cases_that_only_one_run_has_are_left_out() -> None:
    assert [move.case for move in moves(run("s1", a=1, b=1), run("s2", b=1, c=1))] == ["b"]


def test_the_figures_of_both_stand_with_their_n() -> None:
    content = as_json(run("s1", a=1, b=1), run("s2", a=7, b=1))
    assert content["metrics"]["success@1"] == {"before": 1.0, "after": 0.5, "n": 2}
    assert content["queries"][0] == {"id": "a", "way": "lost", "before": 1, "after": 7}
