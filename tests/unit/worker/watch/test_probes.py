"""What `config check` says of the index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.snapshot import Judgement, Record, Snapshot, State
from retrieval.index import SERVER_ADVISED_FROM
from worker.watch.probes import index

ADVICE = f"a Qdrant server is advised from {SERVER_ADVISED_FROM:,} chunks"


class Catalogue:
    """A record whose live snapshot has so many chunks."""

    def __init__(self, chunks: int) -> None:
        self._chunks = chunks

    def live_record(self) -> Record:
        snapshot = Snapshot("s1", datetime(2026, 1, 1, tzinfo=UTC), "", "", 9, self._chunks)
        return Record(snapshot, State.LIVE, Judgement(passed=True, guarded=True))


def said(chunks: int, *, embedded: bool) -> str:
    return index(lambda: Catalogue(chunks), lambda: None, lambda: ("s1",), embedded=embedded).check()


def test_a_small_index_in_this_process_is_told_from_which_size_a_server_is_advised() -> None:
    assert said(626, embedded=True) == f"snapshot s1: 9 documents, 626 chunks; {ADVICE}"


@pytest.mark.parametrize("chunks", [SERVER_ADVISED_FROM, 10 * SERVER_ADVISED_FROM])
def test_a_large_one_is_told_how_to_mend_it(chunks: int) -> None:
    assert "LARGE" in said(chunks, embedded=True)
    assert "store.qdrant_url" in said(chunks, embedded=True)


def test_on_a_server_size_is_no_matter() -> None:
    assert said(10 * SERVER_ADVISED_FROM, embedded=False).endswith("chunks")
