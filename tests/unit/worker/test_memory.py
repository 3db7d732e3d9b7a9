from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

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
