"""Golden cases as tests. Loaded by `pytest_plugin` with the first file of cases.

A case never skips: without a live index the whole session ends, red, and says what to do. A case that is set aside is
run, and may fail up to its day; a leak fails all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import pytest

from domain.errors import IndexMissing, MiddlewatchError
from golden_queries.cases import BadCase, Case, read
from golden_queries.gate import CANARY
from golden_queries.recall import judge
from worker import wiring
from worker.cli.golden_base import explaining
from worker.index.explaining import Explained, Explaining
from worker.process import running
from worker.pytest_plugin import settings_file
from worker.redaction.redactor import redact
from worker.settings import load
from worker.telemetry import configure_logging

_IDS = pytest.StashKey[dict[str, str]]()
_LIVE = pytest.StashKey["Live"]()
_NO_INDEX = IndexMissing("No index is live.", mend="Run `middlewatch ingest` to build one.")


class CaseFailed(Exception):
    """A golden case does not hold; the message is its explanation."""


@dataclass(frozen=True, slots=True)
class Live:
    """The live snapshot and what asks it, for one session."""

    explaining: Explaining
    snapshot: str
    today: date
    stack: ExitStack

    @classmethod
    def open(cls, config: Path | None) -> Self:
        """Open the parts of production.

        Raises:
            MiddlewatchError: the settings are wrong, no index is live, or it does not fit the model.
        """
        configure_logging(redact, level="WARNING")
        with ExitStack() as stack:
            parts = stack.enter_context(running(load(config)))
            snapshot = parts.live_snapshot()
            if not snapshot:
                raise _NO_INDEX
            if judge(CANARY, parts.golden_search(CANARY)).found:
                raise MiddlewatchError("The canary, which must fail, passed: these tests would prove nothing.")
            return cls(explaining(parts), snapshot, wiring.now().date(), stack.pop_all())

    def explained(self, case: Case) -> Explained:
        """Run one case."""
        return self.explaining(case, self.snapshot)


class GoldenFile(pytest.File):
    """One file of golden cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one test for each case.

        Raises:
            BadCase: the file cannot be read, holds no case, or has an id that another one has.
        """
        known = self.config.stash.setdefault(_IDS, {})
        for case in read(self.path):
            if case.id in known:
                raise BadCase(f"{case.origin}: the id {case.id!r} is taken by {known[case.id]}.")
            known[case.id] = case.origin
            yield GoldenCase.from_parent(self, name=case.id, case=case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell a file that cannot be read in one line."""
        if isinstance(excinfo.value, MiddlewatchError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class GoldenCase(pytest.Item):
    """One golden case."""

    def __init__(self, *, case: Case, **more: Any) -> None:
        """Take the case beside what every item takes."""
        super().__init__(**more)
        self._case = case

    def runtest(self) -> None:
        """Ask the live snapshot, and fail with the ranked list and the reasons.

        Raises:
            CaseFailed: the case does not hold.
        """
        live = _live(self.config)
        explained = live.explained(self._case)
        if explained.outcome.passed:
            return
        aside = self._case.quarantine
        if aside and not self._case.gates(live.today) and not explained.outcome.leaked:
            pytest.xfail(f"set aside until {aside.until} by {aside.owner}: {aside.why}")
        raise CaseFailed(explained.as_text())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell a case that fails by its explanation alone."""
        if isinstance(excinfo.value, CaseFailed | MiddlewatchError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the case is written."""
        return self.path, None, f"golden case {self.name}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close what was opened."""
    if _LIVE in config.stash:
        config.stash[_LIVE].stack.close()


def _live(config: pytest.Config) -> Live:
    if _LIVE not in config.stash:
        try:
            config.stash[_LIVE] = Live.open(settings_file(config))
        except MiddlewatchError as error:
            pytest.exit(f"golden cases cannot be run: {error}", returncode=1)
    return config.stash[_LIVE]
