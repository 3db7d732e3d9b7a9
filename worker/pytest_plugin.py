"""The pytest plugin: `pytest golden_queries/` gives one test for each golden case, run as production answers it.

Only files below the configured golden paths are collected, and files of cases that are named on the command line; in
any other session nothing happens. What runs the cases is loaded with the first such file, since it costs seconds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import BadSettings
from golden_queries.cases import SUFFIXES
from worker.settings import GoldenSettings, load

_CONFIG = "--middlewatch-config"
_CASES = "worker.pytest_cases"
_PATHS = pytest.StashKey[tuple[Path, ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the settings file."""
    parser.getgroup("middlewatch").addoption(
        _CONFIG, type=Path, metavar="FILE", help="Settings for golden cases; default as for the middlewatch command."
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of golden cases; leave every other file alone."""
    if file_path.suffix not in SUFFIXES or not _golden(file_path, parent):
        return None
    plugins = parent.config.pluginmanager
    plugins.import_plugin(_CASES)
    made: pytest.Collector = plugins.getplugin(_CASES).GoldenFile.from_parent(parent, path=file_path)
    return made


def settings_file(config: pytest.Config) -> Path | None:
    """Return the settings file that the command line names."""
    named: Path | None = config.getoption(_CONFIG)
    return named


def _golden(file: Path, parent: pytest.Collector) -> bool:
    if any(file.resolve().is_relative_to(path) for path in _paths(parent.config)):
        return True
    return parent.session.isinitpath(file) and "expected" in file.read_text(encoding="utf-8", errors="replace")


def _paths(config: pytest.Config) -> tuple[Path, ...]:
    """Return where golden cases lie. Where the settings are wrong it is the usual place, and the cases there say so."""
    if _PATHS not in config.stash:
        try:
            paths = load(settings_file(config)).golden.paths
        except BadSettings:
            paths = tuple(config.invocation_params.dir / path for path in GoldenSettings().paths)
        config.stash[_PATHS] = tuple(path.resolve() for path in paths)
    return config.stash[_PATHS]
