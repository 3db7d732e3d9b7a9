"""The settings of silences: when what is not told."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from worker.sections.source import Section
from worker.silence import Silence, Weekly

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"([a-z]{3}(?:\s*[-,]\s*[a-z]{3})*)\s+(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)", re.IGNORECASE)


class SilenceSettings(Section):
    """A time in which what matches is kept on record and not told; what still fires at its end is told then."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,60}$", description="What it is called in metrics")
    match: dict[str, str] = Field(
        min_length=1, description="Labels; an incident is silent while each of its firing alerts carries all of them"
    )
    reason: str = Field(min_length=1, description="Why; shown by `middlewatch silence list`")
    begins: datetime | None = Field(None, description="With `ends`: once. A time without an offset is one of `zone`")
    ends: datetime | None = Field(None, description="When it is over")
    weekly: tuple[str, ...] = Field(
        (), description='Every week: `["mon-fri 22:00-06:00", "sat,sun 00:00-24:00"]`; the days are those it begins on'
    )
    zone: str = Field("UTC", description='The clock that times are read on, such as "Europe/Berlin"')
    critical: bool = Field(False, description="True: critical alerts are silent, too")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError('no such time zone is known here; write one such as "Europe/Berlin"') from error
        return zone

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        """Refuse a silence that is never, for ever, or at no time that can be read."""
        once = self.begins is not None or self.ends is not None
        if once == bool(self.weekly):
            raise ValueError("a silence needs either `begins` and `ends`, or `weekly`")
        if once and (self.begins is None or self.ends is None):
            raise ValueError("a silence that has `begins` needs `ends`, and the other way round: none lasts for ever")
        silence = self.silence()
        if silence.begins and silence.ends and silence.ends <= silence.begins:
            raise ValueError("`ends` does not lie after `begins`")
        return self

    def silence(self) -> Silence:
        """Return what it means.

        Raises:
            ValueError: a window of `weekly` cannot be read; says which and how to write it.
        """
        zone = ZoneInfo(self.zone)
        weekly = tuple(_window(number, text) for number, text in enumerate(self.weekly, start=1))
        begins, ends = (at if at is None or at.tzinfo else at.replace(tzinfo=zone) for at in (self.begins, self.ends))
        return Silence(self.name, self.match, self.reason, self.critical, begins, ends, weekly, zone)


def _window(number: int, text: str) -> Weekly:
    found = _WINDOW.fullmatch(text.strip())
    days = _days(found[1].lower()) if found else frozenset()
    times = [_time(int(found[place]), int(found[place + 1])) for place in (2, 4)] if found else []
    if not days or None in times:
        raise ValueError(
            f'window {number} of `weekly` cannot be read; write it like "mon-fri 22:00-06:00" or "sat,sun 00:00-24:00"'
        )
    begins, ends = (at for at in times if at is not None)
    return Weekly(days, begins, ends)


def _days(text: str) -> frozenset[int]:
    """Return the days of "mon-fri" or "sat,sun", Monday as 0; nothing where one is no day."""
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        ends = re.split(r"\s*-\s*", part)
        if len(ends) > 2 or any(end not in _DAYS for end in ends):
            return frozenset()
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        found |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(found)


def _time(hour: int, minute: int) -> time | None:
    if (hour, minute) == (24, 0):
        return time(0, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
