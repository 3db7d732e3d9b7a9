"""The installations that the black-box tests look at; each is started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.kit import SLACK_TOKEN, Site, Slack, documents, slack_server, until


@pytest.fixture(scope="session")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slack]:
    with slack_server(tmp_path_factory.mktemp("slack")) as server:
        yield server


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="session")
def up(folder: Path, slack: Slack) -> Iterator[Site]:
    """`middlewatch up` with everything bundled, posting to the Slack-compatible server."""
    documents(folder)
    site = Site(folder, SLACK__BOT_TOKEN=SLACK_TOKEN, SLACK__BASE_URL=slack.base_url)
    with site.start("up"):
        site.answers()
        until("the embedding model", lambda: site.parts().get("embedding", {}).get("ok"))
        yield site
