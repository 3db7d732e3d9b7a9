"""The program under the storm: `middlewatch up` and a Slack-compatible server, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

ROOT = Path(__file__).resolve().parents[1]
SLACK_TOKEN = "xoxb-test-token"


class Site:
    """One installation with so many channels, `team = "t0"` and on; use as a context manager."""

    def __init__(self, folder: Path, database_url: str, channels: int, documents: Path | None, chunks: int) -> None:
        """`documents` are copied, with other titles, until there are about so many chunks."""
        folder.mkdir(parents=True)
        self.folder = folder
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.webhook = f"http://127.0.0.1:{self.port}/v1/webhooks/alertmanager"
        self.channels = [f"C{number}" for number in range(channels)]
        self._url = database_url
        self._documents = documents or ROOT / "samples" / "runbooks"
        self._chunks = chunks
        self._running: list[subprocess.Popen[bytes]] = []
        self.pid = 0

    def __enter__(self) -> Site:
        command = [sys.executable, str(ROOT / "tests" / "slack_server.py"), "--tiers"]
        slack = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
        self._running.append(slack)
        assert slack.stdout is not None
        self.slack_url = slack.stdout.readline().decode().strip()
        self._write_settings()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.send_signal(signal.SIGTERM)
            process.wait(30)

    def ingest(self) -> int:
        """Read documents until there are enough chunks; return how many there are."""
        target, report, chunks, copies = self.folder / "docs", {}, 0, 0
        while chunks < self._chunks and copies < 200:
            more = 1 if not chunks else max(1, round((self._chunks - chunks) / (chunks / copies)))
            for _ in range(more):
                _copy(self._documents, target / f"copy{copies}", copies)
                copies += 1
            done = self._command("ingest", "--json")
            report = json.loads(done.stdout)
            chunks = _chunks_of(report)
        return chunks

    @contextmanager
    def up(self) -> Iterator[None]:
        """Start it and wait until its embedding model is loaded."""
        log = (self.folder / "up.log").open("wb")
        process = subprocess.Popen([*_CLI, "up"], env=self._environment(), cwd=self.folder, stdout=log, stderr=log)
        self._running.insert(0, process)
        self.pid = process.pid
        while not self._ready():
            time.sleep(0.2)
        yield

    def empty_broker(self) -> None:
        """Delete all that the broker holds."""
        client = redis.Redis(unix_socket_path=str(self.folder / "data" / "redis" / "redis.sock"))
        client.flushall()
        client.close()

    def ask_slack(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method of the Slack-compatible server."""
        headers = {"Authorization": f"Bearer {SLACK_TOKEN}", "Content-Type": "application/json"}
        url = f"{self.slack_url}{method}"
        request = urllib.request.Request(url, json.dumps(arguments).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))

    def waiting(self) -> int:
        """Return how many pieces of work wait."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            found = re.search(r"^middlewatch_outbox_pending (\S+)", answer.read().decode(), re.MULTILINE)
        return int(float(found[1])) if found else 0

    def memory_mb(self) -> float:
        """Return what the program holds in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def out(self, file: Path, text: str) -> None:
        """Write a result."""
        file.write_text(text)

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_CLI, *arguments], env=self._environment(), cwd=self.folder, capture_output=True, text=True, check=True
        )

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MIDDLEWATCH_")}
        return clean | {
            "MIDDLEWATCH_CONFIG": str(self.folder / "middlewatch.toml"),
            "MIDDLEWATCH_INTAKE__PORT": str(self.port),
            "MIDDLEWATCH_INTAKE__ALERTMANAGER__TOKENS": json.dumps([self.token]),
            "MIDDLEWATCH_SLACK__BOT_TOKEN": SLACK_TOKEN,
            "MIDDLEWATCH_SLACK__BASE_URL": self.slack_url,
            "MIDDLEWATCH_STORE__DATABASE_URL": self._url,
            "MIDDLEWATCH_STORM__INCIDENTS": "0",  # every incident by itself: the most messages, each one timed
        }

    def _write_settings(self) -> None:
        channels = "".join(
            f'[[channels]]\nid = "{name}"\ngroups = ["everyone"]\nmatch = {{ team = "t{number}" }}\n'
            + ("default = true\n" if not number else "")
            for number, name in enumerate(self.channels)
        )
        source = (
            '[[sources]]\nname = "runbooks"\nkind = "runbook"\npath = "docs"\nallow = ["everyone"]\nevery = "24h"\n'
        )
        text = f'[store]\ndata_dir = "data"\n\n[golden]\npaths = []\n\n{source}\n{channels}'
        (self.folder / "middlewatch.toml").write_text(text)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                parts = {part["name"]: part["ok"] for part in json.load(answer)["parts"]}
        except OSError:
            return False
        return bool(parts.get("embedding"))


_CLI = (sys.executable, "-m", "worker.cli.main")


def _copy(documents: Path, target: Path, number: int) -> None:
    """Copy a folder of documents; a copy's title and first words say which it is, so that none is another's double."""
    shutil.copytree(documents, target)
    if number:
        for file in target.rglob("*.md"):
            words = re.compile(r"\b(the|is|of)\b")
            text = words.sub(lambda found: f"{found[0]} v{number}", file.read_text(errors="replace"), count=40)
            file.write_text(re.sub(r"^# (.*)$", rf"# \1 {number}", text, count=1, flags=re.MULTILINE))


def _chunks_of(report: dict[str, Any]) -> int:
    return int(report["chunks"])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
