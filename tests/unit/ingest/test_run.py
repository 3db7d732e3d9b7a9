"""A sync: nothing where nothing changed, else a whole new snapshot; a failure leaves the live one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access import Ruling
from domain.document import Chunk, DocumentMeta, Kind
from domain.errors import BadSettings, IndexUnavailable, StoreUnavailable
from domain.snapshot import Judgement, Loss, Published, Record, Snapshot, State
from ingest.report import UNGUARDED, Outcome
from ingest.run import Options, Parts, Progress, Versions, manifest, snapshot_id, sync
from ingest.sources import SourceSpec

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class FakeIndex:
    """Keeps snapshots in memory; fails after so many chunks when told to."""

    def __init__(self) -> None:
        self.fingerprint = "model-1"
        self.snapshots: dict[str, tuple[Chunk, ...]] = {}
        self.fails_after: int | None = None
        self.builds = 0

    def build(self, snapshot_id: str, chunks: Sequence[Chunk], progress: Progress) -> None:
        self.builds += 1
        for done in range(1, len(chunks) + 1):
            self.snapshots[snapshot_id] = tuple(chunks[:done])
            if self.fails_after == done:
                raise IndexUnavailable("The index did not answer.")
            progress(done, len(chunks))

    def drop(self, snapshot_id: str) -> None:
        self.snapshots.pop(snapshot_id, None)


class FakeCatalogue:
    """Keeps the record in memory; can fail before or after it publishes."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.metas: dict[str, tuple[DocumentMeta, ...]] = {}
        self.published: list[str] = []
        self.fails = ""
        self.rulings: dict[str, Ruling] = {}

    def live_record(self) -> Record | None:
        return replace(self.records[self.published[-1]], state=State.LIVE) if self.published else None

    def same(self, content: str, fingerprint: str) -> Record | None:
        alike = [
            record
            for record in self.records.values()
            if (record.snapshot.content, record.snapshot.fingerprint) == (content, fingerprint)
            and record.state is not State.BUILDING
        ]
        return alike[-1] if alike else None

    def unfinished(self) -> tuple[str, ...]:
        return tuple(name for name, record in self.records.items() if record.state is State.BUILDING)

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        return self.metas[snapshot_id]

    def rule(self, rulings: Mapping[str, Ruling]) -> None:
        self.rulings = dict(rulings)

    def begin(self, published: Published) -> None:
        self.records[published.snapshot.id] = Record(published.snapshot, State.BUILDING)
        self.metas[published.snapshot.id] = published.documents

    def publish(self, snapshot_id: str, judgement: Judgement, now: datetime) -> None:
        if self.fails != "before":
            self.records[snapshot_id] = Record(self.records[snapshot_id].snapshot, State.KEPT, judgement, now)
            self.published.append(snapshot_id)
        if self.fails:
            raise StoreUnavailable("The database did not answer.")

    def refuse(self, snapshot_id: str, judgement: Judgement) -> None:
        self.records[snapshot_id] = Record(self.records[snapshot_id].snapshot, State.REFUSED, judgement)

    def forget(self, snapshot_id: str) -> None:
        del self.records[snapshot_id]


