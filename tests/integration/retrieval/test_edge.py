"""What the in-process index adds to the contract: several processes, copies, and what a killed one leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain.access import Audience
from domain.errors import IndexMissing, IndexUnavailable
from retrieval.access_filter import Scope
from retrieval.edge import EdgeIndex
from retrieval.indexer import Indexer
from tests.library import WordEmbedder, document

EVERYONE = Scope(Audience.of([]))
READ = """
import sys, time
from pathlib import Path
from domain.access import Audience
from retrieval.access_filter import Scope
from retrieval.edge import EdgeIndex
index = EdgeIndex(Path(sys.argv[1]))
print(len(index.read("s1", Scope(Audience.of([])), ())), flush=True)
time.sleep(60)
"""


def built(data_dir: Path, snapshot: str = "s1") -> EdgeIndex:
    index = EdgeIndex(data_dir)
    Indexer(index, WordEmbedder()).build(snapshot, document("runbooks/a.md", "one", "two"))
    return index


def copies(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "open").glob("*/s*"))


def test_several_processes_read_one_snapshot_and_a_killed_ones_copy_is_removed(tmp_path: Path) -> None:
    index = built(tmp_path)
    other = subprocess.Popen([sys.executable, "-c", READ, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "3"
        assert len(index.read("s1", EVERYONE, ())) == 3
        assert len(copies(tmp_path)) == 2
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.communicate()
    index.close()
    third = EdgeIndex(tmp_path)
    assert len(third.read("s1", EVERYONE, ())) == 3
    assert len(copies(tmp_path)) == 1
    third.close()
    assert copies(tmp_path) == []


def test_a_published_directory_is_never_written_to_again(tmp_path: Path) -> None:
    index = built(tmp_path)

    def state() -> dict[str, tuple[int, int]]:
        files = (path for path in (tmp_path / "index" / "s1").rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    before = state()
    index.read("s1", EVERYONE, ())
    index.close()
    assert state() == before


def test_a_copy_keeps_the_holes_of_its_files(tmp_path: Path) -> None:
    index = built(tmp_path)
    index.read("s1", EVERYONE, ())
    (copy,) = copies(tmp_path)
    sizes = [path.stat() for path in copy.rglob("*") if path.is_file()]
    assert sum(size.st_size for size in sizes) > 20 * sum(size.st_blocks * 512 for size in sizes)
    index.close()


def test_only_the_newest_snapshots_stay_open(tmp_path: Path) -> None:
    index = built(tmp_path)
    for snapshot in ("s2", "s3"):
        built(tmp_path, snapshot).close()
    for snapshot in ("s1", "s2", "s3", "s1"):
        assert len(index.read(snapshot, EVERYONE, ())) == 3
        assert len(copies(tmp_path)) <= 2
    index.close()


def test_a_snapshot_that_is_dropped_by_another_process_stays_readable_where_it_is_open(tmp_path: Path) -> None:
    index = built(tmp_path)
    assert len(index.read("s1", EVERYONE, ())) == 3
    other = EdgeIndex(tmp_path)
    other.drop("s1")
    other.close()
    assert len(index.read("s1", EVERYONE, ())) == 3
    index.close()
    with pytest.raises(IndexMissing):
        EdgeIndex(tmp_path).read("s1", EVERYONE, ())


def test_a_damaged_snapshot_is_one_error_that_says_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "index" / "s1").mkdir(parents=True)
    index = EdgeIndex(tmp_path)
    with pytest.raises(IndexUnavailable, match="middlewatch ingest --full"):
        index.read("s1", EVERYONE, ())
    index.close()


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where a folder should be")
    with pytest.raises(IndexUnavailable, match="data directory"):
        built(tmp_path)
