"""A run as a report: JUnit for a build server, Markdown for a pull request, and a picture of recall over snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from xml.etree.ElementTree import Element, SubElement, tostring

from golden_queries.figures import MEASURES
from golden_queries.gate import Verdict
from golden_queries.intervals import intervals
from golden_queries.metrics import first_rank
from golden_queries.recall import Outcome, Report


@dataclass(frozen=True, slots=True)
class Point:
    """One snapshot's figure, over `n` cases."""

    snapshot: str
    value: float
    n: int


def junit(report: Report, verdict: Verdict) -> str:
    """Return JUnit XML: a test for each case, and one for each reason of the gate. Nothing in it is skipped."""
    suite = Element("testsuite", name="golden queries")
    for outcome in report.outcomes:
        test = SubElement(suite, "testcase", classname=outcome.case.origin, name=outcome.case.id)
        if not outcome.passed and outcome.case.quarantine is None:
            SubElement(test, "failure", message=_how(outcome)).text = _retrieved(outcome)
        elif not outcome.passed:
            SubElement(test, "system-out").text = f"set aside: {_how(outcome)}"
    for failure in verdict.failures:
        test = SubElement(suite, "testcase", classname="gate", name=f"{failure.reason.value} {failure.subject}")
        SubElement(test, "failure", message=failure.text)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def markdown(report: Report, verdict: Verdict, picture_file: str = "") -> str:
    """Return a page: the gate's word and reasons, every figure with its range and n, and the cases that fail."""
    sure = intervals(report.outcomes)
    lines = [f"## Golden queries: {verdict.word.value}", ""]
    lines += [f"Snapshot `{report.snapshot}`; judged by {verdict.gating} of {verdict.configured} cases.", ""]
    lines += [f"* **{failure.reason.value}**: {_cell(failure.text)}" for failure in verdict.failures]
    lines += [f"* {_cell(note)}" for note in verdict.notes]
    lines += ["", "| figure | value | 95 % | n |", "|---|---|---|---|"]
    for name, each in MEASURES.items():
        figure = each.of(report.outcomes)
        if figure.value is not None:
            between = f"{sure[name].low:.3f} to {sure[name].high:.3f}"
            lines.append(f"| {name} | {figure.value:.3f} | {between} | {figure.n} |")
    failing = [outcome for outcome in report.outcomes if not outcome.passed]
    if failing:
        lines += ["", "| not passed | how | came first |", "|---|---|---|"]
        for outcome in failing:
            first = outcome.retrieved[0][0] if outcome.retrieved else "nothing"
            lines.append(f"| {_cell(outcome.case.id)} | {_cell(_how(outcome))} | {_cell(first)} |")
    if picture_file:
        lines += ["", f"![Recall over snapshots]({picture_file})"]
    return "\n".join(lines) + "\n"


_WIDE, _HIGH, _LEFT, _TOP, _FOOT = 720, 260, 48, 48, 48
_LABELLED = 14
"""How many points there may be for each to have its value written above it; of more only the last has."""


def picture(name: str, points: Sequence[Point]) -> str:
    """Return an SVG line of a figure over snapshots, oldest first; each point tells its snapshot, value and n.

    The axis begins at 0.5, or at 0 where a value lies below that, and says so.
    """
    low = 0.5 if all(point.value >= 0.5 for point in points) else 0.0
    step, tall = (_WIDE - 2 * _LEFT) / max(len(points) - 1, 1), _HIGH - _TOP - _FOOT
    places = [(_LEFT + at * step, _TOP + tall * (1 - point.value) / (1 - low)) for at, point in enumerate(points)]
    title = f"{name} over {len(points)} snapshots"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" role="img" font-family="sans-serif">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/>',
        _words(_LEFT, 20, title if points else f"{name}: no snapshot yet", "#24292f"),
    ]
    for mark in (low, (low + 1) / 2, 1.0):
        high = _TOP + tall * (1 - mark) / (1 - low)
        parts += [f'<path d="M{_LEFT} {high:.1f}H{_WIDE - _LEFT}" stroke="#d0d7de"/>', _words(8, high + 4, f"{mark:g}")]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#0969da" stroke-width="2"/>')
    for at, (point, (across, down)) in enumerate(zip(points, places, strict=True), start=1):
        told = escape(f"{point.snapshot}: {point.value:.3f}, n={point.n}")
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="4" fill="#0969da"><title>{told}</title></circle>')
        if len(points) <= _LABELLED or at == len(points):
            parts.append(_words(across - 14, down - 10, f"{point.value:.3f}"))
    for point, across in ((points[0], _LEFT), (points[-1], _WIDE - _LEFT - 120)) if points else ():
        parts.append(_words(across, _HIGH - 18, f"{_day(point.snapshot)} (n={point.n})"))
    return "\n".join(parts) + "\n</svg>\n"


def _words(across: float, down: float, text: str, colour: str = "#57606a") -> str:
    return f'<text x="{across:.1f}" y="{down:.1f}" font-size="12" fill="{colour}">{escape(text)}</text>'


def _day(snapshot: str) -> str:
    """Return the day that a snapshot's id begins with, else the id."""
    day = snapshot[:8]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day.isdigit() and len(day) == 8 else snapshot


def _how(outcome: Outcome) -> str:
    """Say in a few words why a case fails."""
    if outcome.leaked:
        return f"leaked {', '.join(outcome.leaked)}"
    if outcome.past_wrong:
        return f"last time may not show {', '.join(outcome.past_wrong)}"
    if not outcome.case.answerable:
        return "something is shown, and nothing may be"
    return f"rank {first_rank(outcome.ranks) or 'none'}, wanted within the first {outcome.case.at}"


def _retrieved(outcome: Outcome) -> str:
    return "\n".join(f"{place}. {score:.3f} {doc}" for place, (doc, score) in enumerate(outcome.retrieved, start=1))


def _cell(text: str) -> str:
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|")
