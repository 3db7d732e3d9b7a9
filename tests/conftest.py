"""What holds for every test: generated cases are the same on every machine, and more of them where it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("proof", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("MIDDLEWATCH_TEST_PROFILE", "same"))


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Take back what a test that ran a command did to the log of the process."""
    yield
    structlog.reset_defaults()
