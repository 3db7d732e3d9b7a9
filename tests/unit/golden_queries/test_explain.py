"""Why an expected document is where it is, as a word and in figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from golden_queries.explain import Facts, Scores, Why, explain

OWN = Scores("runbooks/a.md", 0.40, 0.30, 0.10)
RIVAL = Scores("runbooks/b.md", 0.60, 0.32, 0.28)
FACTS = Facts("runbooks/a.md", ingested=True, readable=True, place=7, at=3, own=OWN, rival=RIVAL)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (FACTS, Why.LEXICAL_MISS),
        (replace(FACTS, rival=Scores("runbooks/b.md", 0.60, 0.49, 0.11)), Why.DENSE_MISS),
        (replace(FACTS, rival=Scores("runbooks/b.md", 0.60, 0.40, 0.20)), Why.OUTRANKED),
        (replace(FACTS, place=3), Why.FOUND),
        (replace(FACTS, place=None), Why.LEXICAL_MISS),
        (replace(FACTS, ingested=False), Why.NOT_INGESTED),
        (replace(FACTS, readable=False, own=None), Why.NOT_READABLE),
        (replace(FACTS, place=None, rival=None), Why.NOT_ASKED),
        (replace(FACTS, rival=OWN), Why.OUTRANKED),
    ],
)
def test_each_way_to_miss_has_its_word(facts: Facts, why: Why) -> None:
    assert explain(facts).why is why


def test_a_miss_is_told_with_both_scores_and_their_parts() -> None:
    assert explain(FACTS).text == (
        "runbooks/a.md: lexical miss, outranked by runbooks/b.md 0.600 (meaning 0.320, words 0.280); "
        "it is at rank 7, 0.400 (meaning 0.300, words 0.100)"
    )


def test_what_is_not_ingested_is_told_with_where_it_may_be() -> None:
    facts = replace(FACTS, ingested=False, moved_to="runbooks/new/a.md")
    assert explain(facts).text == "runbooks/a.md: not ingested; it may be runbooks/new/a.md now"


def test_what_may_not_be_read_is_told_without_a_score() -> None:
    assert explain(replace(FACTS, readable=False)).text == "runbooks/a.md: not readable by this audience"
