"""P3: a word planted in every forbidden document is in no output of any kind that its audience can reach."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from typer.testing import CliRunner

from domain.access import Audience
from domain.alert import Change
from domain.errors import IndexUnavailable, MiddlewatchError
from retrieval.access_filter import Scope
from retrieval.index import Index, Leg, Point, Proposal
from tests import worlds as w
from tests.proofs import report
from tests.scale import scaled
from worker.app import create_app
from worker.cli.main import app_of
from worker.console import preview
from worker.console.shelf import Shelf
from worker.http.auth import operating_pages, reading_pages
from worker.http.ports import Access, Deps, Probe
from worker.http.window import Room, Window
from worker.library import LiveReaders
from worker.settings import ChannelSettings
from worker.slack.message import Message
from worker.slack.private import Press
from worker.store.tokens import Token
from worker.telemetry import configure_logging

SEED = 20261121
SHARDS = scaled(1, 20)
CANARY = "cnry"
LEAST = 10_000
QUIET = settings(
    deadline=None, database=None, derandomize=False, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
)


@pytest.fixture(scope="module", autouse=True)
def _leave_no_files() -> Iterator[None]:
    yield
    w.cleaned_up()


@dataclass
class Outputs:
    """Every output that was looked at, by kind, and those that held the canary."""

    counted: Counter[str] = field(default_factory=Counter)
    leaked: list[str] = field(default_factory=list)

    def look(self, kind: str, text: str) -> None:
        self.counted[kind] += 1
        if CANARY in text.casefold():
            self.leaked.append(f"{kind}: {text[:400]}")


class Failing:
    """An index that fails, and says why in words that nobody may see."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        raise IndexUnavailable("The index failed.") from None

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        return self._index.read(snapshot, scope, vectors)


class Unfiltered(Failing):
    """An index that gives everything to everybody."""

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        return self._index.propose(snapshot, _all(scope), legs, limit)

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        return self._index.read(snapshot, _all(scope), vectors)


def _all(scope: Scope) -> Scope:
    return Scope(Audience.of((*w.GROUPS, "others")), scope.kind, scope.role, scope.documents)


@contextmanager
def logging_to(stream: io.StringIO) -> Iterator[None]:
    configure_logging(stream=stream)
    try:
        yield
    finally:
        structlog.reset_defaults()


def look_at(world: w.World, outputs: Outputs, faults: w.Faults | None = None) -> bool:
    """Take a world's alert to both channels and look at all that our readers can reach; true: the others saw one."""
    log = io.StringIO()
    with w.opened(world, model=True, faults=faults) as stage, logging_to(log):
        readers = frozenset({"others"})
        what = "Deploy CNRYchange"
        stage.store.changes.add(Change("ch1", "CNRYwho", what, "orders", w.AT, "https://ci.example.com/CNRY", readers))
        incident = stage.incident()
        stage.tell(incident, w.THEIRS)
        others = any("CNRY" in text for _, _, text in stage.slate.sent)
        stage.slate.sent.clear()
        stage.tell(incident, w.OURS)
        for kind, _, text in stage.slate.sent:
            outputs.look("message" if kind == "post" else kind, text)
        over_http(stage, outputs)
        try:
            outputs.look("evidence", repr(stage.search.evidence(incident.lead, world.ours)))
        except MiddlewatchError as error:
            outputs.look("error", f"{error} {error.reason} {error.__cause__}")
    for line in log.getvalue().splitlines():
        outputs.look("log", line)
    return others


def _hidden_words(press: Press) -> Message:
    """What one person is shown alone, which a reader's token must never be."""
    return Message(f"CNRY for {press.user}", (), ())


