"""`golden add` over a real index: from a file, from an incident, and asked on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alert import Alert, Delivery, Status
from domain.errors import BadInput
from golden_queries.cases import read
from worker.cli.golden_add import chosen
from worker.process import running
from worker.settings import load
from worker.wiring import Parts

ALERT = {
    "labels": {"alertname": "KafkaConsumerLagHigh", "severity": "warning"},
    "annotations": {"summary": "kafka consumer lag grows", "token": "password=hunter2hunter2"},
    "startsAt": "2026-11-21T03:00:00Z",
}


@pytest.fixture
def alert(tmp_path: Path) -> Path:
    (tmp_path / "alert.json").write_text(json.dumps(ALERT), encoding="utf-8")
    return tmp_path / "alert.json"


def test_it_writes_the_case_and_tells_its_rank(golden, alert: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    ran = golden("add", alert, "--expected", "runbooks/kafka.md", "--file", file, "--past", "none", "--why", "Paged")
    assert ran.code == 0, ran.out + ran.err
    assert f"Added kafka-consumer-lag-high to {file}, case 1." in ran.out
    assert "found at rank 1" in ran.out
    (case,) = read(file)
    assert (case.expected, case.past, case.why) == (("runbooks/kafka.md",), (), "Paged")
    assert "hunter2" not in file.read_text(encoding="utf-8")


def test_a_document_that_is_not_there_is_refused_with_the_nearest(golden, alert: Path, tmp_path: Path) -> None:
    ran = golden("add", alert, "--expected", "runbooks/kafak.md", "--file", tmp_path / "new.yaml")
    assert ran.code == 2
    assert "Did you mean runbooks/kafka.md?" in ran.err
    assert not (tmp_path / "new.yaml").exists()


def test_without_a_terminal_it_wants_to_be_told(golden, alert: Path, tmp_path: Path) -> None:
    ran = golden("add", alert, "--file", tmp_path / "new.yaml")
    assert ran.code == 2
    assert "--nothing" in ran.err


def test_an_incident_that_was_heard_of_becomes_a_case(golden, home: Path, tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    alert = Alert("f1", Status.FIRING, {"alertname": "DiskFull"}, {"summary": "The disk is nearly full"}, now)
    with running(load(home / "middlewatch.toml")) as parts:
        (incident,) = _received(parts, Delivery("alertmanager", "g1", (alert,)), now)
    ran = golden("add", "--incident", incident, "--expected", "runbooks/disk.md", "--file", tmp_path / "new.yaml")
    assert ran.code == 0, ran.out + ran.err
    assert read(tmp_path / "new.yaml")[0].id == "disk-full"
    assert golden("add", "--incident", "nobody", "--nothing").code == 2


def _received(parts: Parts, delivery: Delivery, now: datetime) -> tuple[str, ...]:
    return tuple(parts.store.inbox.receive(delivery, now).incidents)


def test_on_a_terminal_it_offers_the_ranked_list_and_asks(home: Path, alert: Path, tmp_path: Path) -> None:
    words = [
        "golden",
        "add",
        str(alert),
        "--file",
        str(tmp_path / "new.yaml"),
        "--config",
        str(home / "middlewatch.toml"),
    ]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "worker.cli.main", *words], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(ours, b"1\n")
    out, err = process.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, err
    assert b"1. 0." in err
    assert b"runbooks/kafka.md" in err
    assert b"keys.md" not in out + err
    assert read(tmp_path / "new.yaml")[0].expected == ("runbooks/kafka.md",)


def test_an_answer_is_numbers_names_or_none() -> None:
    assert chosen("2, runbooks/x.md", ["a/1.md", "a/2.md"]) == ["a/2.md", "runbooks/x.md"]
    assert chosen("none", ["a/1.md"]) == []
    for wrong in ("0", "3", ""):
        with pytest.raises(BadInput):
            chosen(wrong, ["a/1.md"])
