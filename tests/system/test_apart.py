"""API and worker as processes of their own: the worker killed while it summarizes, the broker emptied."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.kit import (
    SLACK_TOKEN,
    Site,
    Slack,
    alert,
    documents,
    group,
    redis,
    redis_server,
    slack_server,
    until,
)


@pytest.fixture(scope="module")
def own_slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slack]:
    with slack_server(tmp_path_factory.mktemp("slack")) as server:
        yield server


@pytest.fixture(scope="module")
def model() -> Iterator[socket.socket]:
    """A language model's server that takes questions and is too slow to answer any."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with redis_server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture(scope="module")
def apart(
    tmp_path_factory: pytest.TempPathFactory, own_slack: Slack, model: socket.socket, broker: int
) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("apart")
    documents(folder)
    site = Site(
        folder,
        SLACK__BOT_TOKEN=SLACK_TOKEN,
        SLACK__BASE_URL=own_slack.base_url,
        STORE__REDIS_URL=f"redis://127.0.0.1:{broker}/0",
        LLM__MODEL="openai:slow",
        LLM__BASE_URL=f"http://127.0.0.1:{model.getsockname()[1]}/v1",
        LLM__API_KEY="none",
    )
    assert site.run("ingest").returncode == 0  # it migrates the database as well
    with site.start("api"):
        site.answers()
        yield site


def test_what_the_broker_lost_before_a_worker_took_it_is_told_all_the_same(
    apart: Site, own_slack: Slack, broker: int
) -> None:
    status, _ = apart.deliver(group(alert("LostByTheBroker"), key="lost"))
    assert status == 202
    until("the ring", lambda: redis(broker, "LLEN", "online") == b":1\r\n")
    assert redis(broker, "FLUSHALL") == b"+OK\r\n"
    with apart.start("worker"):
        (message,) = until("the message", own_slack.messages_of("LostByTheBroker"))
    assert "LostByTheBroker" in message["text"]


def test_a_worker_killed_while_the_model_is_asked_leaves_one_message(
    apart: Site, own_slack: Slack, model: socket.socket, broker: int
) -> None:
    with apart.start("worker") as worker:
        apart.deliver(group(alert(), key="killed"))
        question, _ = model.accept()
        worker.kill()
        worker.wait()
        question.close()
    (first,) = until("the message", own_slack.messages_of("OrdersDbVolumeFillingUp"))
    with apart.start("worker"):
        apart.deliver(group(alert(), alert("AlsoFilling", start="2026-11-21T03:30:00Z"), key="killed"))
        (last,) = until("the edit", own_slack.messages_of("2 firing"))
        until("an end of all work", lambda: redis(broker, "LLEN", "online") == b":0\r\n")
    assert last["ts"] == first["ts"]
    assert [one["ts"] for one in own_slack.messages_of("OrdersDbVolumeFillingUp")()] == [first["ts"]]


def test_no_first_message_waits_for_a_model_that_answers_nobody(
    apart: Site, own_slack: Slack, model: socket.socket
) -> None:
    """Far more incidents than it takes questions: they wait for its words, and nobody is told that it failed."""
    names = [f"ShownAtOnce{number:02}" for number in range(30)]
    about = {"runbook_url": "https://runbooks.example.com/databases/orders-db-volume-filling.md"}
    patient = {"LLM__TIMEOUT_S": "300", "STORM__INCIDENTS": "0", "SLACK__POSTS_PER_MINUTE": "6000"}
    with apart.start("worker", **patient) as worker:
        for name in names:
            assert apart.deliver(group(alert(name, annotations=about), key=name))[0] == 202
        for name in names:
            (message,) = until(f"the message of {name}", own_slack.messages_of(name))
            assert "did not answer" not in message["text"]
        worker.kill()  # or it would wait for the model
