"""Short ids that sort by the time they were given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

IdFactory = Callable[[datetime], str]
"""Gives a new id for something that happens now."""


def new_id(now: datetime) -> str:
    """Return 22 hexadecimal digits: milliseconds since 1970, then 40 random bits (the idea of UUIDv7, RFC 9562)."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(5)}"
