"""A process's own copies of published directories, removed when it closes or when it is found dead."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import threading
from pathlib import Path
from typing import IO
from uuid import uuid4

_BLOCK = 1 << 20
_LOCK = "lock"


class Copies:
    """Copies under `root/<random>/<name>`; a file lock says that the process they belong to lives.

    The lock is held by the kernel for the process, so a killed process lets go of it, and the next one to
    start removes what it left. Process ids are not used: they return, and containers share them.
    """

    def __init__(self, root: Path) -> None:
        """Take the directory that holds every process's copies; nothing is made before the first copy."""
        self._root = root
        self._own: Path | None = None
        self._held: IO[bytes] | None = None
        self._lock = threading.Lock()

    def make(self, published: Path) -> Path:
        """Copy a published directory and return the copy; an earlier copy of it is replaced.

        Raises OSError.
        """
        with self._lock:
            copy = self._folder() / published.name
            shutil.rmtree(copy, ignore_errors=True)
            copy_tree(published, copy)
            return copy

    def remove(self, name: str) -> None:
        """Remove a copy. Files that are still mapped stay readable to who has them open."""
        with self._lock:
            if self._own is not None:
                shutil.rmtree(self._own / name, ignore_errors=True)

    def close(self) -> None:
        """Remove all copies of this process."""
        with self._lock:
            own, held = self._own, self._held
            self._own = self._held = None
        if own is not None and held is not None:
            shutil.rmtree(own, ignore_errors=True)
            held.close()

    def _folder(self) -> Path:
        if self._own is None:
            self._root.mkdir(parents=True, exist_ok=True)
            _sweep(self._root)
            name = uuid4().hex
            unlocked = self._root / f".{name}"
            unlocked.mkdir()
            held = (unlocked / _LOCK).open("wb")
            fcntl.flock(held, fcntl.LOCK_EX)
            # Only now can others see it: a folder that nobody locks is taken for a dead process's.
            self._own, self._held = unlocked.rename(self._root / name), held
        return self._own


def _sweep(root: Path) -> None:
    """Remove the copies of processes that are gone."""
    for folder in root.glob("[!.]*"):
        try:
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def copy_tree(source: Path, target: Path) -> None:
    """Copy a directory and keep the holes in its files: the engine reserves far more than it fills."""
    shutil.copytree(source, target, copy_function=_copy_file)


def _copy_file(source: str, target: str) -> None:
    with Path(source).open("rb", buffering=0) as reading, Path(target).open("wb", buffering=0) as writing:
        end = os.fstat(reading.fileno()).st_size
        os.truncate(writing.fileno(), end)
        at = 0
        while at < end and (at := _next_data(reading.fileno(), at, end)) < end:
            hole = os.lseek(reading.fileno(), at, os.SEEK_HOLE)
            for start in range(at, hole, _BLOCK):
                os.pwrite(writing.fileno(), os.pread(reading.fileno(), min(_BLOCK, hole - start), start), start)
            at = hole


def _next_data(file: int, at: int, end: int) -> int:
    try:
        return os.lseek(file, at, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole up to the end
            return end
        raise
