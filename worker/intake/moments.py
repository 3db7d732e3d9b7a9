"""Times as senders write them: RFC 3339, with any number of fractional digits and any offset.

CloudWatch writes the offset without its colon.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,30})?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW = timedelta(days=1)


def moment(text: str) -> datetime | None:
    """Return the time in UTC to the microsecond (further digits are cut), or None where there is none."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, offset = found.groups(default="")
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction[:7]}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def start(text: str, now: datetime) -> datetime | None:
    """Return when an alert began, or None for what cannot be: before 1970 or more than a day ahead."""
    at = moment(text)
    return at if at is not None and _EARLIEST <= at <= now + _SKEW else None


def end(text: str, starts_at: datetime, now: datetime) -> datetime | None:
    """Return when an alert ended, or None: not a time, before its start, or still ahead.

    While an alert fires, Alertmanager sends year 1 or the time at which it would give the alert up.
    """
    at = moment(text)
    return at if at is not None and starts_at <= at <= now + _SKEW else None


def epoch_ms(text: str, now: datetime) -> datetime | None:
    """Return the time of milliseconds since 1970, or None for what is no number or cannot be (see `start`)."""
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return None
    at = _EARLIEST + timedelta(milliseconds=int(text))
    return at if at <= now + _SKEW else None
