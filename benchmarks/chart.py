"""Charts as SVG text, with nothing to install: bars with intervals, and lines over a logarithmic axis. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from benchmarks.quality import Figure

COLOURS = ("#9aa5b1", "#d9a441", "#5b8db8", "#1f6f54")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 900, 380, 60, 60, 50
_PLOT = HEIGHT - TOP - BOTTOM


def bars(title: str, groups: Mapping[str, Mapping[str, Figure]]) -> str:
    """Draw for each group one bar of each series from 0 to 1, with its interval."""
    series = list(dict.fromkeys(name for figures in groups.values() for name in figures))
    room = (WIDTH - LEFT - 20) / len(groups)
    bar = room * 0.8 / len(series)
    drawn = [_axis(value / 5, f"{value / 5:.1f}") for value in range(6)]
    for place, (group, figures) in enumerate(groups.items()):
        left = LEFT + place * room + room * 0.1
        drawn.append(_text(left + room * 0.4, HEIGHT - BOTTOM + 18, group, "middle"))
        for name, figure in figures.items():
            at = series.index(name)
            drawn.append(_bar(left + at * bar, bar, figure, COLOURS[at % len(COLOURS)]))
    return _page(title, series, drawn)


def lines(title: str, sizes: Sequence[int], series: Mapping[str, Sequence[float]], unit: str) -> str:
    """Draw each series over sizes; the sizes stand on a logarithmic axis."""
    most = max(value for values in series.values() for value in values)
    step = 10 ** math.floor(math.log10(most)) if most > 0 else 1
    top = step * math.ceil(most / step)
    drawn = [_axis(part / 4, f"{top * part / 4:g} {unit}") for part in range(5)]
    span = math.log(sizes[-1] / sizes[0]) or 1.0
    places = [LEFT + 30 + (WIDTH - LEFT - 80) * math.log(size / sizes[0]) / span for size in sizes]
    drawn += [
        _text(place, HEIGHT - BOTTOM + 18, f"{size:,}", "middle") for place, size in zip(places, sizes, strict=True)
    ]
    for at, values in enumerate(series.values()):
        points = " ".join(f"{x:.1f},{_y(value / top):.1f}" for x, value in zip(places, values, strict=True))
        colour = COLOURS[-1 - at % len(COLOURS)]
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return _page(title, list(series), drawn, reverse=True)


def _bar(left: float, width: float, figure: Figure, colour: str) -> str:
    top, low, high = _y(figure.mean), _y(figure.low), _y(figure.high)
    middle = left + width / 2 - 1
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width - 2:.1f}" height="{_y(0) - top:.1f}" fill="{colour}"/>'
        f'<line x1="{middle:.1f}" y1="{low:.1f}" x2="{middle:.1f}" y2="{high:.1f}" stroke="#222"/>'
        + _text(middle, min(top, high) - 4, f"{figure.mean:.2f}", "middle")
    )


def _axis(share: float, label: str) -> str:
    y = _y(share)
    line = f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 10}" y2="{y:.1f}" stroke="#ddd"/>'
    return line + _text(LEFT - 6, y + 4, label, "end")


def _y(share: float) -> float:
    return TOP + _PLOT * (1 - share)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _page(title: str, series: Sequence[str], drawn: Sequence[str], *, reverse: bool = False) -> str:
    legend = []
    for at, name in enumerate(series):
        x = LEFT + at * 210
        colour = COLOURS[-1 - at % len(COLOURS)] if reverse else COLOURS[at % len(COLOURS)]
        legend.append(f'<rect x="{x}" y="30" width="12" height="12" fill="{colour}"/>' + _text(x + 18, 41, name, ""))
    body = "\n".join([_text(LEFT, 18, title, "start"), *legend, *drawn]).replace(' text-anchor=""', "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )
