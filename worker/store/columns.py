"""Column types that make both databases answer alike: aware times, clean text, exact money."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Dialect, String, Text, TypeDecorator

_NANO = Decimal(10) ** 9
_LONGEST_NAME = 255
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; at the edges of the calendar, the nearest one that has a name there.

    Raises:
        ValueError: the time is naive, so it names no moment.
    """
    if moment.tzinfo is None:
        raise ValueError("A time without a zone names no moment; give an aware one.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST


def storable(text: str) -> str:
    """Return the text without what a database refuses to hold: NUL and lone surrogates become U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def fitted(name: str) -> str:
    """Return a name that an index takes: storable, and one that is longer than 255 characters by its hash."""
    name = storable(name)
    return name if len(name) <= _LONGEST_NAME else f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite keeps no zone, so it is put back when the value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a time to UTC on its way in."""
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a time its zone on its way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that came from outside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the text on its way in."""
        return None if value is None else storable(value)


class Name(TypeDecorator[str]):
    """A name that came from outside and that rows are found by."""

    impl = String(_LONGEST_NAME)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Fit the name on its way in, also where it is compared with."""
        return None if value is None else fitted(value)


class Usd(TypeDecorator[Decimal]):
    """US dollars, exact to a billionth: kept as a whole number, because SQLite knows no decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Turn dollars into billionths."""
        return None if value is None else int((value * _NANO).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Turn billionths into dollars."""
        return None if value is None else Decimal(value) / _NANO
