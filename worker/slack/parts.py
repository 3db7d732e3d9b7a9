"""What a message says, part by part, in the order in which it is read.

Ranks say what is left out first when a message is too long, from the highest: steps after the third, further
changes, the sender's other words, the impact, the past incident from its last line up, the first change, the
label values, the third and second step, what the alert means, the first step. What is never left out is
short by construction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from domain.alert import FLAPS_AFTER, Alert, Change, Incident, Severity, Status
from domain.summary import Rung, Summary
from worker.slack.card import Card
from worker.slack.display import clean, cut, host_of, safe_link, uncited
from worker.slack.lines import Line, Part, Piece, Style, Unit

LONGEST_HEADER = 150
LONGEST_NAME = 100
LONGEST_SUMMARY = 300
_MOST_CHANGES = 5
_MOST_NOTES = 3
_RANK_CHANGE, _RANK_FURTHER_CHANGE, _RANK_DESCRIPTION, _RANK_OTHERS = 35, 70, 61, 60


def _plain(text: str, limit: int) -> Piece:
    return Piece(cut(clean(text), limit))


def _said(text: str, limit: int) -> Piece:
    """Return what an alert or a change says, which no document backs."""
    return Piece(cut(uncited(clean(text)), limit))


def linked(text: str, limit: int, url: str) -> Piece:
    """Return untrusted text as one piece, cut at `limit`, and a link where the URL may be one."""
    return Piece(cut(clean(text), limit), link=safe_link(url))


def name_of(alert: Alert) -> str:
    """Return the alert's name, else its summary, fit for a heading."""
    return cut(clean(alert.name) or clean(alert.summary) or "an alert without a name", LONGEST_NAME)


def header(card: Card) -> Part:
    """Severity or "RESOLVED" as a word, and the alert's name."""
    incident = card.incident
    word = "ALERT" if incident.severity is Severity.UNKNOWN else incident.severity.value.upper()
    if incident.status is Status.RESOLVED:
        word = "RESOLVED"
    line = Line(Style.HEADER, (_plain(f"{word} · {name_of(incident.lead)}", LONGEST_HEADER),))
    return Part((Unit(0, (line,)),))


def context(card: Card) -> Part:
    """Which services, since when, how many alerts, who sent them, and the way to the alert."""
    incident = card.incident
    words = [
        cut(clean(", ".join(incident.services)), 120),
        _times(incident),
        _counts(incident),
        f"{incident.truncated} more left out by the sender" if incident.truncated else "",
        _again(incident),
        cut(clean(incident.sender), 40),
    ]
    pieces = [Piece(" · ".join(word for word in words if word))]
    link = safe_link(incident.lead.link)
    if link:
        pieces += [Piece(" · "), Piece(cut(f"Open the alert ({host_of(link)})", 90), link=link)]
    for label, url in card.links[:3]:
        pieces += [Piece(" · "), linked(label, 40, url)]
    return Part((Unit(0, (Line(Style.CONTEXT, tuple(pieces)),)),))


def _again(incident: Incident) -> str:
    if not incident.reopened:
        return ""
    return f"reopened {incident.reopened}×" + (", flapping" if incident.reopened > FLAPS_AFTER else "")


def _times(incident: Incident) -> str:
    opened = f"since {utc(incident.opened_at)} UTC"
    if incident.status is Status.FIRING or incident.resolved_at is None:
        return opened
    took = incident.resolved_at - incident.opened_at
    return f"{opened} · resolved {utc(incident.resolved_at)} UTC after {_duration(took)}"


def _counts(incident: Incident) -> str:
    firing, resolved = len(incident.firing), len(incident.alerts) - len(incident.firing)
    return ", ".join(f"{count} {word}" for count, word in ((firing, "firing"), (resolved, "resolved")) if count)


