"""`golden run` and `golden check` over a real index."""

from __future__ import annotations

from pathlib import Path

import yaml


def test_it_passes_and_tells_that_nothing_is_compared_yet(golden, tmp_path: Path) -> None:
    ran = golden("check", "--baseline", tmp_path / "none.yaml")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.startswith("passed, judged by 5 of 5 cases")
    assert "No baseline" in ran.out


def test_what_is_accepted_is_compared_with_the_next_time(golden, tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    assert golden("check", "--accept", "--baseline", file).code == 0
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert written["metrics"]["success@1"] == {"value": 1.0, "n": 4}
    assert written["must"] == ["disk"]
    same = golden("check", "--baseline", file, "--json")
    assert (same.code, same.json["word"], same.json["accepted"]) == (0, "passed", False)
    assert same.json["metrics"]["success@1"] == {"value": 1.0, "n": 4, "baseline": {"value": 1.0, "n": 4}}


def test_a_fall_fails_with_one_line_for_each_figure(golden, tmp_path: Path) -> None:
    baseline, cases = tmp_path / "baseline.yaml", tmp_path / "cases.yaml"
    golden("check", "--accept", "--baseline", baseline)
    rows: list[dict[str, object]] = [
        {"id": f"q{n}", "query": "kafka consumer lag", "expected": ["runbooks/cards.md"], "at": 1} for n in range(4)
    ]
    rows += [{"id": "disk", "query": "disk", "expected": ["runbooks/disk.md"], "must": True}]
    rows += [{"id": "none", "query": "zebra", "expected": []}]
    cases.write_text(yaml.safe_dump(rows), encoding="utf-8")
    ran = golden("check", cases, "--baseline", baseline)
    assert ran.code == 1
    assert "failed: success@1 fell from 1.000 (n=4) to 0.200 (n=5), by 0.800; 0.020 is allowed [fell]" in ran.out


def test_a_leak_fails_and_is_never_accepted(golden, tmp_path: Path) -> None:
    cases, baseline = tmp_path / "cases.yaml", tmp_path / "baseline.yaml"
    row = {"query": "kafka consumer lag", "expected": ["runbooks/kafka.md"]}
    rows = [{**row, "id": f"q{n}"} for n in range(4)] + [{**row, "id": "leaking", "forbidden": ["runbooks/disk.md"]}]
    cases.write_text(yaml.safe_dump(rows), encoding="utf-8")
    ran = golden("check", cases, "--accept", "--baseline", baseline, "--json")
    assert (ran.code, ran.json["word"], ran.json["accepted"]) == (1, "failed", False)
    assert [failure["overridable"] for failure in ran.json["failures"]] == [False]
    assert not baseline.exists()


def test_too_few_cases_and_none_at_all_are_red(golden, tmp_path: Path) -> None:
    one, none = tmp_path / "one.yaml", tmp_path / "none"
    none.mkdir()
    one.write_text("- {id: a, query: disk, expected: [runbooks/disk.md]}", encoding="utf-8")
    few = golden("check", one, "--json")
    assert (few.code, few.json["word"], few.json["n"]) == (1, "too-few", 1)
    empty = golden("check", none, "--json")
    assert (empty.code, empty.json["word"]) == (1, "unguarded")


def test_a_document_that_is_gone_is_told_with_where_it_may_be(golden, tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text("- {id: a, query: disk, expected: [runbooks/storage/disk.md]}", encoding="utf-8")
    assert golden("check", cases, "--json").json["stale"] == [
        {"id": "a", "key": "expected", "doc": "runbooks/storage/disk.md", "moved_to": "runbooks/disk.md"}
    ]


def test_a_run_gives_intervals_and_slices_beside_its_figures(golden) -> None:
    content = golden("run", "--json").json
    assert content["intervals"]["success@1"] == {"low": 1.0, "high": 1.0, "n": 4}
    assert content["slices"]["tag"]["kafka"]["n"] == 1
    assert set(content["slices"]) == {"tag", "source", "audience", "age"}
    assert "95 %" in golden("run").out
