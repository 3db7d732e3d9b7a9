"""Secrets are changed under running processes, and a worker that runs apart serves its own metrics."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.kit import (
    SLACK_TOKEN,
    TOKEN,
    Site,
    Slack,
    alert,
    documents,
    free_port,
    group,
    redis,
    redis_server,
    request,
    slack_server,
    until,
)

NEW = "another-token-of-the-tests-111111"


@dataclass
class Place:
    site: Site
    slack: Slack
    redis_port: int
    metrics_port: int
    pids: tuple[int, ...]

    def rotate(self, name: str, text: str) -> None:
        (self.site.folder / name).write_text(text)
        for pid in self.pids:
            os.kill(pid, signal.SIGHUP)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("rotation")
    documents(folder)
    for name, text in (("bot", "xoxb-revoked"), ("tokens", TOKEN), ("signing", "old-secret")):
        (folder / name).write_text(text)
    with ExitStack() as stack:
        slack = stack.enter_context(slack_server(folder))
        broker = stack.enter_context(redis_server(folder))
        redis(broker, "CONFIG", "SET", "requirepass", "redis-one")
        (folder / "redis").write_text(f"redis://:redis-one@127.0.0.1:{broker}/0")
        metrics = free_port()
        site = Site(
            folder,
            SLACK__BOT_TOKEN_FILE=str(folder / "bot"),
            SLACK__SIGNING_SECRET_FILE=str(folder / "signing"),
            SLACK__BASE_URL=slack.base_url,
            STORE__REDIS_URL_FILE=str(folder / "redis"),
            WORKER__METRICS_LISTEN=f"127.0.0.1:{metrics}",
        )
        site.environment["MIDDLEWATCH_INTAKE__ALERTMANAGER__TOKENS_FILE"] = str(folder / "tokens")
        del site.environment["MIDDLEWATCH_INTAKE__ALERTMANAGER__TOKENS"]
        assert site.run("ingest").returncode == 0
        processes = [stack.enter_context(site.start(name)) for name in ("api", "worker")]
        site.answers()
        until("the worker's metrics", lambda: request(f"http://127.0.0.1:{metrics}/healthz")[0] == 200)
        yield Place(site, slack, broker, metrics, tuple(each.pid for each in processes))


def test_a_worker_apart_serves_its_metrics_and_says_how_it_is(place: Place) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{place.metrics_port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "middlewatch_outbox_oldest_seconds" in text
    assert "process_resident_memory_bytes" in text
    _, content = request(f"http://127.0.0.1:{place.metrics_port}/readyz")
    parts = {part["name"]: part for part in content["parts"]}
    assert parts["database"]["ok"]
    assert parts["embedding"]["name"] == "embedding"  # only a process that searches has it
    assert request(f"http://127.0.0.1:{place.metrics_port}/v1/incidents")[0] == 404


def test_a_revoked_bot_token_is_named_and_a_new_one_is_used_without_a_restart(place: Place) -> None:
    assert place.site.deliver(group(alert("AfterRotation"), key="rotation"))[0] == 202
    slack = until("what is wrong", lambda: not (part := place.site.parts()["slack"])["ok"] and part)
    assert "[slack] bot_token" in slack["mend"]
    until("the refusal", lambda: "slack-invalid-auth" in place.site.log("worker").read_text())
    place.rotate("bot", SLACK_TOKEN)
    assert until("the message", place.slack.messages_of("AfterRotation"))
    assert until("a good token", lambda: place.site.parts()["slack"]["ok"])


def test_a_senders_token_is_changed_with_both_valid_in_between(place: Place) -> None:
    def deliver(token: str) -> int:
        return place.site.deliver(group(alert("Token"), key="token"), Authorization=f"Bearer {token}")[0]

    assert (deliver(TOKEN), deliver(NEW)) == (202, 403)
    place.rotate("tokens", f"{TOKEN}\n{NEW}\n")
    until("the new token", lambda: deliver(NEW) == 202)
    assert deliver(TOKEN) == 202
    place.rotate("tokens", NEW)
    until("the end of the old token", lambda: deliver(TOKEN) == 403)
    assert deliver(NEW) == 202


def test_slacks_signing_secret_is_changed(place: Place) -> None:
    def ask(secret: str) -> int:
        body, stamp = json.dumps({"type": "url_verification", "challenge": "c"}).encode(), str(int(time.time()))
        signed = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Signature": f"v0={signed}", "X-Slack-Request-Timestamp": stamp}
        return request(f"{place.site.url}/slack/events", body, headers)[0]

    assert (ask("old-secret"), ask("new-secret")) == (200, 403)
    place.rotate("signing", "new-secret")
    until("the new secret", lambda: ask("new-secret") == 200)
    assert ask("old-secret") == 403


def test_settings_that_are_broken_leave_what_is_there(place: Place) -> None:
    def deliver() -> int:
        return place.site.deliver(group(alert("Kept"), key="kept"))[0]

    place.rotate("tokens", TOKEN)
    until("the token", lambda: deliver() == 202)
    file = place.site.folder / "middlewatch.toml"
    good = file.read_text()
    file.write_text("this is no TOML")
    place.rotate("tokens", "never-taken")
    until("the refusal", lambda: "rotation_failed" in place.site.log("api").read_text())
    assert deliver() == 202
    file.write_text(good)


def test_the_password_of_redis_is_changed_and_the_consumers_come_back(place: Place) -> None:
    def consuming(password: str) -> int:
        return redis(place.redis_port, "AUTH", password, then=("CLIENT", "LIST")).count(b"cmd=brpop")

    place.rotate("tokens", TOKEN)
    until("the consumers", lambda: consuming("redis-one") == 2)
    redis(place.redis_port, "AUTH", "redis-one", then=("CONFIG", "SET", "requirepass", "redis-two"))
    redis(place.redis_port, "AUTH", "redis-two", then=("CLIENT", "KILL", "TYPE", "normal"))
    until("a refusal", lambda: not place.site.parts()["redis"]["ok"])
    place.rotate("redis", f"redis://:redis-two@127.0.0.1:{place.redis_port}/0")
    until("the consumers again", lambda: consuming("redis-two") == 2)
    assert until("Redis", lambda: place.site.parts()["redis"]["ok"])
    assert place.site.deliver(group(alert("AfterRedis"), key="after-redis"))[0] == 202
    assert until("the message", place.slack.messages_of("AfterRedis"))
