"""How a process that runs for months keeps its memory together."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Of glibc: https://man7.org/linux/man-pages/man3/mallopt.3.html
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8

_HEAPS = 2
_LARGE = 4 * 2**20
_SPARE = 32 * 2**20


def share_heaps() -> bool:
    """Let the threads of this process share two heaps, and tell whether it could be had; call it before they start.

    glibc gives eight heaps for each core. What lies free in one is of no use to the threads of another, so that a
    process of many threads grows for hours; those of one interpreter seldom meet in a heap anyway. A block of 4 MB
    stands apart and is given back when it is free: left to itself glibc puts the next one as large as it among the
    small ones, where it leaves a hole. Another C library knows nothing of this, and all stays as it is.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    options = ((_M_ARENA_MAX, _HEAPS), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _SPARE))
    return mallopt is not None and all([mallopt(option, value) for option, value in options])


@contextmanager
def loading() -> Iterator[None]:
    """Load what stays: the garbage collector is off meanwhile, and leaves it out of its later rounds.

    It would look through modules and models again and again and find nothing, and all threads stand still while it
    looks: a third of a second where the embedding model is loaded.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
