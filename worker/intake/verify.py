"""Tell whether a delivery comes from who it says: on the raw bytes, before anything is parsed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import BadSignature

_WINDOW_S = 300
_MOST_SIGNATURES = 16

MISSING = frozenset({"unsigned", "sender-not-set-up", "no-token"})
"""The reasons that mean nothing was given, or nothing can be: HTTP says 401 to these, 403 to the others."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Amazon SNS: the topics whose messages are taken, by ARN, and what gets its certificate from an address."""

    arns: frozenset[str]
    certificate: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class SenderSecrets:
    """What a sender proves itself with; several of each while they are rotated.

    `tokens` are Bearer tokens or passwords of Basic authentication, `secrets` the keys of its signature.
    `timestamp_header` is Grafana's: where it is set, the signed time must be there and recent. `topics` are
    those of Amazon SNS, which signs with certificates of its own.
    """

    tokens: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    timestamp_header: str = ""
    topics: Topics | None = None

    @property
    def signs(self) -> bool:
        """Whether there is anything to check a signature with."""
        return bool(self.secrets) or self.topics is not None


@dataclass(frozen=True, slots=True)
class Given:
    """What came: raw bytes, headers by lower-case name, and whether the socket's other end is this machine."""

    body: bytes
    headers: Mapping[str, str]
    loopback: bool = False


Signature = Callable[[Given, SenderSecrets, datetime], bool | None]
"""Tells whether a delivery is signed rightly; None where it carries no signature."""


def verify(given: Given, secrets: SenderSecrets, signature: Signature | None, now: datetime, unsigned: bool) -> None:
    """Let a verified delivery pass. One good token or signature is enough.

    A sender without a secret passes only from this machine, and only where `unsigned` allows it.

    Raises:
        BadSignature: `sender-not-set-up`, `unsigned` or `bad-signature`.
    """
    if not secrets.tokens and not (secrets.signs and signature):
        if given.loopback and unsigned:
            return
        raise BadSignature(
            "This sender has no secret here, so nothing of it is taken.",
            reason="sender-not-set-up",
            mend="Set tokens or secrets for it under [intake].",
        )
    verdicts = [
        token_given(given.headers, secrets.tokens) if secrets.tokens else None,
        signature(given, secrets, now) if signature and secrets.signs else None,
    ]
    if True in verdicts:
        return
    if False in verdicts:
        raise BadSignature("The signature or token is wrong.", mend="Compare the secret on both sides.")
    raise BadSignature(
        "The delivery carries no signature and no token.", reason="unsigned", mend="Set the secret at the sender."
    )


def token_given(headers: Mapping[str, str], tokens: Iterable[str]) -> bool | None:
    """Tell whether the Authorization header holds one of the tokens; None where there is no such header."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if not value:
        return None
    given = _bytes(value.strip())
    if scheme.lower() == "basic":
        given = _basic_password(given)
    elif scheme.lower() != "bearer":
        return False
    return any([hmac.compare_digest(given, token.encode()) for token in tokens if token])


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token that the Authorization header holds as a Bearer, "" where it holds none."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def grafana_signature(given: Given, secrets: SenderSecrets, now: datetime) -> bool | None:
    """Check Grafana's HMAC-SHA256, bare hex (grafana/alerting `http/hmac.go`).

    It is taken over the body, or over "<unix seconds>:" and the body where a timestamp header is set.
    """
    value = given.headers.get("x-grafana-alerting-signature")
    if not value:
        return None
    signed = given.body
    if secrets.timestamp_header:
        stamp = given.headers.get(secrets.timestamp_header.lower(), "")
        if not recent(stamp, now):
            return False
        signed = f"{stamp}:".encode() + given.body
    return _matches([value.strip()], secrets.secrets, signed)


def pagerduty_signature(given: Given, secrets: SenderSecrets, now: datetime) -> bool | None:
    """Check PagerDuty's HMAC-SHA256, "v1=hex,v1=hex" while keys are rotated (`docs/webhooks/04-Signatures.md`)."""
    value = given.headers.get("x-pagerduty-signature")
    if not value:
        return None
    parts = [part.strip() for part in value.split(",")][:_MOST_SIGNATURES]
    return _matches([part[3:] for part in parts if part.startswith("v1=")], secrets.secrets, given.body)


def sentry_signature(given: Given, secrets: SenderSecrets, now: datetime) -> bool | None:
    """Check Sentry's HMAC-SHA256 in hexadecimal, keyed by the integration's client secret."""
    value = given.headers.get("sentry-hook-signature")
    return _matches([value.strip()], secrets.secrets, given.body) if value else None


def github_signature(given: Given, keys: Iterable[str]) -> bool | None:
    """Check the HMAC-SHA256 of GitHub's and Gitea's webhooks, "sha256=hex" over the body; None where there is none."""
    value = given.headers.get("x-hub-signature-256")
    if not value:
        return None
    name, _, digest = value.strip().partition("=")
    return name == "sha256" and _matches([digest], keys, given.body)


def _matches(values: Iterable[str], keys: Iterable[str], signed: bytes) -> bool:
    expected = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode() for key in keys if key]
    return any([hmac.compare_digest(_bytes(value), right) for value in values for right in expected])


def recent(stamp: str, now: datetime) -> bool:
    """Tell whether a stamp, in seconds since the epoch, is near enough to now for what it signs not to be a replay."""
    return stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(now.timestamp() - int(stamp)) <= _WINDOW_S


def _basic_password(given: bytes) -> bytes:
    try:
        return base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _bytes(header: str) -> bytes:
    """Return a header's bytes; it was decoded as Latin-1, and what is not cannot match."""
    return header.encode("latin-1", "replace")
