"""The demonstration: the whole path of an alert on this machine, with no key, no server and no network.

Ingests the sample documents, starts Middlewatch with everything bundled, posts real webhooks over HTTP, and
prints the Slack messages as two channels see them. The language model is a scripted stand-in on loopback that
speaks OpenAI's protocol, so that the edit in place can be seen; a real one is one setting away.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from samples.scripted_model import ScriptedModel
from worker.settings import with_environment

SAMPLES = Path(__file__).resolve().parent
ALERTS = SAMPLES / "alerts"
FIRST_FIRED = datetime.fromisoformat(
    json.loads((ALERTS / "payments-gateway-errors.firing.json").read_text())["alerts"][0]["startsAt"]
)
STARTED = datetime.now(UTC) - timedelta(minutes=1)
STARTS_WITHIN_S = 90.0
ANSWERS_WITHIN_S = 60.0

out = Console(highlight=False, width=110)


def main() -> int:
    """Run the demonstration; 0 when every step of it showed what it should."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--keep", action="store_true", help="stay up after the last step")
    arguments.add_argument("--data-dir", type=Path, default=SAMPLES.parent / ".middlewatch" / "demo")
    options = arguments.parse_args()
    shutil.rmtree(options.data_dir, ignore_errors=True)
    with ExitStack() as stack:
        model = stack.enter_context(ScriptedModel())
        port = _free_port()
        environment = _environment(options.data_dir, port, model.url)
        _headline("1. Ingest the sample documents")
        _run(["ingest"], environment)
        _headline("2. Start everything in one process")
        stack.enter_context(_up(environment, f"http://127.0.0.1:{port}"))
        _story(f"http://127.0.0.1:{port}", environment)
        if options.keep:
            out.print("It stays up; stop it with Ctrl-C.")
            _wait()
    return 0


def _story(base: str, environment: dict[str, str]) -> None:
    _headline("3. A deployment is announced, then an alert fires")
    for change in _recent_changes():
        _post(f"{base}/v1/changes", change)
    answer = _post(f"{base}/v1/webhooks/alertmanager", _alert("payments-gateway-errors.firing.json"))
    out.print(f"POST /v1/webhooks/alertmanager → 202 {json.dumps(answer)}")
    incident = answer["incidents"][0]
    messages = _messages(base, incident, editions=2)
    _headline("4. The same incident as two channels see it, a moment after it fired")
    _show(messages, edition=0)
    _headline("5. The same two messages, edited in place by the language model (scripted here)")
    _show(messages, edition=-1)
    if messages[0]["editions"][-1]["text"] == messages[1]["editions"][-1]["text"]:
        raise SystemExit("The two channels see the same text: they should not.")
    _headline("6. The same incident for one person: what the button under #C0INCIDENTS shows to U0ANNA alone")
    _view(incident, environment)
    _headline("7. It resolves: the same messages say so")
    _post(f"{base}/v1/webhooks/alertmanager", _alert("payments-gateway-errors.resolved.json"))
    _show(_messages(base, incident, editions=3), edition=-1, lines=4)
    _headline("8. An alert that no runbook covers")
    answer = _post(f"{base}/v1/webhooks/alertmanager", _alert("no-runbook.firing.json"))
    _show(_messages(base, answer["incidents"][0], editions=1, channels=1), edition=0)
    out.print(f"\nThe messages as Slack would show them: {base}/preview", style="bold")
    out.print(f"… and what one person is shown beside them: {base}/preview/as/U0ANNA", style="bold")


def _environment(data_dir: Path, port: int, model_url: str) -> dict[str, str]:
    return with_environment(
        {
            "MIDDLEWATCH_CONFIG": str(SAMPLES / "middlewatch.toml"),
            "MIDDLEWATCH_STORE__DATA_DIR": str(data_dir.absolute()),
            "MIDDLEWATCH_INTAKE__PORT": str(port),
            "MIDDLEWATCH_LLM__MODEL": "openai:scripted-demo",
            "MIDDLEWATCH_LLM__BASE_URL": model_url,
            "MIDDLEWATCH_LLM__API_KEY": "none-is-needed",
        }
    )


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "worker.cli.main", *arguments]


