"""P5: no secret leaves. Secrets are planted in every place that others write to, and looked for in every place we do."""

from __future__ import annotations

import io
import json
import logging
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

from domain.errors import MiddlewatchError
from summarizer.draft import Answer, ClaimDraft, Draft
from summarizer.prompt import Prompt
from summarizer.summarize import Model
from tests.deliveries import delivery, firing
from tests.labelled_secrets import password, token
from tests.slack_server import TOKEN, SlackServer
from worker import telemetry
from worker.intake.clean import cleaned
from worker.redaction.redactor import redact
from worker.redteam.world import CHANNEL, SealedSettings
from worker.settings import Settings
from worker.store import schema
from worker.store.audit import Act
from worker.wiring import Parts, now

PLACES = ("label", "named-label", "annotation", "runbook", "postmortem", "change", "answer", "error", "log")
API = "api-token-of-this-test"


def planted() -> dict[str, str]:
    """Return one secret for each place, made up anew: a token with a mark, or what only its name gives away."""
    made = {place: token("gh+p_{a36}", random.Random(place)) for place in PLACES}
    return {**made, "named-label": password(random.Random("named")) + "x9K2"}


class TellTale:
    """A model that repeats what it should not: it says its secret, and keeps the prompts that it is sent."""

    name = "tell-tale"
    local = True

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.asked: list[str] = []

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        del timeout_s
        self.asked.append(prompt.system + prompt.user)
        claims = [
            ClaimDraft(
                section="meaning", text="The disk of the orders database is nearly full.", citations=[1], command=None
            ),
            ClaimDraft(section="step", text=f"Use {self.secret} to log in.", citations=[1], command=None),
        ]
        return Answer(Draft(claims=claims))


class Silent:
    def ring(self, incident_ids: Any) -> None:
        del incident_ids

    ask_sync = ring


class World(Parts):
    """The product as it is, but for the broker and the model."""

    told: TellTale

    @cached_property
    def bell(self) -> Any:
        return Silent()

    def _model(self) -> Model | None:
        return self.told


@dataclass
class Seen:
    """Everything that was written, sent or shown, by where."""

    by_place: dict[str, str] = field(default_factory=dict)
    posted: int = 0
    prompts: int = 0


def settings(folder: Path, slack: str, more: dict[str, Any]) -> Settings:
    def source(kind: str) -> dict[str, object]:
        return {"name": f"{kind}s", "kind": kind, "path": folder / kind, "allow": ["everyone"]}

    return SealedSettings.model_validate(
        {
            "store": {"data_dir": folder / "data"},
            "sources": [source("runbook"), source("postmortem")],
            "golden": {"paths": []},
            "llm": {"model": "ollama:tell-tale"},
            "slack": {"bot_token": TOKEN, "base_url": slack},
            "intake": {"api_tokens": [API], "alertmanager": {"tokens": [API]}},
            "channels": [{"id": CHANNEL, "groups": ["payments"], "default": True}],
            **more,
        }
    )


def write(folder: Path, secrets: dict[str, str]) -> None:
    for kind in ("runbook", "postmortem"):
        (folder / kind).mkdir()
        head = "# DiskFull: the orders database is full\n\nThe disk of the orders database is nearly full.\n\n"
        steps = f"## Mitigation\n\n1. Log in with {secrets[kind]} and look.\n\n```\ndf -h /var/lib/orders\n```\n"
        (folder / kind / "DiskFull.md").write_text(head + steps, encoding="utf-8")


def alert(secrets: dict[str, str]) -> bytes:
    labels = {
        "alertname": "DiskFull", "service": "orders", "severity": "critical", "instance": f"db?token={secrets['label']}",
        "db_password": secrets["named-label"],
    }  # fmt: skip
    annotations = {
        "summary": "The orders database is full",
        "description": f"curl -u ops:{secrets['annotation']} failed",
    }
    one = {
        "status": "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": "2026-11-21T03:00:00Z",
        "fingerprint": "f1",
    }
    body = {"version": "4", "groupKey": f"{{}}:{{x={secrets['label']}}}", "status": "firing", "alerts": [one]}
    return json.dumps(body).encode()


