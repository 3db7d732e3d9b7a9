"""The nightly run: gauges, and a page that lies where people look."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from structlog.testing import capture_logs

from golden_queries.cases import Case
from golden_queries.recall import Ranked
from worker.index.nightly import Nightly
from worker.settings import GoldenSettings
from worker.telemetry import Metrics


class NoSnapshots:
    """A catalogue without a record."""

    def records(self) -> tuple[()]:
        return ()

    def documents(self, snapshot_id: str) -> tuple[()]:
        return ()


def _nothing(case: Case) -> Ranked:
    return Ranked((), ())


def _nightly(folder: Path) -> Nightly:
    cases = folder / "cases"
    cases.mkdir()
    (cases / "a.yaml").write_text("- {id: a, query: x, expected: [runbooks/a.md]}\n", encoding="utf-8")
    golden = GoldenSettings(paths=(cases,), baseline=folder / "none.yaml", min_cases=1)
    return Nightly(golden, NoSnapshots(), Metrics(), folder / "out")


def test_it_leaves_a_page_junit_and_a_picture(tmp_path: Path) -> None:
    with capture_logs() as logs:
        _nightly(tmp_path).check(_nothing, "s1", date(2026, 11, 21))
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"nightly.md", "nightly.svg", "nightly.xml"}
    assert "judged by 1 of 1 cases" in (tmp_path / "out" / "nightly.md").read_text(encoding="utf-8")
    assert [(entry["action"], entry["n"]) for entry in logs] == [("golden", 1)]


def test_a_gate_that_does_not_hold_is_an_error_in_the_log(tmp_path: Path) -> None:
    nightly = _nightly(tmp_path)
    nightly.golden.baseline.write_text("metrics: {success@1: {value: 1.0, n: 1}}\n", encoding="utf-8")
    with capture_logs() as logs:
        nightly.check(_nothing, "s1", date(2026, 11, 21))
    assert [(entry["log_level"], entry["reasons"]) for entry in logs] == [("error", ["fell"])]


def test_without_a_case_the_night_passes_and_says_so(tmp_path: Path) -> None:
    golden = GoldenSettings(paths=(tmp_path / "golden_queries" / "cases",), baseline=tmp_path / "none.yaml")
    Nightly(golden, NoSnapshots(), Metrics(), tmp_path / "out").check(_nothing, "s1", date(2026, 11, 21))
    assert "unguarded" in (tmp_path / "out" / "nightly.md").read_text(encoding="utf-8")
