"""Pushes to a source over HTTP."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from worker.http.ports import Access

BODY = b'{"ref": "refs/heads/main"}'


@pytest.fixture
def asked(office: Any) -> list[str]:
    found: list[str] = []
    office.access = Access(api_tokens=("old", "new"))
    office.more = {"sources": frozenset({"runbooks"}), "ask_sync": found.append}
    return found


def _signed(key: str, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}", "content-type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer new"}, {"x-gitlab-token": "old"}, _signed("new")],
    ids=["bearer", "gitlab", "github"],
)
def test_a_push_asks_for_a_sync_of_its_source(office: Any, asked: list[str], headers: dict[str, str]) -> None:
    answer = office.elsewhere().post("/v1/push/runbooks", content=BODY, headers=headers)

    assert (answer.status_code, answer.json()) == (202, {"source": "runbooks"})
    assert asked == ["runbooks"]


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({}, 401, "no-token"),
        ({"authorization": "Bearer wrong"}, 403, "bad-token"),
        ({"x-gitlab-token": "wrong"}, 403, "bad-token"),
        (_signed("wrong"), 403, "bad-token"),
        (_signed("new", b"another body"), 403, "bad-token"),
        ({**_signed("new"), "x-hub-signature-256": "sha1=00"}, 403, "bad-token"),
    ],
    ids=["none", "bearer", "gitlab", "github", "another-body", "sha1"],
)
def test_without_the_right_token_nothing_is_asked_for(
    office: Any, asked: list[str], headers: dict[str, str], status: int, reason: str
) -> None:
    answer = office.here().post("/v1/push/runbooks", content=BODY, headers=headers)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert asked == []


def test_an_unknown_source_is_told_and_not_repeated(office: Any, asked: list[str]) -> None:
    answer = office.here().post("/v1/push/ZQXMARKER", headers={"authorization": "Bearer new"})

    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown-source")
    assert "ZQXMARKER" not in answer.text.replace("/v1/push/ZQXMARKER", "")
    assert asked == []


def test_whoever_has_no_token_cannot_tell_which_sources_there_are(office: Any, asked: list[str]) -> None:
    known, unknown = (office.here().post(f"/v1/push/{name}") for name in ("runbooks", "others"))

    assert known.status_code == unknown.status_code == 401
