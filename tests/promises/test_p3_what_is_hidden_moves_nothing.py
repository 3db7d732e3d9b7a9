"""P3: what an audience may not read moves nothing that it sees, to the last byte; and each fault planted is caught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings

from domain.access import Audience
from domain.document import Kind
from retrieval.access_filter import Scope
from retrieval.embed import Embedder, embedding_model
from retrieval.finder import Finder
from retrieval.index import Index, Leg, Point, Proposal
from retrieval.search import Search
from retrieval.sentence_model import SentenceEmbedder
from retrieval.truth import ReadersOfRecord, Truth
from retrieval.view import View, Views
from tests import worlds as w
from tests.proofs import report
from tests.scale import scaled

SEED = 20261121
SHARDS = scaled(2, 40)
GONE, ANEW = BOTH = ("gone", "written anew")
QUIET = settings(
    deadline=None, database=None, derandomize=False, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
)


@pytest.fixture(scope="module", autouse=True)
def _leave_no_files() -> Iterator[None]:
    yield
    w.cleaned_up()


def compared(
    world: w.World, others: Sequence[str], faults: w.Faults | None = None, embedder: Embedder | None = None
) -> tuple[list[str], list[str]]:
    """Return what of all that our readers see, or is told of it, moves with what is hidden; and the rungs shown.

    The whole world is seen with caches that the others' channel has warmed; the world without the hidden documents is
    seen cold, the one in which they are others is seen warmed by ourselves.
    """
    with w.opened(world, faults=faults, embedder=embedder, model=True) as stage:
        whole = stage.see(warm=w.THEIRS)
    found = []
    for name in others:
        other, warm = (world.only_ours(), "") if name == GONE else (world.changed(), w.OURS)
        with w.opened(other, faults=faults, embedder=embedder, model=True) as stage:
            seen = stage.see(warm=warm)
        found += [f"{part} with hidden documents {name}" for part in vars_of(seen) if at(seen, part) != at(whole, part)]
    return found, [record["rung"] for record in whole.record.values()]


def vars_of(seen: w.Seen) -> list[str]:
    return [part.name for part in fields(seen)]


def at(seen: w.Seen, part: str) -> str:
    """One part of what was seen, as bytes would be compared: by its full text."""
    return repr(getattr(seen, part))


def differences(world: w.World, faults: w.Faults | None = None) -> list[str]:
    return compared(world, BOTH, faults)[0]


def prove(name: str, seeded: int, most: int, embedder: Embedder | None = None) -> Counter[str]:
    """Compare so many worlds, in turn with what is hidden gone, and written anew; print how many."""
    count, rungs = 0, Counter[str]()

    @seed(seeded)
    @settings(QUIET, max_examples=most)
    @given(w.worlds())
    def every_world(world: w.World) -> None:
        nonlocal count
        count += 1
        found, shown = compared(world, (BOTH[count % 2],), embedder=embedder)
        assert found == []
        rungs.update(shown)

    every_world()
    assert count >= most
    report("leaks.md", (name, 0, count, "worlds", seeded))
    for rung, shown in rungs.items():
        report("leaks.md", (f"{name}: runs that ended at the rung {rung}", 0, shown, "runs", seeded))
    return rungs


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.timeout(0)
def test_message_logs_and_metrics_are_the_same_whatever_is_hidden(shard: int) -> None:
    rungs = prove("non-interference", SEED + shard, scaled(10, 26))
    assert rungs["extractive"]
    assert rungs["model"]


@pytest.mark.timeout(0)
def test_it_holds_with_the_real_embedding_model_too() -> None:
    embedder = SentenceEmbedder(embedding_model("bundled"))
    prove("non-interference, bundled model", SEED, scaled(1, 25), embedder)


_SEARCHING = settings(QUIET, max_examples=200, phases=(Phase.generate,))

# -- faults, planted -------------------------------------------------------------------------------------------------

ALL = Audience.of((*w.GROUPS, "others"))


class Unfiltered:
    """An index whose filter was removed: it answers whoever asks as if all groups did."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        return self._index.propose(snapshot, replace(scope, audience=ALL), legs, limit)

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        return self._index.read(snapshot, replace(scope, audience=ALL), vectors)


