"""Golden cases in the formats of retrieval research: TREC qrels and run out, BEIR or TREC in. Pure.

Formats: `qrels` is "query 0 document relevance", a run is "query Q0 document rank score tag", as trec_eval reads them
(https://github.com/usnistgov/trec_eval); BEIR's queries.jsonl has `_id` and `text`, its qrels are tab-separated with a
heading (https://github.com/beir-cellar/beir).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from golden_queries.cases import BadCase
from golden_queries.recall import Report

TAG = "middlewatch"
_HEADING = "query-id"


def qrels(report: Report) -> str:
    """Return the expected documents of every answerable case."""
    rows = (
        f"{_name(outcome.case.id)} 0 {_name(doc)} 1" for outcome in report.answerable for doc in outcome.case.expected
    )
    return _lines(rows)


def ranking(report: Report) -> str:
    """Return what was retrieved for every answerable case.

    The score is a falling count and not the search's own: runbooks and postmortems are two lists with scores of their
    own, and trec_eval orders by score.
    """
    rows = (
        f"{_name(outcome.case.id)} Q0 {_name(doc)} {place} {len(outcome.retrieved) - place + 1} {TAG}"
        for outcome in report.answerable
        for place, (doc, _) in enumerate(outcome.retrieved, start=1)
    )
    return _lines(rows)


def imported(queries: str, judged: str, source: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """Return cases, as rows to write, from BEIR's queries.jsonl and qrels of either format.

    `source` is put before each document as SOURCE/, unless it is "". A query without a relevant document is left out:
    that nobody judged it does not mean that nothing answers it.

    Raises:
        BadCase: a line is not in one of these formats.
    """
    texts = dict(_queries(queries))
    wanted: dict[str, list[str]] = {}
    for query, document in _relevant(judged):
        wanted.setdefault(query, []).append(f"{source}/{document}" if source else document)
    return [
        {"id": name, "query": texts[name], "groups": list(groups), "expected": documents}
        for name, documents in wanted.items()
        if name in texts
    ]


def _queries(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield str(row["_id"] if "_id" in row else row["id"]), str(row["text"] if "text" in row else row["query"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadCase(f"queries, line {number}: it is not a JSON object with _id and text.") from error


def _relevant(text: str) -> Iterator[tuple[str, str]]:
    """Yield query and document of each judgement above 0, of three columns (BEIR) or four (TREC)."""
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split("\t") if "\t" in line else line.split()
        if not parts or parts[0] == _HEADING:
            continue
        try:
            relevance = float(parts[-1])
        except ValueError as error:
            raise BadCase(f"qrels, line {number}: the last column is not a number.") from error
        if len(parts) not in (3, 4):
            raise BadCase(f"qrels, line {number}: it has {len(parts)} columns, not 3 or 4.")
        if relevance > 0:
            yield parts[0], parts[-2]


def _name(text: str) -> str:
    """Return a name without blanks: they part the columns."""
    return "_".join(text.split())


def _lines(rows: Iterator[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