def _run(arguments: Sequence[str], environment: dict[str, str]) -> None:
    out.print(f"$ middlewatch {' '.join(arguments)}", style="bold")
    subprocess.run(_command(arguments), env=environment, check=True)


@contextmanager
def _up(environment: dict[str, str], base: str) -> Iterator[None]:
    out.print("$ middlewatch up", style="bold")
    log = Path(environment["MIDDLEWATCH_STORE__DATA_DIR"]) / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(_command(["up"]), env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        ready = _ready(base, process, log)
        out.print(
            f"GET /readyz → {ready['status']}: {', '.join(part['name'] for part in ready['parts'] if part['ok'])}"
        )
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _ready(base: str, process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            state = _get(f"{base}/readyz")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
            continue
        if state["status"] == "ready":
            return state
        time.sleep(0.2)
    raise SystemExit(f"Middlewatch did not become ready; its log: {log}")


def _messages(base: str, incident: str, editions: int, channels: int = 2) -> list[dict[str, Any]]:
    """Wait until so many channels' messages have shown so many texts each, then return them by channel."""
    deadline = time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < deadline:
        messages: list[dict[str, Any]] = _get(f"{base}/v1/incidents/{incident}")["messages"]
        if len(messages) >= channels and all(len(message["editions"]) >= editions for message in messages):
            return messages
        time.sleep(0.1)
    raise SystemExit(f"The messages of incident {incident} did not come within {ANSWERS_WITHIN_S:.0f} s.")


def _show(messages: Sequence[dict[str, Any]], edition: int, lines: int = 100) -> None:
    for message in messages:
        text = "\n".join(message["editions"][edition]["text"].splitlines()[:lines])
        out.print(Panel(Text(text), title=f"#{message['channel']}", title_align="left", padding=(0, 1)))


def _view(incident: str, environment: dict[str, str]) -> None:
    """Print what one person is shown beyond the channel: a person of the payments team reads along in #incidents."""
    arguments = ["access", "view", incident, "--channel", "C0INCIDENTS", "--person", "U0ANNA"]
    out.print(f"$ middlewatch {' '.join(arguments)}", style="bold")
    done = subprocess.run(_command(arguments), env=environment, check=True, capture_output=True, text=True)
    if "Only you can see this" not in done.stdout:
        raise SystemExit(f"The person is shown nothing more: {done.stdout}{done.stderr}")
    out.print(Panel(Text(done.stdout.strip()), title="only U0ANNA sees this", title_align="left", padding=(0, 1)))


def _recent_changes() -> list[dict[str, Any]]:
    return [_moved(change, ("time",)) for change in json.loads((SAMPLES / "changes.json").read_text())]


def _alert(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ALERTS / name).read_text())
    return {**content, "alerts": [_moved(alert, ("startsAt", "endsAt")) for alert in content["alerts"]]}


def _moved(content: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return a sample with its times moved so that the first alert fired just before now."""
    moved = dict(content)
    for field in fields:
        at = datetime.fromisoformat(content[field])
        if at.year > 1:  # the year 1 is Alertmanager's "not yet"
            moved[field] = (at + (STARTED - FIRST_FIRED)).isoformat()
    return moved


def _post(url: str, content: object) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})  # noqa: S310
    return _answer(request)


def _get(url: str) -> dict[str, Any]:
    return _answer(urllib.request.Request(url))  # noqa: S310


def _answer(request: urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own loopback address
        content: dict[str, Any] = json.load(answer)
        return content


def _headline(text: str) -> None:
    out.print(f"\n{text}", style="bold underline")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        out.print("Stopping.")


if __name__ == "__main__":
    raise SystemExit(main())
