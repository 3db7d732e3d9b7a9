"""What can go wrong between us and Slack, and what the Slack-compatible server keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing going wrong. `accepted` says that the request takes effect all the same."""

    accepted: bool = False
    status: int = 200
    answer: Answer | None = None
    headers: tuple[tuple[str, str], ...] = ()
    stall_s: float = 0.0
    drop: bool = False


def rate_limited(retry_after: int = 1) -> Fault:
    """HTTP 429 with Retry-After, nothing done."""
    return Fault(status=429, answer={"ok": False, "error": "ratelimited"}, headers=(("Retry-After", str(retry_after)),))


def broken(status: int = 503, accepted: bool = False) -> Fault:
    """A 5xx, before or after the request took effect."""
    return Fault(accepted=accepted, status=status, answer={"ok": False, "error": "internal_error"})


def accept_then_drop() -> Fault:
    """The request takes effect and the connection is cut without an answer."""
    return Fault(accepted=True, drop=True)


def drop() -> Fault:
    """The connection is cut and nothing is done."""
    return Fault(drop=True)


def accept_then_stall(seconds: float) -> Fault:
    """The request takes effect; the answer comes after so many seconds."""
    return Fault(accepted=True, stall_s=seconds)


def refused(error: str) -> Fault:
    """`ok: false` with this error, such as token_revoked."""
    return Fault(answer={"ok": False, "error": error})


@dataclass
class Call:
    """One request as it came in."""

    method: str
    arguments: Answer
    at: float
    token: str


@dataclass
class Channel:
    """A channel: its messages by ts, thread replies among them, and its members."""

    id: str
    name: str
    members: tuple[str, ...] = ("U0ALICE", "UBOT")
    messages: dict[str, Answer] = field(default_factory=dict)

    @property
    def posts(self) -> list[Answer]:
        """The messages that are no replies, oldest first."""
        return [message for message in self.messages.values() if "thread_ts" not in message]
