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
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import and_, create_engine, func, select

from samples.scripted_model import MODEL, ScriptedModel
from worker.store.messages import Begun
from worker.store.tables import bodies, messages, outbox

ROOT = Path(__file__).resolve().parents[1]
SLACK_TOKEN = "xoxb-test-token"


@dataclass(frozen=True, slots=True)
class Layout:
    """How it runs: `workers` of 0 is `up`, all in one process; else `api`, so many `worker`, and `beat`."""

    database_url: str
    channels: int
    workers: int = 0
    redis_url: str = ""
    apart: bool = True
    """Every incident has a message of its own: the most messages, each one timed. False: as settings are by default."""
    model: ScriptedModel | None = None
    """The language model that is asked, where one is."""

    def database(self, folder: Path) -> str:
        """Return where the database is."""
        return self.database_url or f"sqlite:///{folder / 'data' / 'state.db'}"


WARM_S = 20.0
"""What workers apart are given to load the embedding model."""


class Site:
    """One installation with so many channels, `team = "t0"` and on; use as a context manager."""

    def __init__(self, folder: Path, layout: Layout, documents: Path | None, chunks: int) -> None:
        """`documents` are copied, with other titles, until there are about so many chunks."""
        folder.mkdir(parents=True)
        self.folder = folder
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.webhook = f"http://127.0.0.1:{self.port}/v1/webhooks/alertmanager"
        self.channels = [f"C{number}" for number in range(layout.channels)]
        self.layout = layout
        self._documents = documents or ROOT / "samples" / "runbooks"
        self._chunks = chunks
        self._running: list[subprocess.Popen[bytes]] = []
        self._program: list[subprocess.Popen[bytes]] = []

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
        kept, vectors = self.folder.parent / "vectors.db", self.folder / "data" / "vectors.db"
        if kept.exists():  # the same documents were embedded for another database
            vectors.parent.mkdir()
            shutil.copy(kept, vectors)
        while chunks < self._chunks and copies < 200:
            more = 1 if not chunks else max(1, round((self._chunks - chunks) / (chunks / copies)))
            for _ in range(more):
                _copy(self._documents, target / f"copy{copies}", copies)
                copies += 1
            done = self._command("ingest", "--json")
            report = json.loads(done.stdout)
            chunks = _chunks_of(report)
        shutil.copy(vectors, kept)
        return chunks

    @contextmanager
    def up(self) -> Iterator[None]:
        """Start it and wait until its embedding model is loaded.

        What ingest wrote is brought to the disk first: a commit of SQLite waits for whatever the disk is still at.
        """
        os.sync()
        apart = ("api", *("worker",) * self.layout.workers, "beat") if self.layout.workers else ("up",)
        for number, name in enumerate(apart):
            log = (self.folder / f"{number}-{name}.log").open("wb")
            process = subprocess.Popen([*_CLI, name], env=self._environment(), cwd=self.folder, stdout=log, stderr=log)
            self._program.append(process)
            self._running.insert(0, process)
        while not self._ready():
            time.sleep(0.2)
        time.sleep(WARM_S if self.layout.workers else 0)
        yield

    def empty_broker(self) -> None:
        """Delete all that the broker holds."""
        bundled = str(self.folder / "data" / "redis" / "redis.sock")
        client = redis.Redis.from_url(self.layout.redis_url or f"unix://{bundled}")
        client.flushall()
        client.close()

    def ask_slack(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method of the Slack-compatible server, as often as its limits let us."""
        headers = {"Authorization": f"Bearer {SLACK_TOKEN}", "Content-Type": "application/json"}
        url = f"{self.slack_url}{method}"
        request = urllib.request.Request(url, json.dumps(arguments).encode(), headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                time.sleep(float(error.headers["Retry-After"]))

    def waiting(self) -> int:
        """Return how many pieces of work wait."""
        engine = create_engine(self.layout.database(self.folder))
        with engine.connect() as connection:
            found = connection.execute(select(func.count()).where(outbox.c.done_version < outbox.c.wanted_version))
            number = int(found.scalar_one())
        engine.dispose()
        return number

    def in_storms(self) -> dict[str, str]:
        """Return the incidents that share a message, each with the storm that it is told by."""
        engine = create_engine(self.layout.database(self.folder))
        with engine.connect() as connection:
            shared = select(messages.c.incident_id, messages.c.storm_id).where(messages.c.state == Begun.STORM.value)
            found = {row.incident_id: row.storm_id for row in connection.execute(shared)}
        engine.dispose()
        return found

    def rungs(self, incidents: Collection[str]) -> dict[str, str]:
        """Return the incidents that have a message of their own, each with whose words it shows."""
        engine = create_engine(self.layout.database(self.folder))
        newest = (
            messages.c.channel_id == bodies.c.channel_id,
            messages.c.incident_id == bodies.c.incident_id,
            messages.c.seq == bodies.c.seq,
        )
        with engine.connect() as connection:
            shown = select(bodies.c.incident_id, bodies.c.rung).join_from(bodies, messages, and_(*newest))
            found = {row.incident_id: row.rung for row in connection.execute(shown) if row.incident_id in incidents}
        engine.dispose()
        return found

    def model_calls(self) -> int:
        """Return how many questions the model was sent so far."""
        return len(self.layout.model.script.requests) if self.layout.model else 0

    def memory_mb(self) -> float:
        """Return what the program's processes hold in memory together."""
        pages = [Path(f"/proc/{process.pid}/status").read_text() for process in self._program]
        return sum(int(page.partition("VmRSS:")[2].split()[0]) for page in pages) / 1024

    def out(self, file: Path, text: str) -> None:
        """Write a result."""
        file.write_text(text)

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_CLI, *arguments], env=self._environment(), cwd=self.folder, capture_output=True, text=True, check=True
        )

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MIDDLEWATCH_")}
        return (
            clean
            | {
                "MIDDLEWATCH_CONFIG": str(self.folder / "middlewatch.toml"),
                "MIDDLEWATCH_INTAKE__PORT": str(self.port),
                "MIDDLEWATCH_INTAKE__ALERTMANAGER__TOKENS": json.dumps([self.token]),
                "MIDDLEWATCH_SLACK__BOT_TOKEN": SLACK_TOKEN,
                "MIDDLEWATCH_SLACK__BASE_URL": self.slack_url,
                "MIDDLEWATCH_STORE__DATABASE_URL": self.layout.database_url,
                "MIDDLEWATCH_STORE__REDIS_URL": self.layout.redis_url,
            }
            | ({"MIDDLEWATCH_STORM__INCIDENTS": "0"} if self.layout.apart else {})
            | (_asking(self.layout.model) if self.layout.model else {})
        )

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
        return bool(parts.get("database")) if self.layout.workers else bool(parts.get("embedding"))


def _asking(model: ScriptedModel) -> dict[str, str]:
    """Return the settings that name a model; nothing of its cost is known, so a day's tokens are set high."""
    return {
        "MIDDLEWATCH_LLM__MODEL": f"openai:{MODEL}",
        "MIDDLEWATCH_LLM__BASE_URL": model.url,
        "MIDDLEWATCH_LLM__API_KEY": "none",
        "MIDDLEWATCH_BUDGET__TOKENS_PER_DAY": "1000000000",
    }


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