def everything(folder: Path, secrets: dict[str, str], server: SlackServer, more: dict[str, Any]) -> Seen:
    """Take the secrets through the whole of the product and return what it left behind."""
    log, seen = io.StringIO(), Seen()
    telemetry.configure_logging(redact, stream=log)
    with ExitStack() as stack:
        parts = World(settings(folder, server.base_url, more), stack)
        parts.told = TellTale(secrets["answer"])
        schema.upgrade(parts.store.database)
        assert parts.ingesting.run().outcome.value == "published"
        client = TestClient(
            parts.http,
            headers={"Authorization": f"Bearer {API}", "Content-Type": "application/json"},
            raise_server_exceptions=False,
        )
        change = {"who": "ci", "what": f"set TOKEN={secrets['change']}", "service": "orders", "readers": ["everyone"]}
        assert client.post("/v1/changes", json=change).status_code == 201
        bad = client.post("/v1/webhooks/alertmanager", content=f'{{"alerts": "{secrets["error"]}"}}'.encode())
        assert bad.status_code == 422
        assert client.post("/v1/webhooks/alertmanager", content=alert(secrets)).status_code == 202
        for incident in parts.store.outbox.due(now(), 10):
            parts.work.attempt(incident)
        _complain(parts, secrets)
        pages = [bad.text, *_pages(client)]
        seen.by_place["http"] = "\n".join(pages)
        seen.by_place["runs"] = repr(parts.store.runs.recent(10))
        seen.by_place["metrics"] = parts.metrics.text().decode()
        seen.by_place["prompts"] = "\n".join(parts.told.asked)
        seen.prompts = len(parts.told.asked)
    _look_around(folder, server, seen)
    seen.by_place["log"] = log.getvalue()
    return seen


def _complain(parts: World, secrets: dict[str, str]) -> None:
    """Write secrets where people and libraries write."""
    structlog.get_logger().warning("told", note=f"bearer {secrets['log']}", deep={"list": [secrets["log"]]})
    logging.getLogger("library").error("it failed with %s", secrets["error"])
    parts.store.audit.add(Act(now(), "somebody", "withdraw", "x", f"it shows {secrets['log']}"))


def _pages(client: TestClient) -> Iterator[str]:
    for path in ("/v1/incidents", "/v1/runs", "/metrics", "/readyz", "/preview"):
        yield client.get(path).text
    for each in client.get("/v1/incidents").json().get("incidents", []):
        yield client.get(f"/v1/incidents/{each['id']}").text


def _look_around(folder: Path, server: SlackServer, seen: Seen) -> None:
    calls = server.called("chat.postMessage") + server.called("chat.update")
    seen.by_place["slack"], seen.posted = json.dumps([str(call) for call in calls], ensure_ascii=False), len(calls)
    for path in sorted((folder / "data").rglob("*")):
        if path.is_file():
            seen.by_place[str(path.relative_to(folder))] = path.read_bytes().decode("latin-1")


@pytest.fixture(name="seen", scope="module")
def _seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Seen]]:
    folder, secrets = tmp_path_factory.mktemp("places"), planted()
    write(folder, secrets)
    with SlackServer() as server:
        yield secrets, everything(folder, secrets, server, {})
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = []


def test_the_secrets_came_as_far_as_they_could(seen: tuple[dict[str, str], Seen]) -> None:
    """Else finding none would prove nothing."""
    _, left = seen
    assert left.posted
    assert left.prompts
    assert "[redacted:github-token:" in left.by_place["prompts"]
    assert "[redacted:github-token:" in left.by_place["log"]
    assert "[redacted:" in left.by_place["data/state.db"] + left.by_place.get("data/state.db-wal", "")
    assert re.search(r"middlewatch_changes_total [1-9]", left.by_place["metrics"])


def test_each_run_says_which_hosts_were_called_for_it(seen: tuple[dict[str, str], Seen]) -> None:
    _, left = seen
    assert "'hosts': {'slack': ['127.0.0.1']}" in left.by_place["runs"]
    assert 'middlewatch_outbound_calls_total{host="127.0.0.1",purpose="slack"}' in left.by_place["metrics"]


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_nowhere_after_it_was_planted(place: str, seen: tuple[dict[str, str], Seen]) -> None:
    secrets, left = seen
    secret = secrets[place]
    fragments = {secret[start : start + 12] for start in range(len(secret) - 11)}
    found = {where for where, text in left.by_place.items() if any(fragment in text for fragment in fragments)}
    assert found == set()


def test_where_the_redactor_fails_nothing_of_a_delivery_is_used() -> None:
    def failing(text: str) -> str:
        raise MiddlewatchError("The redactor failed.")

    with pytest.raises(MiddlewatchError):
        cleaned(delivery(firing()), failing)
