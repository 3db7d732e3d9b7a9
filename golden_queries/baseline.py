"""The accepted figures: a YAML file that is committed, so that accepting a fall is a reviewed change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import BadInput
from golden_queries.figures import GATED, MEASURES, Figure
from golden_queries.recall import Report

_HEADER = """\
# What the golden queries came to when this file was last accepted; the gate compares with it.
# `middlewatch golden check --accept` writes it. A change of it is reviewed like any other.
"""
_DIGITS = 6


class BadBaseline(BadInput):
    """The baseline cannot be read or written."""

    reason = "bad-golden-baseline"


class _FigureRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: float = Field(ge=0, le=1)
    n: int = Field(ge=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    metrics: dict[str, _FigureRow]
    must: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted figures by name, and the ids of the `must` cases that were found."""

    metrics: Mapping[str, Figure]
    must: tuple[str, ...]

    @classmethod
    def of(cls, report: Report, today: date) -> Baseline:
        """Return the baseline that a run makes; cases that are set aside today are left out."""
        gating = [outcome for outcome in report.outcomes if outcome.case.gates(today)]
        figures = {name: MEASURES[name].of(gating) for name in GATED}
        must = sorted(outcome.case.id for outcome in gating if outcome.case.must and outcome.found)
        return cls({name: figure for name, figure in figures.items() if figure.n}, tuple(must))

    @classmethod
    def read(cls, path: Path) -> Baseline | None:
        """Read a baseline; None where the file is not there.

        Raises:
            BadBaseline: it cannot be read, or is not a baseline.
        """
        if not path.exists():
            return None
        try:
            content = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
            raise BadBaseline(
                f"{path} is not a baseline.", mend="Write it anew with `middlewatch golden check --accept`."
            ) from error
        if unknown := sorted(set(content.metrics) - set(MEASURES)):
            raise BadBaseline(f"{path}: {unknown[0]!r} is no figure.", mend=f"Known: {', '.join(GATED)}.")
        return cls({name: Figure(row.value, row.n) for name, row in content.metrics.items()}, content.must)

    def write(self, path: Path) -> None:
        """Write the file whole, or leave what is there.

        Raises:
            BadBaseline: it cannot be written.
        """
        rows = {name: {"value": round(figure.value or 0.0, _DIGITS), "n": figure.n} for name, figure in self._sorted()}
        text = _HEADER + yaml.safe_dump({"metrics": rows, "must": list(self.must)}, sort_keys=False)
        beside = path.with_name(f"{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
        except OSError as error:
            raise BadBaseline(f"{path} cannot be written: {error.strerror}.") from error

    def _sorted(self) -> list[tuple[str, Figure]]:
        order = list(MEASURES)
        return sorted(self.metrics.items(), key=lambda item: order.index(item[0]))