class Forging(Unfiltered):
    """An index without a filter, whose copies of the readers are wrong too."""

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        points = super().read(snapshot, scope, vectors)
        return [replace(point, payload={**point.payload, "readers": ["everyone"]}) for point in points]


class Believing:
    """A record that is not asked: it says that everybody may read everything, so the second check is off."""

    def __init__(self, record: ReadersOfRecord) -> None:
        self._record = record

    def readers(self, snapshot: str, document_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        return dict.fromkeys(document_ids, frozenset({"everyone"}))

    def withheld(self, snapshot: str) -> frozenset[str]:
        return frozenset()


class Forgetful(Views):
    """A cache of views whose key forgets the audience."""

    def view(self, snapshot: str, audience: Audience, truth: Truth) -> View:
        self.kept = getattr(self, "kept", {})
        if snapshot not in self.kept:
            self.kept[snapshot] = super().view(snapshot, audience, truth)
        return self.kept[snapshot]  # type: ignore[no-any-return]


def forgetful(search: Search, finder: Finder, index: Index) -> None:
    finder._views = Forgetful(index)


PLANTED: dict[str, Callable[[], w.Faults]] = {
    "the filter is removed and the second check is off": lambda: w.Faults(Forging, Believing),  # type: ignore[arg-type]
    "a cache key forgets the audience": lambda: w.Faults(search=forgetful),
}


@pytest.mark.parametrize("fault", PLANTED)
@pytest.mark.timeout(0)
def test_the_property_catches_it_where(fault: str) -> None:
    tried = 0

    def caught(world: w.World) -> bool:
        nonlocal tried
        tried += 1
        return bool(differences(world, PLANTED[fault]()))

    found = find(w.worlds(), caught, settings=_SEARCHING, random=Random(SEED))
    assert differences(found) == []  # the same world is no difference where nothing is broken
    report("leaks.md", (f"planted: {fault}", 1, tried, "worlds until it was caught", SEED))


@pytest.mark.parametrize("index", [Unfiltered, Forging])
def test_the_second_check_catches_it_where_the_filter_is_removed(index: Callable[[Index], Index]) -> None:
    world = a_world()
    assert world.hidden
    before = w.the_metrics().value("middlewatch_leaks_total")
    with w.opened(world, faults=w.Faults(index)) as stage:
        seen = stage.see()
        assert w.the_metrics().value("middlewatch_leaks_total") > before
        assert any(entry["action"] == "leak" for entry in seen.logs)
        assert not any("CNRY" in text for _, _, text in seen.sent)
        assert any("withheld" in text for _, _, text in seen.sent)


def test_a_canary_comes_through_where_both_checks_are_off() -> None:
    with w.opened(a_world(), faults=w.Faults(Forging, Believing)) as stage:  # type: ignore[arg-type]
        incident = stage.incident()
        evidence = stage.search.evidence(incident.lead, stage.world.ours)
        assert "CNRY" in repr(evidence)


def test_no_audience_is_no_read() -> None:
    with w.opened(a_world()) as stage:
        alert = stage.incident().lead
        for nobody in (None, frozenset(), ""):
            with pytest.raises(AttributeError):
                stage.search.evidence(alert, nobody)  # type: ignore[arg-type]
        assert not stage.search.evidence(alert, Audience.nobody()).runbooks


def a_world() -> w.World:
    """A small world whose hidden runbook answers the alert best."""
    said = ("disk volume full", "volume full", "disk volume")
    secret = w.Page("page-1", Kind.RUNBOOK, "DiskFull", said, frozenset({"security"}), "CNRY01x7f3")
    open_ = w.Page("page-2", Kind.RUNBOOK, "QueueLag", ("queue lag", "lag", "queue"), frozenset({"everyone"}))
    return w.World((secret, open_), Audience.of([]), ALL, w.an_alert("DiskFull", "disk volume full"))
