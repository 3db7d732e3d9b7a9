"""Search over a real index, as audiences use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.access import Audience
from domain.alert import Alert, Status
from domain.errors import IndexMissing, Leak
from retrieval.access_filter import Scope
from retrieval.edge import EdgeIndex
from retrieval.finder import Finder
from retrieval.index import Index, Leg, Point, Proposal
from retrieval.indexer import Indexer
from retrieval.query import from_text
from retrieval.search import Search
from tests.library import Shelf, WordEmbedder, document

EVERYONE = Audience.of([])
PAYMENTS = Audience.of(["payments"])
LIBRARY = [
    document(
        "runbooks/storage/VolumeFilling.md",
        "Meaning: The volume of the orders database is filling up.",
        "Mitigation: Drop the stale replication slot, then resize the volume.",
        title="Volume filling",
        link="https://wiki.example.com/storage/VolumeFilling",
    ),
    document("runbooks/cache/Memory.md", "The cache evicts keys because its memory is full.", title="Cache memory"),
    document(
        "runbooks/payments/Failover.md",
        "Move card traffic to the other acquirer when authorisations fail.",
        title="Acquirer failover",
        readers=["payments"],
    ),
    document(
        "postmortems/2024-03-orders.md",
        "The volume of the orders database was full: a replication slot.",
        title="Orders down",
    ),
    document(
        "postmortems/2024-05-secret.md", "The volume filled with card numbers.", title="Leak", readers=["payments"]
    ),
]
CHUNKS = [chunk for chunks in LIBRARY for chunk in chunks]


def alert(name: str, summary: str, **annotations: str) -> Alert:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    labels = {"alertname": name} if name else {}
    return Alert("f1", Status.FIRING, labels, {"summary": summary, **annotations}, at)


FILLING = alert("VolumeFilling", "The volume of the orders database is filling up")


def as_it_is(text: str) -> str:
    return text


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = EdgeIndex(tmp_path)
    Indexer(index, WordEmbedder()).build("s1", CHUNKS)
    yield index
    index.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(CHUNKS)


@pytest.fixture
def search(index: Index, shelf: Shelf) -> Search:
    return Search(Finder(index, WordEmbedder()), shelf, lambda: "s1", as_it_is)


def test_it_finds_the_runbook_and_the_past_incident_as_two_lists(search: Search) -> None:
    evidence = search.evidence(FILLING, EVERYONE)
    assert [hit.meta.id for hit in evidence.runbooks] == ["runbooks/storage/VolumeFilling.md"]
    assert [hit.meta.id for hit in evidence.postmortems] == ["postmortems/2024-03-orders.md"]
    assert evidence.snapshot == "s1"


def test_a_hit_holds_the_whole_document_in_order(search: Search) -> None:
    (hit,) = search.evidence(FILLING, EVERYONE).runbooks
    assert tuple(passage.chunk for passage in hit.passages) == tuple(LIBRARY[0])
    assert hit.best[0].chunk == LIBRARY[0][0]


def test_nothing_fits_and_the_nearest_titles_are_named(search: Search) -> None:
    evidence = search.evidence(alert("LabelPrinterJammed", "The label printer has jammed its cache"), EVERYONE)
    assert evidence.runbooks == ()
    assert evidence.postmortems == ()
    assert "runbooks/cache/Memory.md" in {meta.id for meta in evidence.nearest}
    assert "runbooks/payments/Failover.md" not in {meta.id for meta in evidence.nearest}


def test_an_audience_without_groups_is_given_nothing_and_the_index_is_not_asked(shelf: Shelf) -> None:
    class Untouched:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"asked for {name}")

    search = Search(Finder(Untouched(), WordEmbedder()), shelf, lambda: "s1", as_it_is)  # type: ignore[arg-type]
    assert search.evidence(FILLING, Audience.nobody()).runbooks == ()
    assert search.ranking(from_text("volume"), Audience.nobody()).runbooks == ()


def test_only_its_readers_find_a_document(search: Search) -> None:
    query = from_text("move card traffic to the other acquirer")
    assert search.ranking(query, PAYMENTS).runbooks[0].meta.id == "runbooks/payments/Failover.md"
    found = search.ranking(query, EVERYONE)
    assert all("payments" not in hit.meta.readers for hit in (*found.runbooks, *found.postmortems))


def test_a_document_that_is_withheld_is_left_out_at_once(search: Search, shelf: Shelf) -> None:
    assert search.evidence(FILLING, EVERYONE).runbooks
    shelf.taken.add("runbooks/storage/VolumeFilling.md")
    evidence = search.evidence(FILLING, EVERYONE)
    assert evidence.runbooks == ()
    assert "runbooks/storage/VolumeFilling.md" not in {meta.id for meta in evidence.nearest}
    shelf.taken.add("postmortems/2024-03-orders.md")
    assert search.evidence(FILLING, EVERYONE).postmortems == ()


def test_what_is_withheld_moves_no_score_of_what_is_left(search: Search, shelf: Shelf, tmp_path: Path) -> None:
    taken = "runbooks/cache/Memory.md"
    shelf.taken.add(taken)
    query = from_text("the volume of the orders database is full")
    withheld = search.ranking(query, EVERYONE)
    rest = [chunk for chunk in CHUNKS if chunk.meta.id != taken]
    other = EdgeIndex(tmp_path / "without")
    Indexer(other, WordEmbedder()).build("s1", rest)
    never = Search(Finder(other, WordEmbedder()), Shelf(rest), lambda: "s1", as_it_is).ranking(query, EVERYONE)
    other.close()
    assert withheld == never


def test_a_document_that_lost_some_readers_is_kept_from_those_alone(search: Search, shelf: Shelf) -> None:
    shelf.behind.add("runbooks/storage/VolumeFilling.md")
    shelf.of["runbooks/storage/VolumeFilling.md"] = frozenset({"payments"})
    assert search.evidence(FILLING, EVERYONE).runbooks == ()
    assert search.evidence(FILLING, PAYMENTS).runbooks[0].meta.id == "runbooks/storage/VolumeFilling.md"


@pytest.mark.parametrize("known", [True, False])
def test_a_hit_that_the_record_does_not_allow_is_a_leak(search: Search, shelf: Shelf, known: bool) -> None:
    if known:
        shelf.of["runbooks/storage/VolumeFilling.md"] = frozenset({"payments"})
    else:
        del shelf.of["runbooks/storage/VolumeFilling.md"]
    with pytest.raises(Leak, match="outside the audience"):
        search.evidence(FILLING, EVERYONE)


def test_a_document_taken_back_while_the_index_is_asked_is_left_out(index: Index, shelf: Shelf) -> None:
    class TakenMeanwhile(Lying):
        def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
            shelf.taken.add("runbooks/storage/VolumeFilling.md")
            return self._index.propose(snapshot, scope, legs, limit)

        def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
            return self._index.read(snapshot, scope, vectors)

    search = Search(Finder(TakenMeanwhile(index), WordEmbedder()), shelf, lambda: "s1", as_it_is)  # type: ignore[arg-type]
    assert search.evidence(FILLING, EVERYONE).runbooks == ()


class Lying:
    """An index whose filter does not hold: it answers every audience as if it were the payments team."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        return self._index.propose(snapshot, Scope(PAYMENTS, scope.kind, scope.role, scope.documents), legs, limit)

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        return self._index.read(snapshot, Scope(PAYMENTS, scope.kind, scope.role, scope.documents), vectors)


