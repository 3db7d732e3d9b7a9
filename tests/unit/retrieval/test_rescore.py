from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.document import Chunk, Hit, Kind
from retrieval.index import Point
from retrieval.indexer import PASSAGE_TERMS, Indexer
from retrieval.rescore import WEIGHTS, Sought, Stored, _best, confirmed, in_order, likeness, scored
from retrieval.sparse import coverage
from tests.library import WordEmbedder, document

EMBEDDER = WordEmbedder()


class Kept:
    """Takes the points that an indexer writes."""

    def build(self, snapshot: str, batches: object) -> None:
        self.points: list[Point] = [point for batch in batches for point in batch]  # type: ignore[attr-defined]


def stored(chunks: list[Chunk]) -> Stored:
    kept = Kept()
    Indexer(kept, EMBEDDER).build("s", chunks)  # type: ignore[arg-type]
    whole, *passages = kept.points
    return Stored.of(chunks[0].meta, whole, list(reversed(passages)))


def sought(text: str, name: str = "") -> Sought:
    terms, called = PASSAGE_TERMS.query(text), PASSAGE_TERMS.query(name)
    return Sought.of(EMBEDDER.query(text), dict.fromkeys(terms, 1.0), dict.fromkeys(called, 1.0))


def score(chunks: list[Chunk], wanted: Sought) -> float:
    one = stored(chunks)
    return scored(one, likeness(one, wanted)).score


def test_passages_stand_in_the_documents_order_and_the_best_says_which() -> None:
    document_of_three = stored(document("runbooks/a.md", "alpha beta", "the disk is full", "gamma delta"))
    wanted = sought("disk full")
    hit = scored(document_of_three, likeness(document_of_three, wanted))
    assert [passage.chunk.ordinal for passage in hit.passages] == [0, 1, 2]
    assert hit.best[0].chunk.text == "the disk is full"


def test_scores_lie_between_nothing_and_one() -> None:
    same = stored(document("runbooks/disk-full.md", "disk full", title="disk full"))
    perfect = scored(same, likeness(same, sought("disk full"))).score
    other = stored(document("runbooks/other.md", "alpha beta"))
    assert 0 <= scored(other, likeness(other, sought("disk full"))).score < perfect <= 1


@pytest.mark.parametrize("kind", list(Kind))
def test_a_score_is_a_weighted_mean(kind: Kind) -> None:
    weights = WEIGHTS[kind]
    assert weights.total == pytest.approx(
        weights.passage + weights.passage_words + weights.document_words + weights.title + weights.heading_words
    )


def test_a_document_scores_the_same_whatever_stands_beside_it() -> None:
    wanted = sought("disk full of logs")
    alone = stored(document("runbooks/a.md", "the disk is full", "delete logs"))
    first = likeness(alone, wanted)
    for number in range(50):
        likeness(stored(document(f"runbooks/{number}.md", f"disk {number}")), wanted)
    assert likeness(alone, wanted) == first


def test_the_best_comes_first_and_equal_scores_are_ordered_by_id() -> None:
    hits = [
        Hit(document(f"runbooks/{name}.md", "x")[0].meta, score, ()) for name, score in [("c", 1), ("b", 2), ("a", 1)]
    ]
    assert [hit.meta.title for hit in in_order(hits)] == ["b", "a", "c"]


def test_the_exact_order_decides_who_is_among_the_best() -> None:
    documents = {
        chunks[0].meta.id: stored(chunks)
        for chunks in (document(f"runbooks/{number}.md", "disk " * number, title="T") for number in range(1, 8))
    }
    found = {name: likeness(one, sought("disk")) for name, one in documents.items()}
    kept = confirmed(documents, found, 2)
    assert "runbooks/7.md" in kept
    assert len(confirmed(documents, found, 100)) == len(documents)


def test_an_empty_document_is_no_error() -> None:
    whole = Point("p", {}, {"title": np.zeros(3, dtype=np.float32)})
    empty = Stored.of(document("runbooks/a.md", "x")[0].meta, whole, [])
    assert scored(empty, likeness(empty, Sought.of(np.zeros(3, dtype=np.float32), {}))).score == 0


def test_a_runbook_that_is_called_what_the_alert_is_gains_by_it() -> None:
    page = document("runbooks/a.md", "the disk is full", title="VolumeFillingUp")
    assert score(page, sought("disk full", "VolumeFillingUp")) > score(page, sought("disk full"))


def test_so_does_one_with_a_part_that_is_called_so() -> None:
    page = document("runbooks/a.md", "alpha", "VolumeFillingUp: the disk is full", title="Storage")
    assert score(page, sought("disk full", "VolumeFillingUp")) > score(page, sought("disk full"))


def test_the_name_must_stand_in_one_place_not_in_pieces() -> None:
    whole = document("runbooks/a.md", "VolumeFillingUp: the disk is full", title="Storage")
    pieces = document("runbooks/a.md", "Volume: the disk is full", "Filling: alpha", "Up: beta", title="Storage")
    found = [likeness(stored(page), sought("disk", "VolumeFillingUp")).name for page in (whole, pieces)]
    assert found[0] == 1 > found[1]


def test_a_runbook_that_is_called_otherwise_loses_nothing() -> None:
    page = document("runbooks/a.md", "the disk is full", title="Storage")
    assert score(page, sought("disk full", "VolumeFillingUp")) == score(page, sought("disk full"))


def test_a_past_incident_is_not_judged_by_the_alerts_name() -> None:
    page = document("postmortems/a.md", "the disk is full", title="VolumeFillingUp")
    assert score(page, sought("disk full", "VolumeFillingUp")) == score(page, sought("disk full"))


def test_the_words_of_each_passage_count_as_they_would_alone() -> None:
    page = document("runbooks/a.md", "the disk is full", "alpha", "disk disk full of logs")
    wanted = sought("disk full of logs and more")
    alone = [coverage(wanted.terms, wanted.best, PASSAGE_TERMS.document(f"a {chunk.text}")) for chunk in page]
    assert list(likeness(stored(page), wanted).passage_words) == alone


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(0, 9)), max_size=30), st.integers(1, 8))
def test_the_best_entries_are_those_that_sorting_would_give(entries: list[tuple[float, int]], limit: int) -> None:
    column = [(score, f"{place:02}", f"{name}") for place, (score, name) in enumerate(entries)]
    wanted = sorted(column, key=lambda entry: (-entry[0], entry[1]))[:limit]
    assert sorted(_best(column, limit)) == sorted(name for _, _, name in wanted)
