"""Models and prompts side by side: what each keeps, covers, costs."""

from __future__ import annotations

from golden_queries.cases import Case, Match
from summarizer.extractive import extract
from summarizer.summarize import Caps, Summarizer, Tools
from tests.evidence import evidence, incident
from tests.story import GOOD, LIE, MoodyModel
from worker.replay.comparing import Column, Trial, as_markdown, as_rows, incident_of, judged, trial_of
from worker.replay.variants import told_by

FACTS = ("write-ahead log", "four hours", "a unicorn")
CASE = Case(
    "disk", incident().lead, "", frozenset({"everyone"}), (), Match.ANY, 3, None, False, (), (), "", "here",
    facts=FACTS, must_not_say=("restart the primary now", "four hours"),
)  # fmt: skip


def column(name: str, *moods: str) -> Column:
    model = MoodyModel(name, moods=moods) if moods else None
    ladder = Summarizer(Tools(extract, lambda text: text, lambda: "3f9c1a7be02d4856"), model, Caps())
    one = incident_of(CASE)
    assert one is not None
    trial = trial_of(CASE, one, evidence())
    return judged(
        name, [(trial, told_by(trial.recording, ladder)), (Trial(trial.recording), told_by(trial.recording, ladder))]
    )


def test_facts_that_are_mentioned_and_words_that_must_not_be_are_counted() -> None:
    figures = column("good", "good").figures
    assert (figures["facts"], figures["covered"], figures["said_forbidden"]) == (3, 0.6667, 1)
    assert column("good", "good").missed == (("disk", "a unicorn"),)


def test_claims_that_did_not_hold_up_and_runs_left_word_for_word_are_counted() -> None:
    good, lies, down = column("a", "good"), column("b", "lies"), column("c", "slow")
    assert (good.figures["improved"], good.figures["dropped"], good.figures["abstained"]) == (2, 0, 0.0)
    assert (lies.figures["improved"], lies.figures["dropped"]) == (2, 2)
    assert (down.figures["improved"], down.figures["abstained"], down.figures["kept_share"]) == (0, 1.0, None)
    assert len(GOOD) == 2
    assert LIE[1] not in as_markdown([lies])


def test_a_cost_that_nobody_knows_is_unknown_and_that_of_no_model_is_nothing() -> None:
    unknown, none = column("a", "good"), column("none")
    assert unknown.figures["usd"] is None
    assert unknown.figures["unknown_cost"] == 2
    assert none.figures["usd"] == 0
    cells = {row[0]: row[1:] for row in as_rows([unknown, none])}
    assert cells["US dollars"] == ["unknown", "0.000000"]


def test_the_table_in_markdown_has_a_column_for_each() -> None:
    lines = as_markdown([column("a", "good"), column("b|c", "lies")]).splitlines()
    assert lines[0] == "|  | a | b\\|c |"
    assert {line.replace("\\|", "").count("|") for line in lines} == {4}
