"""Who may deliver: tokens and signatures on the raw bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import BadSignature
from worker.intake.senders import SENDERS
from worker.intake.verify import Given, SenderSecrets, verify

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BODY = b'{"alerts": [] }\xff'
STAMP = str(int(NOW.timestamp()))


def mac(key: str, body: bytes = BODY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def verdict(sender: str, secrets: SenderSecrets, headers: dict[str, str], **given: Any) -> str:
    """Return "ok" or the reason of the refusal."""
    unsigned = given.pop("unsigned", False)
    try:
        verify(Given(BODY, headers, **given), secrets, SENDERS[sender].signature, NOW, unsigned)
    except BadSignature as error:
        return error.reason
    return "ok"


TOKENS = SenderSecrets(tokens=("old-token", "new-tökén"))


@pytest.mark.parametrize("sender", sorted(SENDERS))
@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ("Bearer old-token", "ok"),
        ("bearer old-token", "ok"),
        ("Bearer new-tökén".encode().decode("latin-1"), "ok"),  # as a server hands a UTF-8 header on
        (basic("anyone:old-token"), "ok"),
        (basic("anyone:wrong"), "bad-signature"),
        ("Basic %%%", "bad-signature"),
        ("Basic ", "unsigned"),
        ("Bearer wrong", "bad-signature"),
        ("Bearer old-token2", "bad-signature"),
        ("Bearer \u20ac", "bad-signature"),
        ("Token old-token", "bad-signature"),
        ("Bearer ", "unsigned"),
        ("", "unsigned"),
    ],
)
def test_a_token_is_checked(sender: str, authorization: str, expected: str) -> None:
    assert verdict(sender, TOKENS, {"authorization": authorization}) == expected


KEYS = SenderSecrets(secrets=("old-key", "new-key"))


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (mac("old-key"), "ok"),
        (mac("new-key"), "ok"),
        (mac("wrong-key"), "bad-signature"),
        (mac("old-key", BODY + b" "), "bad-signature"),
        ("sha256=" + mac("old-key"), "bad-signature"),
        ("\u20ac", "bad-signature"),
        ("", "unsigned"),
    ],
)
def test_grafanas_signature_is_checked_over_the_raw_bytes(signature: str, expected: str) -> None:
    assert verdict("grafana", KEYS, {"x-grafana-alerting-signature": signature}) == expected


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (STAMP, "ok"),
        (str(int(STAMP) - 299), "ok"),
        (str(int(STAMP) - 301), "bad-signature"),
        (str(int(STAMP) + 301), "bad-signature"),  # also ahead of time
        ("abc", "bad-signature"),
        ("٣", "bad-signature"),
        ("9" * 400, "bad-signature"),
        ("", "bad-signature"),
    ],
)
def test_grafanas_timestamp_is_signed_and_recent(stamp: str, expected: str) -> None:
    secrets = SenderSecrets(secrets=("key",), timestamp_header="X-Signed-At")
    headers = {"x-grafana-alerting-signature": mac("key", f"{stamp}:".encode() + BODY), "x-signed-at": stamp}
    assert verdict("grafana", secrets, headers) == expected


def test_a_signature_over_the_body_alone_does_not_do_where_a_time_is_asked_for() -> None:
    secrets = SenderSecrets(secrets=("key",), timestamp_header="X-Signed-At")
    headers = {"x-grafana-alerting-signature": mac("key"), "x-signed-at": STAMP}
    assert verdict("grafana", secrets, headers) == "bad-signature"


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("v1=" + mac("old-key"), "ok"),
        (f"v1={mac('retired')},v1={mac('new-key')}", "ok"),
        (f"v0=abc, v1={mac('new-key')}", "ok"),
        ("v1=" + mac("wrong"), "bad-signature"),
        (mac("old-key"), "bad-signature"),
        ("v1=" + "," * 100_000, "bad-signature"),
        ("v1=ü", "bad-signature"),
        ("", "unsigned"),
    ],
)
def test_pagerdutys_signatures_are_checked_over_the_raw_bytes(signature: str, expected: str) -> None:
    assert verdict("pagerduty", KEYS, {"x-pagerduty-signature": signature}) == expected


@pytest.mark.parametrize("sender", sorted(SENDERS))
@pytest.mark.parametrize(
    ("loopback", "unsigned", "expected"),
    [
        (True, True, "ok"),
        (True, False, "sender-not-set-up"),
        (False, True, "sender-not-set-up"),
        (False, False, "sender-not-set-up"),
    ],
)
def test_a_sender_without_a_secret_passes_only_from_this_machine_when_allowed(
    sender: str, loopback: bool, unsigned: bool, expected: str
) -> None:
    assert verdict(sender, SenderSecrets(), {}, loopback=loopback, unsigned=unsigned) == expected


def test_a_sender_with_a_secret_has_to_show_it_on_this_machine_too() -> None:
    assert verdict("alertmanager", TOKENS, {}, loopback=True, unsigned=True) == "unsigned"


def test_keys_are_of_no_use_for_a_sender_that_signs_nothing() -> None:
    assert verdict("alertmanager", KEYS, {"x-grafana-alerting-signature": mac("old-key")}) == "sender-not-set-up"


def test_an_empty_secret_matches_nothing() -> None:
    empty = SenderSecrets(tokens=("",), secrets=("",))
    assert verdict("grafana", empty, {"x-grafana-alerting-signature": mac("")}) == "bad-signature"
    assert verdict("grafana", empty, {"authorization": basic("anyone:")}) == "bad-signature"