class FakeGate:
    """Says what it is told to, of a snapshot that is wholly built and on record, and not live."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.policy = "p1"
        self.says = Judgement(True, True)
        self.fails = False
        self.judged: list[tuple[str, str]] = []

    def judge(self, snapshot: Snapshot, live: Snapshot | None) -> Judgement:
        assert len(self.world.index.snapshots[snapshot.id]) == snapshot.chunks
        assert snapshot.id in self.world.catalogue.unfinished()
        if self.fails:
            raise IndexUnavailable("The index did not answer.")
        self.judged.append((snapshot.id, live.id if live else ""))
        return replace(self.says, policy=self.policy)


class World:
    """Two sources on disk, an index and a record."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = FakeIndex()
        self.catalogue = FakeCatalogue()
        self.gate = FakeGate(self)
        self.gates = 0
        self.versions = Versions(redaction="r1")
        self.now = NOW
        for name in ("runbooks/a.md", "runbooks/b.md", "past/c.md"):
            self.write(name, f"# Title of {name}\n\nText.")

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text)

    def specs(self) -> list[SourceSpec]:
        everyone = frozenset({"everyone"})
        return [
            SourceSpec("runbooks", Kind.RUNBOOK, self.root / "runbooks", everyone),
            SourceSpec("past", Kind.POSTMORTEM, self.root / "past", everyone),
        ]

    def the_gate(self) -> FakeGate:
        self.gates += 1
        return self.gate

    def sync(self, options: Options | None = None, specs: list[SourceSpec] | None = None):  # type: ignore[no-untyped-def]
        self.now += timedelta(seconds=1)
        parts = Parts(self.index, self.catalogue, lambda text: text, self.versions, self.the_gate)
        return sync(specs or self.specs(), parts, self.now, options or Options())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_first_sync_publishes_everything(world: World) -> None:
    heard: list[tuple[int, int]] = []
    report = world.sync(Options(progress=lambda done, total: heard.append((done, total))))
    assert report.outcome is Outcome.PUBLISHED
    assert (report.changes.added, report.changes.changed, report.changes.removed, report.changes.unchanged) == (
        3,
        0,
        0,
        0,
    )
    assert report.documents == {"runbooks": 2, "past": 1}
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert world.catalogue.published == [report.snapshot]
    snapshot = world.catalogue.records[report.snapshot].snapshot
    assert (snapshot.documents, snapshot.chunks) == (3, 3)
    assert snapshot.fingerprint == world.versions.fingerprint("model-1")
    metas = world.catalogue.documents(report.snapshot)
    assert [meta.id for meta in metas] == ["past/c.md", "runbooks/a.md", "runbooks/b.md"]
    assert [piece.meta.id for piece in world.index.snapshots[report.snapshot]] == [
        "runbooks/a.md",
        "runbooks/b.md",
        "past/c.md",
    ]
    assert report.as_text().startswith(f"Published {report.snapshot}: 3 documents (3 added")


def test_nothing_is_built_where_nothing_changed(world: World) -> None:
    first = world.sync()
    second = world.sync()
    assert (second.outcome, second.snapshot, second.changes.unchanged) == (Outcome.UNCHANGED, first.snapshot, 3)
    assert (world.index.builds, len(world.catalogue.published)) == (1, 1)
    assert world.gate.judged == [(first.snapshot, "")]


def test_full_builds_anew(world: World) -> None:
    first = world.sync()
    second = world.sync(Options(full=True))
    assert second.outcome is Outcome.PUBLISHED
    assert second.snapshot > first.snapshot
    assert second.changes.unchanged == 3


def test_changes_and_deletions_make_a_new_snapshot(world: World) -> None:
    world.sync()
    world.write("runbooks/a.md", "# Title of runbooks/a.md\n\nOther text.")
    world.write("runbooks/d.md", "# New")
    (world.root / "past/c.md").unlink()
    report = world.sync()
    assert (report.changes.added, report.changes.changed, report.changes.removed, report.changes.unchanged) == (
        1,
        1,
        1,
        1,
    )
    assert {piece.meta.id for piece in world.index.snapshots[report.snapshot]} == {
        "runbooks/a.md",
        "runbooks/b.md",
        "runbooks/d.md",
    }
    assert [problem.path for problem in report.problems] == ["past"]


@pytest.mark.parametrize("what", ["readers", "link", "kind", "model", "redaction", "chunker"])
def test_whatever_shapes_an_answer_makes_a_new_snapshot(world: World, what: str) -> None:
    world.sync()
    specs = world.specs()
    if what == "readers":
        specs[0] = replace(specs[0], allow=frozenset({"payments"}))
    elif what == "link":
        specs[0] = replace(specs[0], link="https://wiki.example.com/{path}")
    elif what == "kind":
        specs[0] = replace(specs[0], kind=Kind.POSTMORTEM)
    elif what == "model":
        world.index.fingerprint = "model-2"
    else:
        world.versions = replace(world.versions, **{what: "2"})
    assert world.sync(specs=specs).outcome is Outcome.PUBLISHED


def test_another_commit_alone_is_no_change() -> None:
    meta = DocumentMeta("s/a.md", "s", "a.md", Kind.RUNBOOK, "A", frozenset({"b", "a"}), commit="1")
    assert manifest([meta]) == manifest([replace(meta, commit="2", readers=frozenset({"a", "b"}))])
    assert manifest([meta]) != manifest([replace(meta, title="B")])


def test_one_source_s_sync_keeps_the_others_documents(world: World) -> None:
    world.sync()
    world.write("runbooks/a.md", "# Changed")
    report = world.sync(Options(source="past"))
    assert (report.changes.changed, report.changes.unchanged, dict(report.documents)) == (0, 1, {"past": 1})
    assert len(world.catalogue.documents(report.snapshot)) == 3


