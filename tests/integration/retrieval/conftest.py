from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.edge import EdgeIndex
from retrieval.index import Index
from retrieval.server import MEMORY, ServerIndex

SERVER = os.environ.get("MIDDLEWATCH_STORE__QDRANT_URL", "")  # noqa: TID251 - the suite also runs on a real server


@pytest.fixture(params=["edge", "memory", *(["server"] if SERVER else [])])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """Each adapter in turn, a real server too where the environment names one; the contract is one."""
    make: dict[str, Callable[[], Index]] = {
        "edge": lambda: EdgeIndex(tmp_path),
        "memory": lambda: ServerIndex(MEMORY),
        "server": lambda: ServerIndex(SERVER),
    }
    made = make[request.param]()
    yield made
    if request.param == "server":
        for snapshot in made.snapshots():
            if snapshot.startswith("test-"):
                made.drop(snapshot)
    made.close()


@pytest.fixture
def snapshot() -> str:
    return f"test-{uuid.uuid4().hex}"