class Forging(Lying):
    """Lies about the readers too: it says that everyone may read what it gives."""

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        points = super().read(snapshot, scope, vectors)
        return [replace(point, payload={**point.payload, "readers": ["everyone"]}) for point in points]


class LyingLater(Lying):
    """Lies only about whole documents, after an honest first look."""

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        return (self._index if scope.role else super()).read(snapshot, scope, vectors)


@pytest.mark.parametrize("lying", [Lying, LyingLater, Forging])
def test_a_hit_outside_the_audience_is_a_leak_and_never_shown(
    lying: Callable[[Index], Index], index: Index, shelf: Shelf
) -> None:
    search = Search(Finder(lying(index), WordEmbedder()), shelf, lambda: "s1", as_it_is)
    with pytest.raises(Leak, match="outside the audience"):
        search.ranking(from_text("card traffic acquirer"), EVERYONE)


def test_a_document_kept_for_one_audience_is_not_given_to_another(search: Search) -> None:
    query = from_text("move card traffic to the other acquirer")
    assert len(search.ranking(query, PAYMENTS).runbooks) == 3
    assert len(search.ranking(query, EVERYONE).runbooks) == 2
    assert len(search.ranking(query, PAYMENTS).runbooks) == 3


def test_the_runbook_that_the_alert_names_comes_first_unless_pins_are_off(search: Search) -> None:
    named = alert(
        "", "The volume of the orders database is filling up", runbook_url="https://x.example.com/cache/memory"
    )
    evidence = search.evidence(named, EVERYONE)
    assert [(hit.meta.title, hit.pinned) for hit in evidence.runbooks] == [
        ("Cache memory", True),
        ("Volume filling", False),
    ]
    unpinned = search.evidence(named, EVERYONE, pin=False)
    assert [hit.meta.title for hit in unpinned.runbooks] == ["Volume filling"]


