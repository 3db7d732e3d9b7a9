"""Tell whether a request comes from Slack, on its raw bytes.

HMAC-SHA256 over "v0:<unix seconds>:<body>", no older than five minutes, so that one that was overheard cannot be sent
again later. https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from domain.errors import BadSignature
from worker.intake.verify import recent

_VERSION = "v0"


def verify_slack(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> None:
    """Let a request pass that Slack signed within the last five minutes.

    Raises:
        BadSignature: `sender-not-set-up`, `unsigned` or `bad-signature`.
    """
    if not secret:
        raise BadSignature(
            "Slack has no signing secret here, so nothing of it is taken.",
            reason="sender-not-set-up",
            mend="Set [slack] signing_secret to the one of the app.",
        )
    given = headers.get("x-slack-signature", "")
    stamp = headers.get("x-slack-request-timestamp", "")
    if not given or not stamp:
        raise BadSignature("The request carries no signature.", reason="unsigned", mend="Only Slack may send it.")
    if not recent(stamp, now) or not hmac.compare_digest(
        given.encode("latin-1", "replace"), _signed(body, stamp, secret)
    ):
        raise BadSignature(
            "The signature is wrong or too old.", mend="Compare [slack] signing_secret, and this machine's clock."
        )


def _signed(body: bytes, stamp: str, secret: str) -> bytes:
    base = f"{_VERSION}:{stamp}:".encode() + body
    return f"{_VERSION}={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}".encode()
