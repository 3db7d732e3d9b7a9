from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.chart import bars, lines
from benchmarks.quality import Figure

SVG = "{http://www.w3.org/2000/svg}"


def test_bars_are_as_high_as_their_figures() -> None:
    drawn = bars("a & b", {"dev": {"ours": Figure(1.0, 0.9, 1.0, 5), "theirs": Figure(0.5, 0.2, 0.8, 5)}})
    heights = [float(bar.get("height", "0")) for bar in ElementTree.fromstring(drawn).iter(f"{SVG}rect")]
    assert heights[-2] == 2 * heights[-1]
    assert "a &amp; b" in drawn


def test_lines_rise_with_their_values() -> None:
    drawn = lines("time", [626, 5008], {"p50": [10.0, 20.0], "p95": [15.0, 40.0]}, "ms")
    first, second = ElementTree.fromstring(drawn).iter(f"{SVG}polyline")
    ends = [float(line.get("points", "").split(" ")[-1].split(",")[1]) for line in (first, second)]
    assert ends[0] > ends[1]
    assert "5,008" in drawn
