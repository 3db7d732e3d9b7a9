"""A run of the golden queries as files: JUnit, a page, and the picture of recall over snapshots."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import BadInput
from domain.snapshot import Record
from golden_queries import reports
from golden_queries.gate import Verdict
from golden_queries.recall import Report
from golden_queries.reports import Point

FIGURE = "success@3"
"""What the picture shows over snapshots."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the files go, None for none, and what the snapshots before came to. The picture lies beside the page."""

    junit: Path | None
    markdown: Path | None
    points: tuple[Point, ...] = ()


def points_of(records: Sequence[Record]) -> tuple[Point, ...]:
    """Return what every judged snapshot came to when it was judged, the oldest first; refused ones are among them."""
    found = []
    for record in reversed(records):
        figures = record.judgement.scores.get("figures", {}) if record.judgement else {}
        figure = figures.get(FIGURE) or {}
        if figure.get("n"):
            found.append(Point(record.snapshot.id, float(figure["value"]), int(figure["n"])))
    return tuple(found)


def write(report: Report, verdict: Verdict, pages: Pages) -> None:
    """Write the files that are asked for.

    Raises:
        BadInput: one cannot be written.
    """
    if pages.junit:
        _put(pages.junit, reports.junit(report, verdict))
    if pages.markdown:
        picture = pages.markdown.with_suffix(".svg")
        _put(picture, reports.picture(FIGURE, pages.points))
        _put(pages.markdown, reports.markdown(report, verdict, picture.name))


def _put(file: Path, text: str) -> None:
    """Write a file whole, or leave what is there."""
    beside = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        raise BadInput(
            f"{file} cannot be written: {error.strerror}.", mend="Name a file in a folder of yours."
        ) from error
