from __future__ import annotations

import pytest

from summarizer.locality import put_together
from summarizer.wording import content

SOURCE = """## Meaning

Fees at acquirer B are higher than at acquirer A. Acquirer A has come back and failed again twice.

- The replica serves the reports of the finance team.
- The primary stops when the volume is full.
"""


@pytest.mark.parametrize(
    "claim",
    [
        "Acquirer A has come back and failed again twice.",
        "Fees at acquirer B are higher than at A.",
        "The primary stops when the volume is full; the replica serves the finance team's reports.",
        "Fees at acquirer B are higher than at A, and acquirer A has come back and failed again twice.",
        "Acquirer A is down.",
    ],
)
def test_what_a_sentence_says_stands_together(claim: str) -> None:
    assert not put_together(claim, SOURCE, frozenset())


@pytest.mark.parametrize(
    "claim",
    [
        "The replica stops when the volume of the primary is full of reports.",
        "The reports of the finance team stop when the volume is full.",
    ],
)
def test_words_of_two_sentences_do_not_make_a_third(claim: str) -> None:
    assert put_together(claim, SOURCE, frozenset())


def test_what_the_title_or_the_alert_says_need_not_stand_beside_it() -> None:
    claim = "The orders database stops when the volume is full."
    assert put_together(claim, SOURCE, frozenset())
    assert not put_together(claim, f"{SOURCE}\n\nIt stops when the volume is full.", content("orders database"))
