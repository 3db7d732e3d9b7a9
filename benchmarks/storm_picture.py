"""Draw how long first messages took, over the time at which their alerts came: an SVG by hand."""

from __future__ import annotations

from collections.abc import Sequence

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 760, 300, 56, 40, 28


def picture(waits: Sequence[tuple[float, float]], title: str) -> str:
    """Return the picture: a dot for each message, and the p50 and p95 of each two seconds as lines."""
    longest = max((wait for _, wait in waits), default=1.0) * 1.05 or 1.0
    last = max((at for at, _ in waits), default=1.0) or 1.0

    def x(at: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 12) * at / last

    def y(wait: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * wait / longest

    dots = "".join(f'<circle cx="{x(at):.1f}" cy="{y(wait):.1f}" r="1.6"/>' for at, wait in waits)
    lines = "".join(
        f'<polyline class="{name}" points="{" ".join(f"{x(at):.1f},{y(wait):.1f}" for at, wait in points)}"/>'
        for name, points in (("p50", _over_time(waits, 0.5)), ("p95", _over_time(waits, 0.95)))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><style>circle{{fill:#8ab}}polyline{{fill:none;stroke-width:2}}.p50{{stroke:#27c}}'
        f".p95{{stroke:#c33}}.axis{{stroke:#999}}</style>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="16" font-size="13">{title} (n={len(waits)}; blue p50, red p95 of two seconds)</text>'
        f"{_axes(last, longest, x, y)}{dots}{lines}</svg>\n"
    )


def _axes(last: float, longest: float, x: object, y: object) -> str:
    assert callable(x)
    assert callable(y)
    marks = [
        f'<line class="axis" x1="{_LEFT}" y1="{y(wait):.1f}" x2="{_WIDTH - 12}" y2="{y(wait):.1f}" opacity="0.3"/>'
        f'<text x="{_LEFT - 6}" y="{y(wait) + 4:.1f}" text-anchor="end">{wait:.1f} s</text>'
        for wait in (longest * part / 4 for part in range(5))
    ]
    marks += [
        f'<text x="{x(at):.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{at:.0f} s</text>'
        for at in (last * part / 6 for part in range(7))
    ]
    return (
        "".join(marks) + f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 4}" text-anchor="middle">when the alert was sent</text>'
    )


def _over_time(waits: Sequence[tuple[float, float]], share: float) -> list[tuple[float, float]]:
    buckets: dict[int, list[float]] = {}
    for at, wait in waits:
        buckets.setdefault(int(at // 2), []).append(wait)
    return [
        (2.0 * bucket + 1, sorted(values)[int(share * (len(values) - 1))]) for bucket, values in sorted(buckets.items())
    ]
