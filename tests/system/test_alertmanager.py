"""The real Alertmanager, a pair of it, with the receiver that the documentation shows.

The program comes from the system's packages (`prometheus-alertmanager`); without it these tests skip and say so.
"""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.kit import ROOT, TOKEN, Site, Slack, free_port, process, request, until

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Alertmanager is not installed (prometheus-alertmanager)")


class Pair:
    """Two Alertmanagers that gossip, as Prometheus would see them."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = urls

    def tell(self, name: str, over: bool = False, **labels: str) -> None:
        """Tell both of an alert, as Prometheus does."""
        now = datetime.now(UTC)
        said: dict[str, Any] = {
            "labels": {"alertname": name, "service": "orders-db", "severity": "warning", **labels},
            "annotations": {"summary": f"{name} {' '.join(labels.values())}: the volume is 86% full"},
            "startsAt": (now - timedelta(minutes=1)).isoformat(),
            "endsAt": (now if over else now + timedelta(hours=1)).isoformat(),
        }
        for url in self.urls:
            asked = urllib.request.Request(
                f"{url}/api/v2/alerts", json.dumps([said]).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=10) as answer:
                assert answer.status == 200


def documented(url: str, folder: Path) -> str:
    """Return the configuration of the documentation, with this address and token file, and short times."""
    page = (ROOT / "docs" / "connect-alertmanager.md").read_text()
    shown = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "webhook_configs" in block)
    (folder / "token").write_text(TOKEN)
    for old, new in (
        ("https://middlewatch.example.com", url),
        ("/etc/alertmanager/secrets/middlewatch-token", str(folder / "token")),
        ("group_wait: 10s", "group_wait: 1s"),
        ("group_interval: 1m", "group_interval: 1s"),
        ("repeat_interval: 4h", "repeat_interval: 3s"),
    ):
        assert old in shown, f"the documentation no longer says {old}"
        shown = shown.replace(old, new)
    return f"{shown}\n  - name: default\n"


@pytest.fixture(scope="module")
def pair(up: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "alertmanager.yml").write_text(documented(up.url, folder))
    ports, gossip = [free_port(), free_port()], [free_port(), free_port()]
    with ExitStack() as stack:
        for mine, talk in zip(ports, gossip, strict=True):
            command = [
                str(PROGRAM),
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/{mine}",
                f"--web.listen-address=127.0.0.1:{mine}",
                f"--cluster.listen-address=127.0.0.1:{talk}",
                *(f"--cluster.peer=127.0.0.1:{other}" for other in gossip if other != talk),
                "--cluster.peer-timeout=2s",
            ]
            stack.enter_context(process(command, folder / f"{mine}.log"))
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            until("Alertmanager", lambda url=url: request(f"{url}/api/v2/status")[0] == 200)
        yield Pair(urls)


def test_one_group_of_a_real_pair_is_one_message_from_first_to_last(pair: Pair, up: Site, slack: Slack) -> None:
    name = "OrdersDbVolumeFillingUp"
    told = slack.messages_of(f"{name} one")
    pair.tell(name, instance="one")
    until("the message", told)
    pair.tell(name, instance="two")
    until("both in it", slack.messages_of("2 firing"))
    pair.tell(name, over=True, instance="one")
    pair.tell(name, over=True, instance="two")
    (message,) = until("the end", lambda: [each for each in slack.messages("C0ALL") if _over(each, name)], 60)
    assert [each["ts"] for each in slack.messages("C0ALL") if name in each["text"]] == [message["ts"]]


def _over(message: dict[str, Any], name: str) -> bool:
    return name in message["text"] and message["text"].startswith("RESOLVED")
