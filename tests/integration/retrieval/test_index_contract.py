"""What every index keeps, whichever engine is behind it."""

from __future__ import annotations

import pytest

from domain.access import Audience
from domain.document import Chunk, Kind
from domain.errors import IndexMissing
from retrieval.access_filter import Scope
from retrieval.index import DENSE, PASSAGE, PASSAGE_WORDS, SPARSE, Index, Leg
from retrieval.indexer import PASSAGE_TERMS, Indexer
from retrieval.payload import CHUNK_ROLE, chunk_of, document_of
from tests.library import WordEmbedder, document

EVERYONE = Audience.of([])
LIBRARY = [
    document("runbooks/disk.md", "Meaning: The disk fills up.", "Mitigation: Delete old logs.", services=("orders",)),
    document("runbooks/keys.md", "Rotate the signing keys.", readers=["security"]),
    document("runbooks/nobody.md", "The disk that nobody may read about.", readers=[]),
    document("postmortems/disk.md", "The disk was full in March.", link="https://wiki.example.com/disk"),
]
CHUNKS = [chunk for chunks in LIBRARY for chunk in chunks]


def build(index: Index, snapshot: str, chunks: list[Chunk] = CHUNKS) -> None:
    Indexer(index, WordEmbedder()).build(snapshot, chunks)


def words_leg(text: str) -> Leg:
    return Leg(PASSAGE_WORDS, dict.fromkeys(PASSAGE_TERMS.query(text), 1.0))


def test_it_gives_back_each_chunk_and_document_exactly_as_it_was_written(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    points = index.read(snapshot, Scope(Audience.of(["security"]), role=CHUNK_ROLE), ())
    found = {chunk_of(point.id, point.payload, document_of(point.payload)) for point in points}
    assert found == {chunk for chunk in CHUNKS if chunk.meta.readers}


def test_it_gives_back_vectors_to_the_last_bit(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    (point,) = index.read(snapshot, Scope(EVERYONE, Kind.POSTMORTEM, CHUNK_ROLE), (*DENSE, *SPARSE))
    chunk = LIBRARY[3][0]
    wanted = WordEmbedder().passage(f"{chunk.breadcrumb}\n{chunk.text}")
    assert point.dense[PASSAGE].tobytes() == wanted.tobytes()
    assert point.sparse[PASSAGE_WORDS] == PASSAGE_TERMS.document(f"{chunk.meta.title} {chunk.text}")


def test_an_audience_is_proposed_only_what_it_may_read_on_every_leg(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    legs = [words_leg("disk keys"), Leg(PASSAGE, WordEmbedder().query("the disk that nobody may read about"))]
    for audience, readable in [
        (EVERYONE, {"runbooks/disk.md", "postmortems/disk.md"}),
        (Audience.of(["security"]), {"runbooks/disk.md", "postmortems/disk.md", "runbooks/keys.md"}),
    ]:
        for proposals in index.propose(snapshot, Scope(audience), legs, 50):
            assert {proposal.document_id for proposal in proposals} == readable


def test_a_document_without_readers_is_read_by_nobody(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    points = index.read(snapshot, Scope(Audience.of(["security", "nobody", ""])), ())
    assert "runbooks/nobody.md" not in {point.payload["document"] for point in points}


def test_an_audience_without_groups_is_refused_before_the_engine_is_asked(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    with pytest.raises(ValueError, match="without groups"):
        index.read(snapshot, Scope(Audience.nobody()), ())
    with pytest.raises(ValueError, match="without groups"):
        index.propose(snapshot, Scope(Audience.nobody()), [words_leg("disk")], 5)


def test_a_scope_narrows_to_a_kind_and_to_certain_documents(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    [by_kind] = index.propose(snapshot, Scope(EVERYONE, Kind.POSTMORTEM), [words_leg("disk")], 5)
    assert {proposal.document_id for proposal in by_kind} == {"postmortems/disk.md"}
    points = index.read(snapshot, Scope(EVERYONE, documents=frozenset({"runbooks/disk.md", "runbooks/keys.md"})), ())
    assert {point.payload["document"] for point in points} == {"runbooks/disk.md"}
    assert index.read(snapshot, Scope(EVERYONE, documents=frozenset()), ()) == []


def test_it_reads_on_past_ties_at_the_limit(index: Index, snapshot: str) -> None:
    twins = [
        chunk for number in range(30) for chunk in document(f"runbooks/twin{number:02}.md", "same words", title="T")
    ]
    build(index, snapshot, twins)
    [proposals] = index.propose(snapshot, Scope(EVERYONE), [words_leg("same words")], 3)
    assert len(proposals) == 30


def test_a_clear_limit_is_kept(index: Index, snapshot: str) -> None:
    rising = [
        chunk
        for number in range(1, 9)
        for chunk in document(f"runbooks/{number}.md", " ".join(["disk"] * number + ["other"] * 20), title="T")
    ]
    build(index, snapshot, rising)
    [proposals] = index.propose(snapshot, Scope(EVERYONE), [words_leg("disk")], 3)
    assert [proposal.document_id for proposal in proposals] == ["runbooks/8.md", "runbooks/7.md", "runbooks/6.md"]


def test_snapshots_stand_beside_each_other(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    build(index, f"{snapshot}-b", LIBRARY[0])
    assert {snapshot, f"{snapshot}-b"} <= set(index.snapshots())
    assert len(index.read(f"{snapshot}-b", Scope(EVERYONE), ())) == 3
    assert len(index.read(snapshot, Scope(EVERYONE), ())) == 5


def test_a_snapshot_that_was_never_built_is_missing(index: Index) -> None:
    with pytest.raises(IndexMissing, match="middlewatch ingest"):
        index.read("test-never-built", Scope(EVERYONE), ())
    with pytest.raises(IndexMissing):
        index.propose("test-never-built", Scope(EVERYONE), [words_leg("disk")], 5)


def test_a_snapshot_whose_building_failed_cannot_be_read(index: Index, snapshot: str) -> None:
    class Stopping(WordEmbedder):
        def passage(self, text: str):  # type: ignore[no-untyped-def]
            if len(self.embedded) == 150:
                raise RuntimeError("killed")
            return super().passage(text)

    many = [chunk for number in range(200) for chunk in document(f"runbooks/{number}.md", f"words {number}")]
    with pytest.raises(RuntimeError, match="killed"):
        Indexer(index, Stopping()).build(snapshot, many)
    assert snapshot not in index.snapshots()
    with pytest.raises(IndexMissing):
        index.read(snapshot, Scope(EVERYONE), ())
    build(index, snapshot)
    assert len(index.read(snapshot, Scope(EVERYONE), ())) == 5


def test_a_dropped_snapshot_is_gone_and_dropping_twice_is_no_error(index: Index, snapshot: str) -> None:
    build(index, snapshot)
    index.drop(snapshot)
    index.drop(snapshot)
    assert snapshot not in index.snapshots()
    with pytest.raises(IndexMissing):
        index.read(snapshot, Scope(EVERYONE), ())


def test_an_empty_library_makes_a_snapshot_with_nothing_in_it(index: Index, snapshot: str) -> None:
    build(index, snapshot, [])
    assert index.read(snapshot, Scope(EVERYONE), ()) == []
    assert index.propose(snapshot, Scope(EVERYONE), [words_leg("disk")], 5) == [[]]
