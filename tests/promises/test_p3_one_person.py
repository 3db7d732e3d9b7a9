"""P3: what one person may see beyond a channel is shown to that person alone, and hints at nothing to anybody else."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.deliveries import firing
from tests.watch import SECRET, Watch, watch
from worker.readers.private import NOTHING
from worker.slack.private import ACTION, DOWN, UP
from worker.store.messages import Place
from worker.store.money_tables import feedback
from worker.wiring import now

PRIVATE_WORDS = "Rotate the vault seal before you restart"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Watch]:
    with watch(tmp_path, groups={"slack": True}) as made:
        made.write("disk.md", f"# disk\n\nThe disk is full.\n\n## Mitigation\n\n1. {PRIVATE_WORDS}.\n", "payments")
        made.write("logs.md", "# disk logs\n\nThe disk is full of logs.\n\n## Mitigation\n\n1. Remove old logs.\n")
        made.server.groups = {"payments": ["UANNA", "UGUEST"], "sales": ["USAL"]}
        made.server.people["UGUEST"] = {"is_restricted": True}
        made.server.add_channel("CALL", members=("UANNA", "USAL", "UGUEST", "UBOT"))
        made.server.add_channel("CPAY", members=("UANNA", "UBOT"))
        made.ingest()
        made.parts.refresher.run()
        yield made


class Pressing:
    """Presses the button as Slack tells of it, and answers as the worker does."""

    def __init__(self, here: Watch) -> None:
        self.here = here
        self.asked: list[tuple[str, ...]] = []
        here.parts.bell.ask_answer = lambda *press: self.asked.append(press)  # type: ignore[method-assign]
        self.client = TestClient(here.parts.http)

    def __call__(self, user: str, channel: str = "CALL", **changed: Any) -> int:
        post = self.here.server.posts(channel)[-1]
        (button,) = [block for block in post["blocks"] if block["type"] == "actions"]
        content = {
            "type": "block_actions",
            "user": {"id": user},
            "channel": {"id": channel},
            "container": {"type": "message", "message_ts": post["ts"]},
            "actions": [{"action_id": ACTION, "value": button["elements"][0]["value"]}],
        }
        return self.send(urlencode({"payload": json.dumps({**content, **changed})}).encode())

    def send(self, body: bytes, secret: str = SECRET, age: int = 0) -> int:
        stamp = str(int(time.time()) - age)
        made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Signature": f"v0={made}", "X-Slack-Request-Timestamp": stamp}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.client.post("/slack/interactions", content=body, headers=headers)
        assert answer.status_code != 200 or answer.content == b""
        return answer.status_code

    def answered(self) -> list[dict[str, Any]]:
        """Do what was asked of a worker; return what was shown since."""
        before = len(self.here.server.ephemerals)
        while self.asked:
            self.here.parts.answer_press(*self.asked.pop())
        return self.here.server.ephemerals[before:]


@pytest.fixture
def press(here: Watch) -> Pressing:
    here.tell(firing())
    return Pressing(here)


def test_one_incident_is_seen_in_three_ways(here: Watch, press: Pressing) -> None:
    assert PRIVATE_WORDS in here.text("CPAY")
    assert PRIVATE_WORDS not in here.text("CALL")
    assert press("UANNA") == 200
    (shown,) = press.answered()
    assert (shown["user"], shown["channel"]) == ("UANNA", "CALL")
    assert PRIVATE_WORDS in shown["text"]
    assert "Remove old logs" not in shown["text"], "what the channel shows is not said again"


def test_nobody_else_is_shown_anything_and_nothing_is_kept(here: Watch, press: Pressing) -> None:
    press("UANNA")
    press.answered()
    posted = len(here.server.called("chat.postMessage"))
    for user in ("USAL", "UGUEST", "UBOT"):
        press(user)
        assert [shown["text"] for shown in press.answered()] == [NOTHING]
    assert len(here.server.called("chat.postMessage")) == posted
    assert PRIVATE_WORDS not in str(here.server.channels["CALL"].messages)
    messages = here.parts.store.messages
    incident = here.parts.store.incidents.recent(1)[0].id
    assert all(PRIVATE_WORDS not in edition.body.text for edition in messages.history(Place("CALL", incident)))


def test_where_the_channel_reads_all_of_it_there_is_nothing_more(here: Watch, press: Pressing) -> None:
    press("UANNA", "CPAY")
    assert [shown["text"] for shown in press.answered()] == [NOTHING]


def test_leaving_the_group_or_losing_the_document_ends_it_at_once(here: Watch, press: Pressing) -> None:
    here.parts.rights.revoke("runbooks/disk.md", "payments")
    press("UANNA")
    assert [shown["text"] for shown in press.answered()] == [NOTHING]
    here.parts.rights.restore("runbooks/disk.md", "payments")
    here.server.groups["payments"] = []
    press("UANNA")
    assert [shown["text"] for shown in press.answered()] == [NOTHING]


def test_the_button_is_the_same_whether_or_not_there_is_more(here: Watch, press: Pressing) -> None:
    def button() -> dict[str, Any]:
        block = here.server.posts("CALL")[-1]["blocks"][-1]
        element = {key: value for key, value in block["elements"][0].items() if key != "value"}
        return {**block, "elements": [element]}

    with_more = button()
    (here.folder / "runbooks" / "disk.md").unlink()
    here.ingest()
    here.tell(firing("other", 1), "other")
    assert button() == with_more


def test_what_slack_did_not_sign_is_refused_and_nothing_is_asked(press: Pressing) -> None:
    body = urlencode({"payload": "{}"}).encode()
    assert press.send(body, secret="another") == 403
    assert press.send(body, age=301) == 403
    assert press.send(b"nothing") == 422
    assert press.send(urlencode({"payload": "[" * 100_000}).encode()) == 422
    assert press.asked == []


def test_a_press_that_stands_under_no_message_of_ours_is_answered_with_nothing(here: Watch, press: Pressing) -> None:
    value = f"{here.parts.store.incidents.recent(1)[0].id}:CPAY"
    press("UANNA", actions=[{"action_id": ACTION, "value": value}])
    assert [shown["text"] for shown in press.answered()] == [NOTHING]
    press("UANNA", container={"message_ts": "1.000001"})
    assert [shown["text"] for shown in press.answered()] == [NOTHING]
    assert press("UANNA", actions=[{"action_id": "another", "value": value}]) == 200
    assert press("UANNA", type="view_submission") == 200
    assert press("nobody") == 422
    assert press.answered() == []


def test_a_person_asks_so_often_and_no_more(here: Watch, press: Pressing) -> None:
    for _ in range(12):
        assert press("UANNA") == 200
    assert press("USAL") == 200
    assert len(press.answered()) == 11
    assert b'middlewatch_presses_total{outcome="too-often"} 2.0' in here.parts.metrics.text()


def test_who_comes_into_a_channel_takes_what_it_shows_with_the_next_look(here: Watch, press: Pressing) -> None:
    here.server.channels["CPAY"].members = ("UANNA", "USAL", "UBOT")  # type: ignore[misc]
    body = json.dumps({"event": {"type": "member_joined_channel", "channel": "CPAY", "user": "USAL"}}).encode()
    stamp = str(int(now().timestamp()))
    made = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Signature": f"v0={made}", "X-Slack-Request-Timestamp": stamp}
    headers["Content-Type"] = "application/json"
    assert press.client.post("/slack/events", content=body, headers=headers).status_code == 200
    assert here.parts.channel("CPAY").audience.groups == frozenset()
    assert PRIVATE_WORDS in here.text("CPAY"), "nobody said yet that somebody lost anything"
    here.parts.refresher.run()
    here.work()
    assert PRIVATE_WORDS not in here.text("CPAY")


def test_a_thumb_is_a_vote_on_the_run_that_the_message_shows_and_nobody_is_answered(
    here: Watch, press: Pressing
) -> None:
    incident = here.parts.store.incidents.recent(1)[0].id
    for action in (UP, DOWN):  # the same person: the later counts
        assert press("UANNA", actions=[{"action_id": action, "value": f"{incident}:CALL"}]) == 200
    assert press.asked == []
    assert here.parts.store.feedback.votes("CALL", datetime(2000, 1, 1, tzinfo=UTC)) == (0, 1)
    with here.parts.store.database.read() as connection:
        assert "UANNA" not in repr(connection.execute(select(feedback)).all())
    (judged,) = here.parts.store.feedback.judged(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    run = here.parts.store.runs.get(judged.run_id)
    assert run is not None
    assert (run.incident_id, run.details["votes"]) == (incident, {"up": 0, "down": 1})
