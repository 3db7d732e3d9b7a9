"""The build fails where a read of documents could go round its audience."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access_lint import FILTERS, faults_of, sources

ROOT = Path(__file__).parents[3]


def test_no_read_in_the_project_goes_round_its_audience() -> None:
    found = sources(ROOT)
    assert FILTERS in found
    assert len(found) > 100
    assert [str(fault) for fault in faults_of(found)] == []


PLANTED = {
    "the filter class is imported": "from qdrant_client.models import Filter",
    "the filter class is imported under another name": "from qdrant_edge import FieldCondition as Condition",
    "all classes are imported": "from qdrant_client.models import *",
    "the filter class is named": "from qdrant_client import models\nall_of_them = models.Filter(must=[])",
    "the filter class is reached through the package": "import qdrant_edge as q\nq.MatchAny(any=['x'])",
    "the filter class is taken by name": "from qdrant_client import models\ngetattr(models, 'Fil' + 'ter')",
    "a read has no filter": "import qdrant_edge as q\ndef read():\n    return q.ScrollRequest(limit=10)",
    "a read has None for a filter": "import qdrant_edge as q\ndef read():\n    return q.QueryRequest(filter=None)",
    "a read has a filter of its own": (
        "import qdrant_edge as q\ndef read(mine):\n    allowed = mine()\n    return q.QueryRequest(filter=allowed)"
    ),
    "the filter is forgotten after it was made": (
        "import qdrant_edge as q\ndef read(scope):\n    allowed = read_filter(q, scope)\n    allowed = None\n"
        "    return q.QueryRequest(filter=allowed)"
    ),
    "points are read by id": "import qdrant_edge as q\ndef read(shard):\n    return shard.retrieve(['x'])",
    "points are counted": "from qdrant_client import models\ndef count(client):\n    return client.count('c')",
    "None is passed by position": (
        "def ranking(query: Query, audience: Audience): ...\ndef ask(search, query):\n    search.ranking(query, None)"
    ),
    "None is passed by name": "def ask(search, query):\n    search.ranking(query, audience=None)",
    "None is passed to a scope": "Scope(None)",
    "the audience may be None": "def ranking(query: Query, audience: Audience | None): ...",
    "the audience may be None, as it was once written": "def ranking(audience: Optional[Audience]): ...",
    "the audience has a default": "def ranking(query: Query, audience: Audience = EVERYBODY): ...",
    "the audience is a keyword with a default": "def ranking(query: Query, *, audience: Audience = ALL): ...",
    "a field may hold no audience": "class Reader:\n    audience: Audience | None",
    "no audience is returned": "def audience_of(channel: str) -> Audience | None: ...",
    "the audience is None": "audience = None",
    "something is called an audience": "audience = cast(Audience, None)",
}


@pytest.mark.parametrize("fault", PLANTED.values(), ids=PLANTED.keys())
def test_it_is_caught_that(fault: str) -> None:
    found = faults_of({"worker/planted.py": fault})
    assert [each.file for each in found] == ["worker/planted.py"]


def test_the_filter_file_and_reads_with_its_filter_are_let_through() -> None:
    named = "from qdrant_client import models\nmodels.Filter(must=[])"
    read = (
        "import qdrant_edge as q\ndef read(shard, scope):\n    allowed = read_filter(q, scope)\n"
        "    return shard.scroll(q.ScrollRequest(filter=allowed))"
    )
    assert faults_of({FILTERS: named, "retrieval/edge.py": read}) == []