def over_http(stage: w.Stage, outputs: Outputs) -> None:
    """Ask for everything as a reader with a token, and look at the metrics as who runs the program."""
    store = stage.store
    live = LiveReaders(store.catalogue)
    room = Room(store.incidents, store.messages, store.runs, live, lambda: stage.channels)
    deps = Deps(
        receive=store.inbox,
        ring=lambda ids: None,
        changes=store.changes,
        incidents=store.incidents,
        runs=store.runs,
        messages=store.messages,
        access=Access(api_tokens=("operator",), issued=store.tokens),
        metrics=stage.metrics,
        window=lambda audience: Window(room, audience),
        denials=store.denials,
        probes=(Probe("index", lambda: f"{len(stage.world.hidden)} hidden CNRY"),),
    )
    channels = [ChannelSettings(id=channel.id) for channel in stage.channels]
    shelf = Shelf(store.messages, channels, deps.window, _hidden_words)
    app = create_app(deps, (preview.router(shelf, reading_pages(deps), operating_pages(deps)),))
    text = store.tokens.create(Token("", "panel", False, stage.world.ours, w.AT, "test"))
    client = TestClient(app, base_url="http://127.0.0.1:8787", client=("192.0.2.7", 50000))
    bearer = {"authorization": f"Bearer {text}"}
    runs = [run.id for run in store.runs.recent(9)]
    seen = 0
    for path in (
        *("/v1/incidents", "/v1/incidents?status=firing", f"/v1/incidents/{w.INCIDENT}", "/v1/incidents/none"),
        *("/v1/incidents?limit=0", "/readyz", "/healthz", "/metrics", "/openapi.json", "/nowhere"),
        *("/preview/as/U0SOMEBODY", "/preview/as/nobody"),
        *(f"/v1/runs/{run}" for run in (*runs, "none")),
    ):
        answer = client.get(path, headers=bearer)
        seen += answer.status_code == 200
        outputs.look("http", f"{answer.status_code} {answer.headers} {answer.text}")
    assert seen > 5
    for headers in (bearer, {}):
        answer = client.post("/v1/changes", headers=headers, json={"what": "x"})
        outputs.look("http", f"{answer.status_code} {answer.text}")
        outputs.look("preview", client.get("/preview", headers=headers).text)
    outputs.look("metrics", client.get("/metrics", headers={"authorization": "Bearer operator"}).text)
    for run in store.runs.recent(9):
        if run.channel_id == w.OURS:
            outputs.look("run record", json.dumps(asdict(run), default=str))


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.timeout(0)
def test_it_is_in_no_message_answer_log_metric_error_or_page(shard: int) -> None:
    outputs, controls, worlds = Outputs(), 0, 0

    @seed(SEED + shard)
    @settings(QUIET, max_examples=scaled(6, 24))
    @given(w.worlds(secrets=True))
    def every_world(world: w.World) -> None:
        nonlocal controls, worlds
        worlds += 1
        controls += look_at(world, outputs)
        if worlds % 4 == 0:
            for index in (Failing, Unfiltered):
                look_at(world, outputs, w.Faults(index))
        assert outputs.leaked == []

    every_world()
    n = sum(outputs.counted.values())
    assert controls, "the canary was never shown to those who may read it, so its absence says nothing"
    assert n >= scaled(80, LEAST // SHARDS)
    for kind, count in sorted(outputs.counted.items()):
        report("leaks.md", (f"canary in {kind}", len(outputs.leaked), count, "outputs", SEED + shard))
    report("leaks.md", ("canary", len(outputs.leaked), n, "outputs of every kind", SEED + shard))
    report("leaks.md", ("worlds in which its own readers saw the canary", controls, worlds, "worlds", SEED + shard))


def test_it_would_be_found_if_both_checks_were_off() -> None:
    outputs = Outputs()
    outputs.look("message", "… CNRY01x7f3 …")
    assert outputs.leaked


SETTINGS = """
[[sources]]
name = "runbooks"
kind = "runbook"
path = "runbooks"
allow = ["everyone"]
[[sources]]
name = "vault"
kind = "runbook"
path = "vault"
allow = ["security"]
[[channels]]
id = "COURS"
default = true
"""


@pytest.mark.timeout(0)
def test_it_is_in_nothing_that_the_command_line_says_as_that_audience(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "vault").mkdir()
    body = "## Meaning\n\nThe disk volume is full.\n\n## Fix\n\n1. Resize the disk volume:\n\n```\nresize {}\n```\n"
    (tmp_path / "runbooks" / "open.md").write_text("# Disk full\n\n" + body.format("x"), encoding="utf-8")
    for number in range(3):
        text = f"---\nowner: CNRY{number}\n---\n# CNRY{number} Disk full\n\n" + body.format(f"CNRY{number}")
        (tmp_path / "vault" / f"CNRY{number}.md").write_text(text, encoding="utf-8")
    config = tmp_path / "middlewatch.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    alert = tmp_path / "alert.json"
    alert.write_text(json.dumps({"labels": {"alertname": "DiskFull"}, "annotations": {"summary": "disk volume full"}}))
    as_ours = [
        ["summarize", str(alert), "--channel", "COURS", "--json"],
        ["search", "disk volume full", "--channel", "COURS", "--explain"],
        ["search", "CNRY1 disk", "--groups", "payments", "--json"],
        ["summarize", str(alert), "--channel", "COURS"],
        ["search", "disk", "--channel", "COURS", "--json", "-k", "100"],
        ["search", "owner of the vault", "--groups", "platform", "--explain", "--json"],
        ["summarize", str(alert), "--channel", "CNOWHERE"],
        ["search", "disk"],
    ]

    def run(words: list[str]) -> Result:
        return CliRunner().invoke(app_of(words), [*words, "--config", str(config)])

    try:
        assert run(["ingest"]).exit_code == 0
        outputs = Outputs()
        for words in as_ours[: scaled(1, len(as_ours))]:
            said = run(words)
            outputs.look("command line", (said.stdout + said.stderr).replace(" ".join(words), ""))
        assert outputs.leaked == []
        assert "CNRY" in run(["search", "disk", "--groups", "security"]).stdout
    finally:
        structlog.reset_defaults()
    report("leaks.md", ("canary on the command line", len(outputs.leaked), outputs.counted.total(), "outputs", SEED))
