"""P8: an index goes live only when the golden queries pass on it. It is never silently empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from typer.testing import CliRunner

from worker.cli.main import app

PAGES = {
    "disk.md": "# Volume filling up\n\nThe disk is nearly full. Delete old write-ahead logs, then grow it.\n",
    "kafka.md": "# Kafka consumer lag\n\nThe consumer group falls behind. Add consumers or restart them.\n",
    "cards.md": "# Card payments fail\n\nThe acquirer does not answer. Ask the payments team.\n",
    "keys.md": "---\nallow: [security]\n---\n# Leaked credential\n\nRotate the signing key and revoke every session.\n",
}
CASES: list[dict[str, Any]] = [
    {"id": "disk", "query": "the disk is nearly full", "expected": ["runbooks/disk.md"], "at": 1, "must": True},
    {"id": "kafka", "query": "kafka consumer lag grows", "expected": ["runbooks/kafka.md"], "at": 1},
    {"id": "cards", "query": "card payments fail", "expected": ["runbooks/cards.md"], "at": 1},
    {"id": "keys", "query": "a leaked credential", "expected": [], "forbidden": ["runbooks/keys.md"]},
]
SPAM = "# Volume filling up disk nearly full\n\nThe disk is nearly full. The disk is nearly full. Volume filling up.\n"
SETTINGS = """
[golden]
paths = ["cases"]
baseline = "baseline.yaml"
min_cases = 3
[[sources]]
name = "runbooks"
kind = "runbook"
path = "runbooks"
allow = ["everyone"]
"""


class Home:
    """A folder with documents and cases, and what runs commands there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = folder / "runbooks"
        self.pages.mkdir(parents=True)
        for name, text in PAGES.items():
            (self.pages / name).write_text(text, encoding="utf-8")
        (folder / "cases").mkdir()
        (folder / "middlewatch.toml").write_text(SETTINGS, encoding="utf-8")
        self.say(CASES)

    def say(self, cases: list[dict[str, Any]]) -> None:
        """Write the golden cases."""
        (self.folder / "cases" / "all.yaml").write_text(yaml.safe_dump(cases), encoding="utf-8")

    def run(self, *words: object, code: int = 0) -> Any:
        """Run a command, see that it ends as it must, and return what it says: an object with --json, else text."""
        ran = CliRunner().invoke(app, [*map(str, words), "--config", str(self.folder / "middlewatch.toml")])
        assert ran.exit_code == code, f"{ran.exit_code}: {ran.stdout}{ran.stderr}"
        return json.loads(ran.stdout) if "--json" in words else ran.stdout + ran.stderr

    def live(self) -> str:
        """Return the live snapshot."""
        rows = self.run("index", "list", "--json")["snapshots"]
        return "".join(row["snapshot"] for row in rows if row["state"] == "live")

    def acts(self) -> list[tuple[str, str, str]]:
        """Return what people did, the newest first."""
        acts = self.run("index", "list", "--json")["acts"]
        return [(act["action"], act["subject"], act["reason"]) for act in acts]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    assert home.run("ingest", "--json")["outcome"] == "published"
    home.run("golden", "check", "--accept")
    return home


def test_a_broken_document_is_refused_with_the_culprit_named_and_the_live_index_answers_on(home: Home) -> None:
    live = home.live()
    (home.pages / "disk.md").write_text("# Lunch menu\n\nOn Monday there is soup.\n", encoding="utf-8")
    told = home.run("ingest", code=1)
    assert "Refused" in told
    assert "lost disk: runbooks/disk.md is changed, and its likeness is too low to be shown" in told
    assert home.live() == live
    found = home.run("search", "the disk is nearly full", "--groups", "everyone", "--json")
    assert (found["snapshot"], found["runbooks"][0]["doc"]) == (live, "runbooks/disk.md")


def test_a_document_that_pushes_another_aside_is_named(home: Home) -> None:
    (home.pages / "spam.md").write_text(SPAM, encoding="utf-8")
    told = home.run("ingest", code=1)
    assert "outranked by runbooks/spam.md (added)" in told


def test_junk_in_place_of_a_document_is_refused_and_a_moved_one_is_told_with_its_new_path(home: Home) -> None:
    (home.pages / "disk.md").write_bytes(bytes(range(256)))
    told = home.run("ingest", code=1)
    assert "runbooks/disk.md: The file is not text." in told
    assert "lost disk: expected document runbooks/disk.md (rank" in told
    assert "was removed" in told

    (home.pages / "disk.md").unlink()
    (home.pages / "storage").mkdir()
    (home.pages / "storage" / "volumes.md").write_text(PAGES["disk.md"], encoding="utf-8")
    refused = home.run("ingest", "--json", code=1)["refused"]
    assert "it is runbooks/storage/volumes.md now" in home.run("ingest", code=1)

    # Told the same by `golden check` once it is live all the same: known by its content, not by its name.
    home.run("index", "publish", refused, "--override", "The storage pages have moved")
    stale = home.run("golden", "check", "--json", code=1)["stale"]
    assert [(each["doc"], each["moved_to"]) for each in stale] == [("runbooks/disk.md", "runbooks/storage/volumes.md")]


