"""The ranked lists as a table."""

from __future__ import annotations

from domain.document import Kind
from golden_queries.explain import Scores
from golden_queries.listing import listing
from golden_queries.recall import Ranked

RANKED = Ranked(
    runbooks=tuple((f"runbooks/{name}.md", 0.9 - number / 10) for number, name in enumerate("abcde")),
    postmortems=(),
    shown_runbooks=("runbooks/a.md", "runbooks/b.md"),
    floors={Kind.RUNBOOK: 0.75, Kind.POSTMORTEM: 0.34},
    twins={"runbooks/copy-of-e.md": "runbooks/e.md"},
)
SCORES = {"runbooks/a.md": Scores("runbooks/a.md", 0.9, 0.5, 0.4)}


def test_it_tells_place_score_parts_and_what_is_shown() -> None:
    assert list(listing(RANKED, [Kind.RUNBOOK], ["runbooks/b.md"], SCORES, most=2)) == [
        "runbooks, shown from 0.750",
        "       score   meaning  words   document",
        " >  1. 0.900   0.500    0.400   runbooks/a.md",
        "*>  2. 0.800     -        -     runbooks/b.md",
        "* expected   > would be shown in a message",
    ]


def test_what_is_expected_and_came_later_stands_below_a_gap_under_the_name_of_its_twin() -> None:
    lines = list(listing(RANKED, [Kind.RUNBOOK], ["runbooks/copy-of-e.md"], {}, most=2))
    assert lines[-3] == "    …"
    assert lines[-2].startswith("*   5. 0.500")
    assert lines[-2].endswith("runbooks/e.md")


def test_an_empty_list_says_so() -> None:
    assert list(listing(RANKED, [Kind.POSTMORTEM], [], {}))[0] == "postmortems: none"