def test_a_runbook_that_the_audience_may_not_read_is_not_pinned(search: Search, shelf: Shelf) -> None:
    url = "https://x.example.com/payments/failover"
    named = alert("CardErrors", "Card payments fail", runbook_url=url)
    assert [hit.pinned for hit in search.evidence(named, PAYMENTS).runbooks][:1] == [True]
    assert not any(hit.pinned for hit in search.evidence(named, EVERYONE).runbooks)
    shelf.taken.add("runbooks/payments/Failover.md")
    assert not any(hit.pinned for hit in search.evidence(named, PAYMENTS).runbooks)


def test_no_live_snapshot_is_an_error_that_says_what_to_do(index: Index, shelf: Shelf) -> None:
    search = Search(Finder(index, WordEmbedder()), shelf, lambda: "", as_it_is)
    with pytest.raises(IndexMissing, match="middlewatch ingest"):
        search.evidence(FILLING, EVERYONE)


def test_another_snapshot_can_be_asked_before_it_is_live(index: Index, search: Search) -> None:
    Indexer(index, WordEmbedder()).build("s2", LIBRARY[1])
    ranking = search.ranking(from_text("volume"), EVERYONE, snapshot="s2")
    assert [hit.meta.title for hit in ranking.runbooks] == ["Cache memory"]
    assert ranking.snapshot == "s2"


def test_an_alert_that_says_nothing_finds_nothing(search: Search) -> None:
    evidence = search.evidence(alert("", ""), EVERYONE)
    assert evidence.runbooks == ()
    assert evidence.nearest == ()


def test_the_query_is_redacted_before_it_is_embedded(index: Index, shelf: Shelf) -> None:
    class Remembering(WordEmbedder):
        def query(self, text: str):  # type: ignore[no-untyped-def]
            self.embedded.append(text)
            return super().query(text)

    embedder = Remembering()
    search = Search(Finder(index, embedder), shelf, lambda: "s1", lambda text: text.replace("hunter2", "[redacted]"))
    search.evidence(alert("LoginFailed", "password hunter2 is wrong"), EVERYONE)
    assert embedder.embedded
    assert not any("hunter2" in text for text in embedder.embedded)


COPIES = [
    document(f"runbooks/{name}.md", *paragraphs, title="Volume filling", readers=readers)
    for name, paragraphs, readers in [
        ("a", ["The volume is filling up.", "Resize the volume."], ["payments"]),
        ("b", ["The volume is filling up.", "Resize the volume."], ["everyone"]),
        ("c", ["The volume is filling up.", "Resize the volume."], ["everyone"]),
        ("d", ["A volume of another kind is filling up slowly.", "Wait."], ["everyone"]),
    ]
]


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[Search]:
    chunks = [chunk for copy in COPIES for chunk in copy]
    index = EdgeIndex(tmp_path)
    Indexer(index, WordEmbedder()).build("s1", chunks)
    yield Search(Finder(index, WordEmbedder()), Shelf(chunks), lambda: "s1", as_it_is)
    index.close()


@pytest.mark.parametrize(("audience", "readable"), [(EVERYONE, "bcd"), (PAYMENTS, "abcd")])
def test_of_the_copies_that_an_audience_may_read_it_is_given_one(
    copies: Search, audience: Audience, readable: str
) -> None:
    ranking = copies.ranking(from_text("volume filling up"), audience)
    (kept,) = [hit.meta.path[0] for hit in ranking.runbooks if hit.meta.path != "d.md"]
    others = set(readable) - {kept, "d"}
    assert ranking.twins == {f"runbooks/{other}.md": f"runbooks/{kept}.md" for other in others}
    assert kept in readable


def test_the_page_that_an_alert_names_stands_for_its_copies(copies: Search) -> None:
    for name in "bc":
        url = f"https://wiki.example.com/runbooks/{name}.md"
        evidence = copies.evidence(alert("VolumeFilling", "The volume is filling up", runbook_url=url), EVERYONE)
        assert [hit.meta.path for hit in evidence.runbooks if hit.meta.path != "d.md"] == [f"{name}.md"]
        assert evidence.runbooks[0].pinned
