"""Reports: JUnit, Markdown, and the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

from golden_queries.cases import Quarantine
from golden_queries.gate import CANARY, Policy, check
from golden_queries.recall import Ranked, measure
from golden_queries.reports import Point, junit, markdown, picture

A = replace(CANARY, id="a", expected=("runbooks/a.md",), must=False)
BAD = replace(A, id="b|<b>", expected=("runbooks/gone.md",), must=True, at=3)
ASIDE = replace(BAD, id="c", quarantine=Quarantine(date(2999, 1, 1), "team", "later"))
REPORT = measure([A, BAD, ASIDE], lambda _: Ranked((("runbooks/a.md", 0.9),), ()), "s1")
FAILED = measure([CANARY], lambda _: Ranked((), ()), "s").outcomes[0]
VERDICT = check(replace(REPORT, canary=FAILED), None, Policy(2), date(2026, 1, 1))


def test_junit_has_a_test_for_each_case_and_each_reason_and_skips_nothing() -> None:
    suite = ElementTree.fromstring(junit(REPORT, VERDICT))
    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")
    failing = [test.get("name") for test in suite if test.find("failure") is not None]
    assert failing == ["b|<b>", "must-lost b|<b>"]
    assert suite.find("testcase/skipped") is None
    assert "set aside" in (suite.findtext("testcase/system-out") or "")


def test_markdown_tells_the_word_the_reasons_and_every_figure_with_its_n() -> None:
    page = markdown(REPORT, VERDICT, "recall.svg")
    assert page.startswith("## Golden queries: failed")
    assert "| success@1 | 0.333 | 0.000 to 1.000 | 3 |" in page
    assert "| b\\|&lt;b&gt; | rank none, wanted within the first 3 | runbooks/a.md |" in page
    assert "![Recall over snapshots](recall.svg)" in page
    assert "abstention.right" not in page


def test_the_picture_has_a_point_for_each_snapshot_with_its_value_and_n() -> None:
    drawn = ElementTree.fromstring(picture("recall@3", [Point("s1", 0.5, 40), Point("s<2", 1.0, 48)]))
    titles = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["recall@3 over 2 snapshots", "s1: 0.500, n=40", "s<2: 1.000, n=48"]


def test_no_snapshot_and_a_single_one_are_drawn_too() -> None:
    assert "no snapshot yet" in picture("recall@3", [])
    assert "s1: 1.000, n=4" in picture("recall@3", [Point("s1", 1.0, 4)])


def test_the_picture_writes_values_days_and_n_and_begins_where_the_values_are() -> None:
    drawn = picture("success@3", [Point("20260301T1-a", 0.9, 40), Point("20260302T1-b", 1.0, 48)])
    texts = [each.text for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [
        "success@3 over 2 snapshots", "0.5", "0.75", "1", "0.900", "1.000", "2026-03-01 (n=40)", "2026-03-02 (n=48)",
    ]  # fmt: skip
    assert ">0<" in picture("success@3", [Point("s1", 0.2, 40)])
