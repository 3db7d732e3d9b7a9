"""A part that is missing or does not answer: one line that says what, and how to mend it; the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.kit import SLACK_TOKEN, Site, alert, documents, free_port, group

PARTS = ("redis", "index", "slack", "model")


def nobody() -> str:
    """Return an address at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API whose Redis, Qdrant, Slack and model do not answer."""
    folder: Path = tmp_path_factory.mktemp("alone")
    documents(folder)
    site = Site(
        folder,
        STORE__REDIS_URL=nobody().replace("http", "redis"),
        STORE__QDRANT_URL=nobody(),
        SLACK__BOT_TOKEN=SLACK_TOKEN,
        SLACK__BASE_URL=f"{nobody()}/api/",
        LLM__MODEL="openai:none",
        LLM__BASE_URL=f"{nobody()}/v1",
        LLM__API_KEY="none",
    )
    assert site.run("db", "upgrade").returncode == 0
    with site.start("api"):
        site.answers()
        yield site


def test_readyz_names_each_part_that_does_not_answer_and_how_to_mend_it(alone: Site) -> None:
    parts = alone.parts()
    assert {name for name, part in parts.items() if not part["ok"]} >= set(PARTS)
    for name in PARTS:
        assert parts[name]["what"], name
        assert parts[name]["mend"], name
        assert "\n" not in parts[name]["what"] + parts[name]["mend"], name
    assert parts["database"]["ok"]


def test_alerts_are_taken_while_only_the_database_answers(alone: Site) -> None:
    status, answer = alone.deliver(group(alert("TakenAlone"), key="alone"))
    assert (status, answer["accepted"]) == (202, 1)


def test_config_check_fails_and_names_the_same_parts(alone: Site) -> None:
    checked = alone.run("config", "check", "--json")
    parts = {part["name"]: part for part in json.loads(checked.stdout)["parts"]}
    assert checked.returncode == 1
    for name in PARTS:
        assert not parts[name]["ok"]
        assert parts[name]["mend"], name
    assert SLACK_TOKEN not in checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "reason", "mend"),
    [
        (("search", "disk", "--channel", "C0ALL"), {}, 1, "index-missing", "middlewatch ingest"),
        (("ingest",), {"STORE__QDRANT_URL": "nobody"}, 1, "index-unavailable", "qdrant_url"),
        (
            ("db", "upgrade"),
            {"STORE__DATABASE_URL": "postgresql+psycopg://a:pw@127.0.0.1:9/x"},
            1,
            "store-",
            "database",
        ),
        (("worker",), {"STORE__REDIS_URL": ""}, 2, "bad-settings", "redis_url"),
        (("search", "disk", "--channel", "C0NONE"), {}, 2, "bad-settings", "[[channels]]"),
        (("ingest", "--config", "nowhere.toml"), {}, 2, "bad-settings", "middlewatch init"),
    ],
    ids=["no index", "no Qdrant", "no database", "no Redis", "no channel", "no settings"],
)
def test_a_command_says_in_one_line_what_is_missing(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], code: int, reason: str, mend: str
) -> None:
    site = Site(tmp_path, **{name: nobody() if value == "nobody" else value for name, value in settings.items()})
    if arguments[0] in ("search", "ingest"):
        documents(tmp_path)
        site.run("db", "upgrade")
    done = site.run(*arguments)
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert f"[{reason}" in line
    assert mend.lower() in line.lower()
    assert "Traceback" not in done.stderr
    assert "pw" not in done.stdout + done.stderr


def test_the_api_refuses_a_database_that_was_not_migrated(tmp_path: Path) -> None:
    done = Site(tmp_path, STORE__REDIS_URL="redis://127.0.0.1:9/0").run("api")
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    assert "middlewatch db upgrade" in line
