"""What holds for every test: generated cases are the same on every machine, and more of them where it is asked for."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("proof", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("MIDDLEWATCH_TEST_PROFILE", "same"))
