"""A sync: nothing where nothing changed, else a whole new snapshot; a failure leaves the live one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.document import Chunk, DocumentMeta, Kind
from domain.errors import BadSettings, IndexUnavailable, StoreUnavailable
from domain.snapshot import Published, Snapshot
from ingest.run import Options, Outcome, Parts, Progress, Versions, manifest, snapshot_id, sync
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
    """Keeps the record in memory; can fail before or after recording."""

    def __init__(self) -> None:
        self.published: list[Published] = []
        self.fails = ""

    def live(self) -> Snapshot | None:
        return self.published[-1].snapshot if self.published else None

    def documents(self, snapshot_id: str) -> tuple[DocumentMeta, ...]:
        return next(each.documents for each in self.published if each.snapshot.id == snapshot_id)

    def publish(self, published: Published) -> None:
        if self.fails != "before":
            self.published.append(published)
        if self.fails:
            raise StoreUnavailable("The database did not answer.")


class World:
    """Two sources on disk, an index and a record."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = FakeIndex()
        self.catalogue = FakeCatalogue()
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

    def sync(self, options: Options | None = None, specs: list[SourceSpec] | None = None):  # type: ignore[no-untyped-def]
        self.now += timedelta(seconds=1)
        parts = Parts(self.index, self.catalogue, lambda text: text, self.versions)
        return sync(specs or self.specs(), parts, self.now, options or Options())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_first_sync_publishes_everything(world: World) -> None:
    heard: list[tuple[int, int]] = []
    report = world.sync(Options(progress=lambda done, total: heard.append((done, total))))
    assert report.outcome is Outcome.PUBLISHED
    assert (report.added, report.changed, report.removed, report.unchanged) == (3, 0, 0, 0)
    assert report.documents == {"runbooks": 2, "past": 1}
    assert heard == [(1, 3), (2, 3), (3, 3)]
    (published,) = world.catalogue.published
    assert published.snapshot.id == report.snapshot
    assert (published.snapshot.documents, published.snapshot.chunks) == (3, 3)
    assert published.snapshot.fingerprint == world.versions.fingerprint("model-1")
    assert [meta.id for meta in published.documents] == ["past/c.md", "runbooks/a.md", "runbooks/b.md"]
    assert [piece.meta.id for piece in world.index.snapshots[report.snapshot]] == [
        "runbooks/a.md",
        "runbooks/b.md",
        "past/c.md",
    ]
    assert report.as_text().startswith(f"Published {report.snapshot}: 3 documents (3 added")


def test_nothing_is_built_where_nothing_changed(world: World) -> None:
    first = world.sync()
    second = world.sync()
    assert (second.outcome, second.snapshot, second.unchanged) == (Outcome.UNCHANGED, first.snapshot, 3)
    assert (world.index.builds, len(world.catalogue.published)) == (1, 1)


def test_full_builds_anew(world: World) -> None:
    first = world.sync()
    second = world.sync(Options(full=True))
    assert second.outcome is Outcome.PUBLISHED
    assert second.snapshot > first.snapshot
    assert second.unchanged == 3


def test_changes_and_deletions_make_a_new_snapshot(world: World) -> None:
    world.sync()
    world.write("runbooks/a.md", "# Title of runbooks/a.md\n\nOther text.")
    world.write("runbooks/d.md", "# New")
    (world.root / "past/c.md").unlink()
    report = world.sync()
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 1, 1, 1)
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
    assert (report.changed, report.unchanged, dict(report.documents)) == (0, 1, {"past": 1})
    assert len(world.catalogue.published[-1].documents) == 3


def test_a_build_that_fails_leaves_the_live_snapshot(world: World) -> None:
    live = world.sync().snapshot
    world.write("runbooks/a.md", "# Changed")
    world.index.fails_after = 2
    with pytest.raises(IndexUnavailable):
        world.sync()
    assert list(world.index.snapshots) == [live]
    assert world.catalogue.live().id == live  # type: ignore[union-attr]
    world.index.fails_after = None
    assert world.sync().changed == 1


def test_a_snapshot_that_was_not_recorded_is_dropped(world: World) -> None:
    live = world.sync().snapshot
    world.catalogue.fails = "before"
    with pytest.raises(StoreUnavailable):
        world.sync(Options(full=True))
    assert list(world.index.snapshots) == [live]


def test_a_snapshot_that_was_recorded_after_all_is_kept(world: World) -> None:
    world.catalogue.fails = "after"
    with pytest.raises(StoreUnavailable):
        world.sync()
    assert list(world.index.snapshots) == [world.catalogue.live().id]  # type: ignore[union-attr]


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
