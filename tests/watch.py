"""The product wired as it is run, but for the models, against a Slack-compatible server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from domain.alert import Alert
from tests.deliveries import delivery
from tests.library import WordEmbedder
from tests.slack_server import TOKEN, SlackServer
from worker.settings import Settings
from worker.store import schema
from worker.wiring import Parts, now

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Watch:
    """One installation: documents in a folder, two channels, a workspace."""

    def __init__(self, folder: Path, server: SlackServer, parts: Parts) -> None:
        self.folder, self.server, self.parts = folder, server, parts

    def write(self, name: str, text: str, allow: str = "") -> None:
        """Write a runbook, for these groups where some are named."""
        file = self.folder / "runbooks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\nallow: [{allow}]\n---\n{text}\n" if allow else f"{text}\n")

    def ingest(self) -> None:
        self.parts.ingesting.run()

    def tell(self, alert: Alert, key: str = "g") -> str:
        """Take an alert to its channels and return its incident."""
        (incident,) = self.parts.store.inbox.receive(delivery(alert, group_key=key), now()).incidents
        self.parts.work.attempt(incident)
        return incident

    def work(self) -> None:
        """Do what waits, as the workers would."""
        self.parts.recall.run()
        for incident in self.parts.store.outbox.due(now(), 100):
            self.parts.work.attempt(incident)

    def text(self, channel: str) -> str:
        """Return what a channel's newest message shows, as Slack was given it."""
        post = self.server.posts(channel)[-1]
        return f"{post['text']}\n{post['blocks']}"


@contextmanager
def watch(folder: Path, **more: Any) -> Iterator[Watch]:
    """Set one up; `more` are tables of the settings."""
    (folder / "runbooks").mkdir(parents=True)
    with SlackServer() as server, ExitStack() as stack:
        tables: dict[str, Any] = {
            "store": {"data_dir": folder / "data"},
            "slack": {
                "bot_token": TOKEN,
                "signing_secret": SECRET,
                "base_url": server.base_url,
                "posts_per_minute": 6_000,  # the server has no limits, and nobody is to wait for a turn
            },
            "sources": [{"name": "runbooks", "kind": "runbook", "path": folder / "runbooks", "allow": ["everyone"]}],
            "channels": [
                {"id": "CPAY", "groups": ["payments"], "match": {"service": "orders"}},
                {"id": "CALL", "groups": [], "match": {"service": "orders"}},
            ],
            "golden": {"paths": []},
        }
        parts = Parts(Settings(**{**tables, **more}), stack)
        parts.__dict__["embedder"] = WordEmbedder()
        schema.upgrade(parts.store.database)
        yield Watch(folder, server, parts)
