"""How a process that runs for months keeps its memory together."""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8
_HEAPS = 2


def share_heaps() -> bool:
    """Let the threads of this process share two heaps, and tell whether it could be had; call it before they start.

    glibc gives eight heaps for each core. What lies free in one is of no use to the threads of another, so that a
    process of many threads grows for hours; those of one interpreter seldom meet in a heap anyway. Another C library
    knows nothing of this, and all stays as it is.
    Source: M_ARENA_MAX in https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_ARENA_MAX, _HEAPS))
