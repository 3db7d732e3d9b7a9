"""P5: a rule of one's own holds everywhere, not only where the redactor is handed on: one redactor for each process."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog

from tests.promises.test_p5_places import PLACES, Seen, everything, write
from tests.slack_server import SlackServer
from worker.redaction.redactor import ProcessRedactor

RULE = {"name": "badge", "pattern": r"QX-\d{4}-[a-z]{12}", "keywords": ["qx-"]}
"""What no rule of the product knows."""


def badge(place: str) -> str:
    rng = Random(place)
    return f"QX-{rng.randint(1000, 9999)}-{''.join(rng.choice('bcdfghjklm') for _ in range(12))}"


@pytest.fixture(name="left", scope="module")
def _left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder, badges = tmp_path_factory.mktemp("own"), {place: badge(place) for place in PLACES}
    write(folder, badges)
    with SlackServer() as server:
        yield everything(folder, badges, server, {"redaction": {"rules": [RULE]}})
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = []


def test_what_the_rule_takes_out_came_as_far_as_it_could(left: Seen) -> None:
    assert left.posted
    assert left.prompts
    for place in ("prompts", "slack", "log", "runs"):
        assert left.by_place[place], place
    for place in ("prompts", "log"):
        assert "[redacted:badge:" in left.by_place[place], place


@pytest.mark.parametrize("place", PLACES)
def test_what_a_rule_of_ones_own_takes_out_is_nowhere(place: str, left: Seen) -> None:
    tail = badge(place)[-12:]
    assert {where for where, text in left.by_place.items() if tail in text} == set()


SETTINGS = """
[[redaction.rules]]
name = "badge"
pattern = 'QX-\\d{{4}}-[a-z]{{12}}'
keywords = ["qx-"]
[store]
data_dir = "data"
[golden]
paths = ["cases"]
[[sources]]
name = "runbooks"
kind = "runbook"
path = "{folder}/runbook"
allow = ["everyone"]
[[channels]]
id = "C1"
groups = ["payments"]
default = true
"""


@pytest.fixture(name="home", scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write(folder, {place: badge(place) for place in PLACES})
    (folder / "cases").mkdir()
    (folder / "middlewatch.toml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    alert = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "note": badge("label")},
        "startsAt": "2026-11-21T03:00:00Z",
    }
    alert["annotations"] = {"summary": f"The orders database is full, {badge('annotation')}"}
    (folder / "alert.json").write_text(json.dumps(alert), encoding="utf-8")
    ran = run(folder, "ingest")
    assert ran.returncode == 0, ran.stderr
    return folder


def run(home: Path, *words: Any, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "worker.cli.main", *map(str, words)]
    return subprocess.run(command, cwd=home, input=said, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "words",
    [
        (
            "golden",
            "add",
            "alert.json",
            "--expected",
            "runbooks/DiskFull.md",
            "--file",
            "cases/new.yaml",
            "--why",
            "page",
        ),
        ("redact",),
    ],
    ids=lambda words: words[0],
)
def test_the_command_line_holds_to_it(home: Path, words: tuple[str, ...]) -> None:
    ran = run(home, *words, said=f"the badge {badge('label')} was seen\n")
    assert ran.returncode == 0, ran.stderr
    written = "".join(path.read_text(encoding="utf-8") for path in (home / "cases").glob("*"))
    for place in PLACES:
        assert badge(place)[-12:] not in ran.stdout + ran.stderr + written


def test_the_redactor_of_a_process_is_the_last_that_was_named_and_goes_back() -> None:
    redact = ProcessRedactor()
    undo = redact.use(lambda: str.upper)
    inner = redact.use(lambda: str.title)
    assert redact("a b") == "A B"
    inner()
    assert redact("ab") == "AB"
    undo()
    assert redact("ab") == "ab"