def test_a_build_that_fails_leaves_the_live_snapshot(world: World) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    world.index.fails_after = 2
    with pytest.raises(IndexUnavailable):
        world.sync()
    assert list(world.index.snapshots) == [live]
    assert world.catalogue.published[-1] == live
    world.index.fails_after = None
    assert world.sync().changes.changed == 1


def test_a_judge_that_fails_leaves_the_live_snapshot_and_no_trace(world: World) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    world.gate.fails = True
    with pytest.raises(IndexUnavailable):
        world.sync()
    assert (list(world.index.snapshots), list(world.catalogue.records)) == ([live], [live])


@pytest.mark.parametrize("changed_since", [True, False])
def test_what_a_killed_sync_left_is_dropped_by_the_next(world: World, changed_since: bool) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    world.catalogue.fails = "before"
    with pytest.raises(StoreUnavailable):
        world.sync()
    world.catalogue.fails = ""
    (left,) = world.catalogue.unfinished()
    if not changed_since:
        world.write("runbooks/a.md", "# Title of runbooks/a.md\n\nText.")
    report = world.sync()
    assert left not in world.index.snapshots
    assert world.catalogue.unfinished() == ()
    assert report.outcome is (Outcome.PUBLISHED if changed_since else Outcome.UNCHANGED)
    assert set(world.index.snapshots) == {live, report.snapshot}


def test_a_snapshot_that_was_published_after_all_is_kept(world: World) -> None:
    world.catalogue.fails = "after"
    with pytest.raises(StoreUnavailable):
        world.sync()
    assert list(world.index.snapshots) == world.catalogue.published
    world.catalogue.fails = ""
    assert world.sync().outcome is Outcome.UNCHANGED


def refusal() -> Judgement:
    return Judgement(
        False, True, ("success@1 fell",), (Loss("case-1", "runbooks/a.md was changed", ("runbooks/a.md",)),)
    )


def test_what_the_gate_refuses_is_kept_and_the_live_one_stays(world: World) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    world.gate.says = refusal()
    report = world.sync()
    assert (report.outcome, report.snapshot) == (Outcome.REFUSED, live)
    assert world.catalogue.published == [live]
    assert world.catalogue.records[report.refused].state is State.REFUSED
    assert report.as_text().splitlines() == [
        f"Refused {report.refused}: 3 documents (0 added, 1 changed, 0 removed, 2 unchanged), 3 chunks.",
        f"It may not go live; {live} stays live.",
        "  success@1 fell",
        "  lost case-1: runbooks/a.md was changed",
    ]


def test_the_same_refused_documents_are_not_built_again_until_the_gate_judges_by_something_else(world: World) -> None:
    world.gate.says = refusal()
    first = world.sync()
    assert (first.outcome, first.snapshot) == (Outcome.REFUSED, "")
    assert world.sync().refused == first.refused
    assert world.index.builds == 1
    world.gate.policy, world.gate.says = "p2", Judgement(True, True)
    assert world.sync().outcome is Outcome.PUBLISHED
    assert world.index.builds == 2


def test_what_was_taken_back_is_not_published_again(world: World) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    left = world.sync().snapshot
    world.catalogue.published.pop()
    world.catalogue.records[left] = replace(world.catalogue.records[left], held="somebody rolled it back")
    report = world.sync()
    assert (report.outcome, report.snapshot, report.refused) == (Outcome.REFUSED, live, left)
    assert "somebody rolled it back" in report.as_text()
    assert world.sync(Options(full=True)).outcome is Outcome.PUBLISHED


def test_unguarded_is_said_each_time(world: World) -> None:
    world.gate.says = Judgement(True, False)
    for _ in range(2):
        report = world.sync()
        assert not report.guarded
        assert UNGUARDED in report.as_text()


def test_an_unchanged_sync_asks_for_no_gate(world: World) -> None:
    world.sync()
    asked = world.gates
    world.sync()
    assert world.gates == asked


def test_an_empty_index_never_replaces_a_full_one(world: World) -> None:
    live = world.sync().snapshot
    for file in world.root.rglob("*.md"):
        file.unlink()
    with pytest.raises(BadSettings) as caught:
        world.sync()
    assert caught.value.mend
    assert list(world.index.snapshots) == [live]


def test_two_sources_of_one_name_are_refused(world: World) -> None:
    with pytest.raises(BadSettings):
        world.sync(specs=[world.specs()[0], world.specs()[0]])


def test_snapshots_sort_by_time() -> None:
    ids = [snapshot_id(NOW + timedelta(microseconds=step), "c", "f") for step in (0, 1, 999_999, 1_000_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 4