def test_an_override_needs_a_reason_is_kept_on_record_and_can_be_rolled_back(home: Home) -> None:
    live = home.live()
    (home.pages / "disk.md").unlink()
    refused = home.run("ingest", "--json", code=1)["refused"]
    assert "--override" in home.run("index", "publish", refused, code=1)
    assert "--override" in home.run("index", "publish", refused, "--override", "  ", code=1)
    assert home.live() == live
    home.run("index", "publish", refused, "--override", "The page is obsolete")
    assert home.live() == refused
    assert ("override", refused, "The page is obsolete") in home.acts()
    home.run("index", "rollback")
    assert home.live() == live
    assert ("rollback", refused, f"to {live}") in home.acts()


def test_nothing_overrides_a_leak(home: Home) -> None:
    (home.pages / "keys.md").write_text(PAGES["keys.md"].replace("security", "everyone"), encoding="utf-8")
    live = home.live()
    refused = home.run("ingest", "--json", code=1)["refused"]
    assert "leak" in home.run("index", "publish", refused, "--override", "I say so", code=1)
    assert home.live() == live
    assert home.run("golden", "check", "--json")["leaks"] == 0


def test_fewer_than_the_least_cases_and_a_lost_folder_of_them_are_refused(home: Home) -> None:
    live = home.live()
    home.say(CASES[:2])
    (home.pages / "new.md").write_text("# Something new\n\nIt is new.\n", encoding="utf-8")
    told = home.run("ingest", code=1)
    assert "2 cases gate, at least 3 must" in told
    (home.folder / "cases" / "all.yaml").unlink()
    (home.folder / "cases").rmdir()
    assert "there is no such file or folder" in home.run("ingest", code=2)
    assert home.live() == live


def test_with_no_case_at_all_it_is_unguarded_and_says_so_everywhere(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.folder / "cases" / "all.yaml").unlink()
    assert "UNGUARDED" in home.run("ingest")
    assert "UNGUARDED" in home.run("index", "list")
    assert "unguarded" in home.run("golden", "check", code=1)


def test_a_quarantine_lets_a_case_fail_until_its_day_and_is_on_record(home: Home) -> None:
    aside = {"until": "2999-01-01", "owner": "storage team", "why": "the page is being written"}
    extra = {"id": "cards-too", "query": "the acquirer does not answer", "expected": ["runbooks/cards.md"]}
    home.say(
        [
            *CASES,
            extra,
            {"id": "late", "query": "kafka", "expected": ["runbooks/disk.md"], "at": 1, "quarantine": aside},
        ]
    )
    (home.pages / "new.md").write_text("# Something new\n\nIt is new.\n", encoding="utf-8")
    assert home.run("ingest", "--json")["outcome"] == "published"
    acts = [act for act in home.acts() if act[0] == "quarantine"]
    assert acts == [("quarantine", "late", "until 2999-01-01: the page is being written")]
    assert "late: set aside until 2999-01-01 by storage team" in home.run("golden", "check")

    home.say(
        [
            *CASES,
            {
                **CASES[1],
                "id": "over",
                "expected": ["runbooks/disk.md"],
                "quarantine": {**aside, "until": "2020-01-01"},
            },
        ]
    )
    (home.pages / "new.md").write_text("# Something newer\n\nIt is newer.\n", encoding="utf-8")
    assert home.run("ingest", "--json", code=1)["outcome"] == "refused"


def test_a_check_leaves_junit_a_page_and_a_picture_with_a_denominator_each(home: Home, tmp_path: Path) -> None:
    (home.pages / "disk.md").unlink()
    refused = home.run("ingest", "--json", code=1)["refused"]
    home.run("index", "publish", refused, "--override", "to see it fail")
    xml, page = tmp_path / "out" / "golden.xml", tmp_path / "out" / "golden.md"
    home.run("golden", "check", "--junit", xml, "--markdown", page, code=1)
    suite = ElementTree.parse(xml).getroot()
    assert suite.findall(".//skipped") == []
    assert {test.get("name") for test in suite.findall("testcase[failure]")} >= {"disk", "must-lost disk"}
    text = page.read_text(encoding="utf-8")
    assert "judged by 4 of 4 cases" in text
    assert "| success@3 | 0.667 |" in text
    assert "![Recall over snapshots](golden.svg)" in text
    picture = page.with_suffix(".svg").read_text(encoding="utf-8")
    assert "success@3 over 2 snapshots" in picture
    assert picture.count(", n=3") == 2


def test_a_withdrawn_document_is_gone_at_once_and_from_the_next_snapshots_too(home: Home) -> None:
    home.run("withdraw", "runbooks/cards.md", "--reason", "Step 3 is wrong")
    for _ in range(2):
        found = home.run("search", "card payments fail", "--groups", "everyone", "--json")
        assert "runbooks/cards.md" not in [hit["doc"] for hit in found["runbooks"]]
        home.run("ingest", "--full", "--json", code=1)
    assert ("withdraw", "runbooks/cards.md", "Step 3 is wrong") in home.acts()
    home.run("withdraw", "runbooks/cards.md", "--undo")
    found = home.run("search", "card payments fail", "--groups", "everyone", "--json")
    assert found["runbooks"][0]["doc"] == "runbooks/cards.md"


def test_pruning_leaves_the_live_snapshot_and_the_one_before(home: Home) -> None:
    before = home.live()
    for number in range(2):
        (home.pages / "new.md").write_text(f"# Something new {number}\n\nIt is new.\n", encoding="utf-8")
        home.run("ingest")
    home.run("index", "prune", "--keep", "0")
    rows = home.run("index", "list", "--json")["snapshots"]
    assert len(rows) == 2
    assert before not in {row["snapshot"] for row in rows}
    assert all(row["scores"]["figures"]["success@3"]["n"] == 3 for row in rows)
