"""A storm as one message: how many of what, which were first, which are worst, and how to see each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from urllib.parse import urlsplit

from domain.alert import Severity, Status
from worker.slack.display import clean, cut, safe_link
from worker.slack.lines import Line, Part, Piece, Style, Unit
from worker.slack.message import Message, fitted
from worker.slack.parts import utc
from worker.store.storm import Member, Storm

_MOST_SERVICES, _MOST_NAMES, _MOST_LISTED = 8, 5, 4
_LONGEST_NAME = 60
_RANK_LIST = 40


def compose_storm(storm: Storm, meant_for: str = "") -> Message:
    """Return the message of a storm; `meant_for` names the channel that one in shadow mode was made for."""
    listed = _listed(storm.members)
    hosts = {urlsplit(link).netloc for _, members in listed for each in members if (link := safe_link(each.link))}
    shadow = f"Shadow mode: made for {cut(clean(meant_for), 60)}, shown here only." if meant_for else ""
    parts = (
        _part(Line(Style.HEADER, (Piece(_header(storm)),))),
        _part(Line(Style.CONTEXT, (Piece(_context(storm)),))),
        _part(*(Line(Style.NOTE, (Piece(note),)) for note in (shadow, _note(storm)) if note)),
        _part(*_counts(storm.members)),
        *(_list(title, members) for title, members in listed),
        _part(Line(Style.NOTE, (Piece(_ways(storm)),))),
    )
    return fitted(parts, hosts)


def _part(*lines: Line) -> Part:
    return Part(tuple(Unit(0, (line,)) for line in lines))


def _header(storm: Storm) -> str:
    """ "STORM · 312 alerts from 40 services", or that it is over."""
    members = storm.members
    alerts, services = sum(each.alerts for each in members), len(_services(members))
    words = f"{_many(alerts, 'alert')} from {_many(services, 'service')}" if services else _many(alerts, "alert")
    if storm.ended_at is None:
        return f"STORM · {words}"
    return f"STORM OVER · {words}" if any(_fires(each) for each in members) else f"STORM RESOLVED · {words}"


def _context(storm: Storm) -> str:
    members = storm.members
    firing = sum(map(_fires, members))
    counts = ((firing, "firing"), (len(members) - firing, "resolved"))
    words = [
        _many(len(members), "incident"),
        ", ".join(f"{number} {word}" for number, word in counts if number),
        f"since {utc(storm.began_at)} UTC",
        f"until {utc(storm.ended_at)} UTC" if storm.ended_at else "",
    ]
    return " · ".join(word for word in words if word)


def _note(storm: Storm) -> str:
    told = "is told" if storm.ended_at is None else "was told"
    words = f"So many began at once that this one message tells of them; each critical incident {told} by itself."
    if storm.alone:
        have = "has a message of its own" if storm.alone == 1 else "have messages of their own"
        words += f" {_many(storm.alone, 'more incident')} of this time {have}."
    return words


def _counts(members: Sequence[Member]) -> list[Line]:
    severities = Counter(each.severity for each in members)
    services = _services(members)
    names = Counter(_name(each) for each in members)
    by_severity = ((severity.value, severities[severity]) for severity in Severity if severities[severity])
    return [
        line
        for title, counted, most in (
            ("Severity", list(by_severity), len(Severity)),
            ("Services", _most(services), _MOST_SERVICES),
            ("Led by", _most(names), _MOST_NAMES),
        )
        if (line := _counted(title, counted, most))
    ]


def _counted(title: str, counted: Sequence[tuple[str, int]], most: int) -> Line | None:
    if not counted:
        return None
    words = ", ".join(f"{name} {number}" for name, number in counted[:most])
    left = len(counted) - most
    more = f", and {left} more" if left > 0 else ""
    return Line(Style.TEXT, (Piece(f"{title}: ", bold=True), Piece(words + more)))


def _listed(members: Sequence[Member]) -> tuple[tuple[str, Sequence[Member]], ...]:
    """Return those that are named one by one: the first, then the worst that still fire."""
    first = members[:_MOST_LISTED]
    shown = {each.incident_id for each in first}
    rest = [each for each in members if _fires(each) and each.incident_id not in shown]
    rest.sort(key=lambda each: (each.severity.rank, -each.alerts, each.opened_at, each.incident_id))
    worst = rest[:_MOST_LISTED]
    return tuple((title, each) for title, each in (("First", first), ("Worst that still fire", worst)) if each)


def _list(title: str, members: Sequence[Member]) -> Part:
    units = tuple(Unit(_RANK_LIST + place, (_item(each),)) for place, each in enumerate(members))
    return Part(units, Line(Style.HEADING, (Piece(title, bold=True),)))


def _item(each: Member) -> Line:
    services = cut(clean(", ".join(each.services)), 60)
    state = each.severity.value if _fires(each) else "resolved"
    words = " · ".join(word for word in (f"{each.opened_at.astimezone(UTC):%H:%M}", services, state) if word)
    name = Piece(_name(each), link=safe_link(each.link))
    return Line(Style.ITEM, (name, Piece(f" · {words} · "), Piece(each.incident_id, code=True)))


def _ways(storm: Storm) -> str:
    return (
        f"All of them: middlewatch storm show {storm.id}. To give one a message of its own: "
        "middlewatch storm split INCIDENT"
    )


def _services(members: Iterable[Member]) -> Counter[str]:
    return Counter(cut(clean(service), 40) for each in members for service in each.services)


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _name(each: Member) -> str:
    return cut(clean(each.name) or "an alert without a name", _LONGEST_NAME)


def _fires(each: Member) -> bool:
    return each.status is Status.FIRING


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