def utc(at: datetime) -> str:
    """Return a moment as messages write it, to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _duration(took: timedelta) -> str:
    minutes = max(0, int(took.total_seconds())) // 60
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def notes(card: Card) -> Part:
    """What the readers must know of the message itself."""
    shadow = (f"Shadow mode: made for {cut(clean(card.meant_for), 60)}, shown here only.",) if card.meant_for else ()
    shown = shadow + tuple(cut(clean(note), 160) for note in card.notes[:_MOST_NOTES])
    return Part(tuple(Unit(0, (Line(Style.NOTE, (Piece(note),)),)) for note in shown if note))


def happening(card: Card) -> Part:
    """The alert's own words, and the names of the other alerts in the group."""
    lead = card.incident.lead
    units = [Unit(0, (_led("What is happening", (_said(_summary_of(lead), LONGEST_SUMMARY),)),))]
    description = clean(lead.annotations.get("description", ""))
    if description and description != clean(lead.summary):
        line = Line(Style.TEXT, (_said(description, LONGEST_SUMMARY),))
        units.append(Unit(_RANK_DESCRIPTION, (line,)))
    others = sorted({name_of(alert) for alert in card.incident.alerts} - {name_of(lead)})
    if others:
        line = Line(Style.TEXT, (Piece(cut("Also in this group: " + ", ".join(others), 200)),))
        units.append(Unit(_RANK_OTHERS, (line,)))
    return Part(tuple(units))


def _summary_of(alert: Alert) -> str:
    summary = clean(alert.summary)
    return summary if summary and summary != clean(alert.name) else "The alert says no more than its name."


def _led(lead: str, pieces: Iterable[Piece]) -> Line:
    return Line(Style.TEXT, (Piece(f"{lead}: ", bold=True), *pieces))


def changes(card: Card) -> Part:
    """What was changed in the hour before, newest first, or that nothing was told of."""
    if not card.changes_asked:
        return Part(())
    if not card.changes:
        return Part((Unit(0, (_led("Changed in the hour before", (Piece("none received"),)),)),))
    newest = sorted(card.changes, key=lambda change: (change.at, change.id), reverse=True)
    units = tuple(
        Unit(_RANK_CHANGE if position == 0 else _RANK_FURTHER_CHANGE + position, (_change(change),))
        for position, change in enumerate(newest[:_MOST_CHANGES])
    )
    heading = Line(Style.HEADING, (Piece("Changed in the hour before", bold=True),))
    return Part(units, heading, partial(_more, "{} more"), max(0, len(newest) - _MOST_CHANGES))


def _change(change: Change) -> Line:
    who = f"{change.at.astimezone(UTC):%H:%M} UTC · {cut(clean(change.who), 40)} · {cut(clean(change.service), 40)} · "
    link = safe_link(change.link)
    where = (Piece(" "), Piece(cut(f"({host_of(link)})", 60), link=link)) if link else ()
    return Line(Style.ITEM, (Piece(who), _said(change.what, 160), *where))


def _more(words: str, count: int) -> Line:
    return Line(Style.ITEM, (Piece(words.format(count)),))


def footer(card: Card) -> Part:
    """Where the words come from: the rung, the model's name, how many documents, the run."""
    words = _rung(card.summary)
    if card.run_id:
        words += f" · run {cut(clean(card.run_id), 40)}"
    return Part((Unit(0, (Line(Style.NOTE, (Piece(words),)),)),))


def _rung(summary: Summary | None) -> str:
    if summary is None:
        return "No document is quoted; no language model used"
    count = len(summary.sources)
    documents = "1 document" if count == 1 else f"{count} documents"
    if summary.rung.by_model:
        model = cut(clean(summary.model), 60) or "a language model"
        model += " (standing in for the first choice)" if summary.rung is Rung.SECOND else ""
        return f"AI-generated by {model} from {documents} this channel may read: a suggestion, check before acting"
    if not count:
        return "No document is quoted; no language model used"
    if summary.rung is Rung.LINKS:
        return f"Links to {documents}; nothing quoted, no language model used"
    return f"Quoted word for word from {documents}; no language model used"
