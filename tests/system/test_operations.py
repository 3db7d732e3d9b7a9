"""What an operator does to running processes: restart them under traffic, change the schema, restore a backup.

Everything is real: processes, PostgreSQL or SQLite, Redis, HTTP, the Slack-compatible server.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import program, running_postgres
from tests.scale import scaled
from tests.system.kit import (
    SLACK_TOKEN,
    TOKEN,
    Site,
    Slack,
    alert,
    documents,
    free_port,
    group,
    redis_server,
    request,
    slack_server,
    until,
)

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
LONG = pytest.mark.skipif(not scaled(0, 1), reason="a long proof: run by `make proof`")


@dataclass
class Sender:
    """A sender as Alertmanager is one: it tells one API after the other, again and again until one takes it."""

    urls: list[str]
    pace_s: float
    acknowledged: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    given_up: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def telling(self, prefix: str) -> Iterator[None]:
        """Tell of one new incident after the other, each of which resolves at once."""
        thread = threading.Thread(target=self._run, args=(prefix,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(120)

    def _run(self, prefix: str) -> None:
        number = 0
        while not self._stop.is_set():
            name = f"{prefix}{number:04d}"
            told = self.tell(group(alert(name), key=name)) and self.tell(group(alert(name, "resolved"), key=name))
            (self.acknowledged if told else self.given_up).append(name)
            number += 1
            self._stop.wait(self.pace_s)

    def tell(self, body: dict[str, Any], within_s: float = 60.0) -> bool:
        """Tell it until it is acknowledged."""
        ends = time.monotonic() + within_s
        raw, turn = json.dumps(body).encode(), 0
        while time.monotonic() < ends:
            status, _ = request(f"{self.urls[turn % len(self.urls)]}/v1/webhooks/alertmanager", raw, HEADERS)
            if status == 202:
                return True
            self.refused[status] += 1
            turn += 1
            time.sleep(0.05)
        return False


def ledger(slack: Slack, names: list[str]) -> Counter[str]:
    """Return how many of these incidents have no message, several, one that does not show the end, or one that does."""
    shown: dict[str, list[str]] = {name: [] for name in names}
    for message in slack.messages("C0ALL"):
        for name in names:
            if name in message["text"]:
                shown[name].append(message["text"])
    books: Counter[str] = Counter()
    for told in shown.values():
        books[
            "lost" if not told else "doubled" if len(told) > 1 else "right" if "RESOLVED" in told[0] else "stale"
        ] += 1
    return books


@dataclass
class Fleet:
    """Several API and worker processes on one database and one Redis."""

    site: Site
    stack: ExitStack
    ports: list[int]
    running: dict[str, Any] = field(default_factory=dict)

    def start(self, name: str) -> None:
        kind, number = name.split("-")
        own = {"INTAKE__PORT": str(self.ports[int(number)])} if kind == "api" else {}
        life = ExitStack()
        running = life.enter_context(self.site.start(kind, **own))
        self.running[name] = (life, running)
        self.stack.callback(life.close)
        if kind == "api":
            url = f"http://127.0.0.1:{self.ports[int(number)]}"
            until(name, lambda: request(f"{url}/healthz")[0] == 200)

    def replace(self, name: str) -> float:
        """Stop a process as a supervisor does, start it again, and return how long it took to stop."""
        life, running = self.running.pop(name)
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        running.wait(45)
        took = time.monotonic() - began
        assert running.returncode in (0, -signal.SIGTERM), name
        life.close()
        self.start(name)
        return took


@LONG
@pytest.mark.timeout(900)
def test_a_rolling_restart_under_traffic_loses_and_doubles_nothing(tmp_path: Path) -> None:
    apis, workers, restarts = 2, 3, 1
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        slack = stack.enter_context(slack_server(tmp_path))
        broker = stack.enter_context(redis_server(tmp_path))
        site = Site(
            tmp_path,
            STORE__DATABASE_URL=server.new_database(),
            STORE__REDIS_URL=f"redis://127.0.0.1:{broker}/0",
            SLACK__BOT_TOKEN=SLACK_TOKEN,
            SLACK__BASE_URL=slack.base_url,
            STORM__INCIDENTS="0",  # every incident has a message of its own, so that they can be counted
        )
        assert site.run("db", "upgrade").returncode == 0
        fleet = Fleet(site, stack, [free_port() for _ in range(apis)])
        names = [f"api-{n}" for n in range(apis)] + [f"worker-{n}" for n in range(workers)]
        for name in names:
            fleet.start(name)
        sender = Sender([f"http://127.0.0.1:{port}" for port in fleet.ports], pace_s=0.3)
        with sender.telling("Roll"):
            until("the first message", slack.messages_of("Roll0000"), 120)
            slowest = max(fleet.replace(name) for _ in range(restarts) for name in names)
            time.sleep(1)
        told = sender.acknowledged
        with suppress(AssertionError):  # the books say more than that it was late
            until("all of them", lambda: ledger(slack, told)["right"] == len(told), 120)
        books = ledger(slack, told)
    assert sender.given_up == []
    assert books == {"right": len(told)}
    assert set(sender.refused) <= {0, 503}  # nobody there, or shutting down: both are told again
    sys.stdout.write(
        f"rolling restart: {apis} api, {workers} workers, {restarts * len(names)} restarts, n={len(told)} incidents: "
        f"0 lost, 0 doubled, 0 given up; {sum(sender.refused.values())} tries were told again; "
        f"the slowest stop took {slowest:.1f} s\n"
    )


def sqlite_statements(site: Site) -> Callable[[str], None]:
    def execute(statement: str) -> None:
        with closing(sqlite3.connect(site.folder / "data" / "state.db", timeout=20)) as connection:
            connection.execute(statement)
            connection.commit()

    return execute


FORTH = (
    "ALTER TABLE outbox ADD COLUMN of_the_next_release TEXT",
    "CREATE TABLE things_of_the_next_release (id TEXT PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = '0999'",
)
BACK = (
    "ALTER TABLE outbox DROP COLUMN of_the_next_release",
    "DROP TABLE things_of_the_next_release",
    "UPDATE alembic_version SET version_num = '{known}'",
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_running_process_takes_alerts_while_the_next_schema_comes_and_goes(  # noqa: PLR0915 - one story
    kind: str, tmp_path: Path
) -> None:
    """The schema goes first and comes back last; a release that does not know it runs on it, and starts on it."""
    with ExitStack() as stack:
        url = ""
        if kind == "postgresql":
            url = stack.enter_context(running_postgres()).new_database()
        site = Site(tmp_path, STORE__DATABASE_URL=url, STORE__REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
        assert site.run("db", "upgrade").returncode == 0
        known = site.run("db", "upgrade").stdout.strip().removesuffix(".").rpartition(" ")[2]
        execute = sqlite_statements(site) if kind == "sqlite" else postgres_statements(url)
        api = stack.enter_context(ExitStack())
        api.enter_context(site.start("api"))
        site.answers()
        sender = Sender([site.url], pace_s=0.05)
        with sender.telling("Schema"):
            until("traffic", lambda: len(sender.acknowledged) > 5)
            for statement in FORTH:
                execute(statement)
            before = len(sender.acknowledged)
            until("traffic on the new schema", lambda: len(sender.acknowledged) > before + 5)
            assert site.parts()["database"]["ok"]
            api.close()  # the older release is started again on the newer schema, as after a rollback
            api.enter_context(site.start("api"))
            site.answers()
            assert "0999" in site.parts()["database"]["what"]
            for statement in BACK:
                execute(statement.format(known=known))
            before = len(sender.acknowledged)
            until("traffic on the old schema", lambda: len(sender.acknowledged) > before + 5)
        told = sender.acknowledged
        assert sender.given_up == []
        assert set(sender.refused) <= {0, 503}  # nobody there during the restart; a writer that waited too long
        assert set(told) <= site.group_keys()
    sys.stdout.write(f"schema forth and back under traffic, {kind}: n={len(told)} incidents, 0 lost\n")


def postgres_statements(url: str) -> Callable[[str], None]:
    address = url.replace("postgresql+psycopg", "postgresql")

    def execute(statement: str) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    return execute


def test_the_schema_goes_back_and_forth_by_command(tmp_path: Path) -> None:
    site = Site(tmp_path, STORE__REDIS_URL="redis://127.0.0.1:9/0")
    assert site.run("db", "upgrade").returncode == 0
    back = site.run("db", "downgrade", "0005")
    assert (back.returncode, "0005" in back.stdout) == (0, True)
    assert "db upgrade" in site.run("api").stderr
    assert site.run("db", "upgrade").returncode == 0
    wrong = site.run("db", "downgrade", "4711")
    assert (wrong.returncode, "no such revision" in wrong.stderr) == (2, True)


def backed_up(site: Site, url: str, copy: Path) -> None:
    """Take a backup as the documentation says, while everything runs."""
    if url:
        dumped = [str(PG_DUMP), "--format=custom", f"--file={copy}", url.replace("postgresql+psycopg", "postgresql")]
        run_tool(dumped)
        return
    with closing(sqlite3.connect(site.folder / "data" / "state.db")) as live, closing(sqlite3.connect(copy)) as kept:
        live.backup(kept)


def run_tool(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


PG_DUMP, PG_RESTORE = program("pg_dump"), program("pg_restore")


@LONG
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restored_backup_goes_on_where_it_was_and_tells_nothing_twice(  # noqa: PLR0915 - one story
    kind: str, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres()) if kind == "postgresql" else None
        slack = stack.enter_context(slack_server(tmp_path))
        broker = stack.enter_context(redis_server(tmp_path))
        shared = {
            "STORE__REDIS_URL": f"redis://127.0.0.1:{broker}/0",
            "SLACK__BOT_TOKEN": SLACK_TOKEN,
            "SLACK__BASE_URL": slack.base_url,
        }

        def site_at(folder: Path) -> tuple[Site, str]:
            folder.mkdir()
            documents(folder)
            url = server.new_database() if server else ""
            return Site(folder, STORE__DATABASE_URL=url, **shared), url

        site, url = site_at(old)
        assert site.run("ingest", within_s=300).returncode == 0
        copy = tmp_path / "backup"
        with site.start("api"):
            site.answers()
            with site.start("worker"):
                assert site.deliver(group(alert("TellsBefore"), key="before"))[0] == 202
                (first,) = until("the first message", slack.messages_of("TellsBefore"), 120)
            assert site.deliver(group(alert("WaitsInBackup"), key="waits"))[0] == 202
            backed_up(site, url, copy)
            with site.start("worker"):  # told after the backup was made: the backup does not know
                (second,) = until("the second message", slack.messages_of("WaitsInBackup"), 120)
        shutil.rmtree(old)  # the machine is lost

        site, url = site_at(new)
        if kind == "sqlite":
            (new / "data").mkdir()
            shutil.copy(copy, new / "data" / "state.db")
        else:
            run_tool(
                [
                    str(PG_RESTORE),
                    "--no-owner",
                    f"--dbname={url.replace('postgresql+psycopg', 'postgresql')}",
                    str(copy),
                ]
            )
        said = site.run("db", "restored", within_s=120)
        assert (said.returncode, said.stdout.startswith("1 message")) == (0, True), said.stderr
        assert site.run("ingest", "--full", within_s=300).returncode == 0
        with site.start("api"), site.start("worker"):
            site.answers()
            repeat = site.deliver(group(alert("TellsBefore"), key="before"))[1]
            assert repeat["duplicates"] == 1
            for name, key in (("TellsBefore", "before"), ("WaitsInBackup", "waits")):
                assert site.deliver(group(alert(name, "resolved"), key=key))[0] == 202
            assert site.deliver(group(alert("NewAfterwards"), key="new"))[0] == 202
            until("what is new", slack.messages_of("NewAfterwards"), 120)
            for name, message in (("TellsBefore", first), ("WaitsInBackup", second)):
                (ended,) = until("the end", lambda name=name: ended_of(slack, name), 60)
                assert ended["ts"] == message["ts"]
            assert len(slack.messages("C0ALL")) == 3
            found = until("the index", lambda: site.parts()["index"]["ok"])
            assert found
    sys.stdout.write(f"restored from a backup, {kind}: n=3 incidents, 0 lost, 0 doubled\n")


def ended_of(slack: Slack, name: str) -> list[dict[str, Any]]:
    return [message for message in slack.messages_of(name)() if "RESOLVED" in message["text"]]
