from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import pytest

from worker.memory import loading

PROGRAM = """
import ctypes, sys, threading
from worker.memory import share_heaps
print(share_heaps())
held = threading.Barrier(17)
def hold():
    kept = [bytes(4096) for _ in range(100)]
    held.wait()
    held.wait()
threads = [threading.Thread(target=hold) for _ in range(16)]
for thread in threads: thread.start()
held.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
held.wait()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
def test_sixteen_threads_share_two_heaps(tmp_path: Path) -> None:
    told = tmp_path / "heaps.xml"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(told)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert told.read_text().count("<heap ") == 2


LARGE = """
import gc, sys
from worker.memory import share_heaps
if sys.argv[1] == "shared": share_heaps()
def held():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
bytes(16 * 2**20)  # once it is free, glibc puts the next one as large into the heap
before = held()
large, small = bytearray(16 * 2**20), [bytes(600 + n % 300) for n in range(2000)]
large[::4096] = b"x" * len(large[::4096])
large = None
print((held() - before) // 1024)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
def test_a_large_block_is_given_back_though_small_ones_came_after_it() -> None:
    held = {
        how: int(subprocess.run([sys.executable, "-c", LARGE, how], capture_output=True, text=True, check=True).stdout)
        for how in ("shared", "alone")
    }
    assert held["shared"] <= 4, held
    assert held["alone"] >= 12, held


def test_what_was_loaded_is_left_out_of_later_rounds_of_the_collector() -> None:
    kept = []
    with loading():
        assert not gc.isenabled()
        kept = [[] for _ in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(kept)
    gc.unfreeze()


def test_the_collector_runs_again_after_a_load_that_failed() -> None:
    with pytest.raises(OSError, match="no model"), loading():
        raise OSError("no model")
    assert gc.isenabled()
    gc.unfreeze()
