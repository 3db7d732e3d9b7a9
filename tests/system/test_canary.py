"""The canary through running processes: webhook, database, worker, Slack, and what is told when it does not arrive."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.kit import SLACK_TOKEN, Site, Slack, documents, redis_server, slack_server, until


@dataclass
class Cage:
    site: Site
    slack: Slack

    def figure(self, name: str) -> float:
        with urllib.request.urlopen(f"{self.site.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cage]:
    folder: Path = tmp_path_factory.mktemp("canary")
    documents(folder)
    with ExitStack() as stack:
        slack = stack.enter_context(slack_server(folder))
        site = Site(
            folder,
            SLACK__BOT_TOKEN=SLACK_TOKEN,
            SLACK__BASE_URL=slack.base_url,
            SLACK__OPS_CHANNEL="C0OPS",
            CANARY__EVERY="2s",
            CANARY__WITHIN="40s",
            CANARY__CHANNEL="C0CANARY",
        )
        stack.enter_context(site.start("up"))
        site.answers()
        yield Cage(site, slack)


def test_it_is_heard_again_and_again_in_one_message_and_counts_as_no_incident(cage: Cage) -> None:
    until("three songs", lambda: cage.figure('middlewatch_canaries_total{outcome="heard"}') >= 3, 90)
    (message,) = cage.slack.messages("C0CANARY")
    assert "MiddlewatchCanary" in message["text"]
    assert cage.slack.messages("C0ALL") == []
    assert cage.slack.messages("C0OPS") == []
    assert cage.figure("middlewatch_runs_total") == 0
    assert cage.figure("middlewatch_first_message_seconds_count") == 0


def test_one_that_does_not_arrive_is_told_to_the_ops_channel(tmp_path: Path) -> None:
    """A worker whose API is away: the front door is shut."""
    with ExitStack() as stack:
        slack = stack.enter_context(slack_server(tmp_path))
        broker = stack.enter_context(redis_server(tmp_path))
        site = Site(
            tmp_path,
            SLACK__BOT_TOKEN=SLACK_TOKEN,
            SLACK__BASE_URL=slack.base_url,
            SLACK__OPS_CHANNEL="C0OPS",
            STORE__REDIS_URL=f"redis://127.0.0.1:{broker}/0",
            CANARY__EVERY="5s",
            CANARY__WITHIN="2s",
            CANARY__CHANNEL="C0CANARY",
        )
        assert site.run("db", "upgrade").returncode == 0
        stack.enter_context(site.start("worker"))
        (told,) = until("the line", lambda: slack.messages("C0OPS"))
        assert "The canary was not heard. Nobody answers at the front door." in told["text"]
        assert slack.messages("C0CANARY") == []
