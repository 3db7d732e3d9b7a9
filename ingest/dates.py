"""Days as documents write them: in front matter, in a file's name, in the first lines."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?=[T\s]|\W*$)")
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE)
_IN_NAME = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_LABELLED = re.compile(
    r"\W*(?:date|incident date|date of (?:the )?incident)\W*?[|:]\W*(?P<said>\w.{0,60})", re.IGNORECASE
)
_FIRST_LINES = 30
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE)


def day(written: str) -> date | None:
    """Return the day that a text begins with: 2026-01-31, 31 January 2026 or January 31, 2026; else None.

    A time behind it is passed over: the day is the writer's own. 03/04/2026 is two days, so it is none.
    """
    text = _WEEKDAY.sub("", written.strip(), count=1)
    for form in (_ISO, _DAY_FIRST, _MONTH_FIRST):
        found = form.match(text)
        if found:
            month = found["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
            try:
                return date(int(found["year"]), number, int(found["day"]))
            except ValueError:
                return None
    return None


def in_name(name: str) -> date | None:
    """Return the first whole day in a file's name, or None: 2018-02-06-hub-db-dir.md."""
    return next((found for written in _IN_NAME.findall(name) if (found := day(written))), None)


def labelled(body: str) -> date | None:
    """Return the day that the first lines of a document label as its date (`| Date | 2022-04-20 |`), or None."""
    for line in body[: _FIRST_LINES * 200].splitlines()[:_FIRST_LINES]:
        found = _LABELLED.match(line)
        if found and (said := day(found["said"])):
            return said
    return None
