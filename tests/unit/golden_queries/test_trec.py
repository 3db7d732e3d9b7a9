"""Golden cases as TREC files, and from BEIR's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from golden_queries.cases import BadCase
from golden_queries.gate import CANARY
from golden_queries.recall import Ranked, measure
from golden_queries.trec import imported, qrels, ranking

CASE = replace(CANARY, id="a case", expected=("runbooks/a.md", "runbooks/my page.md"))
REPORT = measure(
    [CASE, replace(CASE, id="none", expected=())],
    lambda _: Ranked((("runbooks/b.md", 0.5), ("runbooks/a.md", 0.5)), ()),
    "s",
)


def test_qrels_hold_each_expected_document_and_no_blank_in_a_name() -> None:
    assert qrels(REPORT) == "a_case 0 runbooks/a.md 1\na_case 0 runbooks/my_page.md 1\n"


def test_a_run_keeps_the_order_where_scores_tie() -> None:
    assert ranking(REPORT) == "a_case Q0 runbooks/b.md 1 2 middlewatch\na_case Q0 runbooks/a.md 2 1 middlewatch\n"


@pytest.mark.parametrize(
    "judged",
    ["query-id\tcorpus-id\tscore\nq1\ta b.md\t1\nq1\tc.md\t0\nq9\tx.md\t1\n", "q1\t0\ta b.md\t2\nq1\t0\tc.md\t0\n"],
)
def test_queries_and_judgements_become_cases(judged: str) -> None:
    queries = '{"_id": "q1", "text": "disk full"}\n\n{"_id": "q2", "text": "not judged"}\n'
    assert imported(queries, judged, "runbooks", ["everyone"]) == [
        {"id": "q1", "query": "disk full", "groups": ["everyone"], "expected": ["runbooks/a b.md"]}
    ]


@pytest.mark.parametrize(("queries", "judged"), [("[]", "q1 0 a 1"), ("{}", ""), ("", "q1 0 a x"), ("", "q1 1")])
def test_a_line_of_another_format_is_named(queries: str, judged: str) -> None:
    with pytest.raises(BadCase, match="line 1"):
        imported(queries, judged, "", [])
