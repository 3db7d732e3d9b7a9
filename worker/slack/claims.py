"""What a summary says, as parts of a message: every line with the numbers of its sources.

A claim none of whose citations names a source of the summary is not shown: nothing is stated without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import groupby

from domain.alert import Alert, Incident
from domain.document import DocumentMeta, Kind
from domain.summary import Claim, Rung, Section, Summary
from worker.slack.card import Card
from worker.slack.display import clean, clean_command, cut, safe_link
from worker.slack.lines import Line, Part, Piece, Pieces, Style, Unit
from worker.slack.markdown import clip, pieces_of, text_of
from worker.slack.parts import linked, name_of

LONGEST_TITLE = 100
STALE_DAYS = 365
"""A runbook that nobody reviewed for longer than this is said to be old."""
_MOST_COMMAND_LINES, _LONGEST_COMMANDS = 8, 600
_LONGEST_CLAIM = {Section.MEANING: 600, Section.IMPACT: 400, Section.PAST: 400}
_PAST_LABELS = ("cause", "fix", "duration", "summary")
_RANK_MEANING, _RANK_IMPACT, _RANK_LABELS, _RANK_PAST, _RANK_SOURCE = 20, 46, 33, 40, 15
_LABELS_WORTH_SHOWING = (
    "cluster", "region", "namespace", "deployment", "statefulset", "daemonset", "job_name", "pod", "container",
    "node", "instance", "host", "device", "mountpoint", "persistentvolumeclaim", "datname", "queue", "topic",
)  # fmt: skip
_MOST_LABELS, _LONGEST_LABEL = 6, 80


class Sources:
    """The documents of a summary by their numbers [1], [2], …"""

    def __init__(self, summary: Summary) -> None:
        """Number the documents in the order the summary gives them."""
        self.documents = summary.sources
        self._numbers = {meta.id: number for number, meta in enumerate(summary.sources, start=1)}

    def numbers(self, claim: Claim) -> tuple[int, ...]:
        """Return the numbers of the documents a claim rests on, each once, in the claim's order."""
        cited = [citation.document_id for citation in claim.citations]
        cited += [command.citation.document_id for command in claim.commands]
        return tuple(dict.fromkeys(self._numbers[identity] for identity in cited if identity in self._numbers))

    def marks(self, numbers: Iterable[int]) -> Pieces:
        """Return " [1][2]", each mark a link to its document where it has one."""
        marks = tuple(Piece(f"[{n}]", link=safe_link(self.documents[n - 1].link)) for n in numbers)
        return (Piece(" "), *marks) if marks else ()


def _cited(card: Card, section: Section) -> tuple[Claim, ...]:
    if card.summary is None:
        return ()
    sources = Sources(card.summary)
    return tuple(claim for claim in card.summary.of(section) if sources.numbers(claim) and _says(claim))


def _says(claim: Claim) -> bool:
    return bool(claim.commands or text_of(pieces_of(claim.text)))


def explained(card: Card, section: Section) -> Part:
    """What the alert means, or its impact: one line for each claim."""
    if card.summary is None:
        return Part(())
    sources = Sources(card.summary)
    lead, rank = ("Impact", _RANK_IMPACT) if section is Section.IMPACT else ("What it means", _RANK_MEANING)
    units = []
    for position, claim in enumerate(_cited(card, section)):
        numbers = sources.numbers(claim)
        label = (Piece(f"{lead}: ", bold=True),) if position == 0 else ()
        words = clip(pieces_of(claim.text), _LONGEST_CLAIM[section])
        line = Line(Style.TEXT, (*label, *words, *sources.marks(numbers)))
        units.append(Unit(rank, (line,), frozenset(numbers)))
    return Part(tuple(units))


def steps(card: Card) -> Part:
    """What to do first: numbered, each step with its commands whole below it."""
    claims = _cited(card, Section.STEP)
    if card.summary is None or not claims:
        return Part(())
    sources = Sources(card.summary)
    units = [_step(sources, claim, number) for number, claim in enumerate(claims, start=1)]
    labels = _label_values(card.incident)
    if labels and any(_holds_code(unit) for unit in units):
        line = Line(Style.TEXT, (Piece(f"In this alert: {labels}"),))
        units.insert(0, Unit(_RANK_LABELS, (line,), aside=True))
    numbers = tuple(dict.fromkeys(number for claim in claims for number in sources.numbers(claim)))
    heading = Line(Style.HEADING, (Piece("Do first", bold=True),))
    return Part(tuple(units), heading, partial(_steps_left_out, sources.marks(numbers[:1])))


def _holds_code(unit: Unit) -> bool:
    return any(piece.code for line in unit.lines for piece in line.pieces)


def _step(sources: Sources, claim: Claim, number: int) -> Unit:
    numbers = sources.numbers(claim)
    warning = (Piece("DESTRUCTIVE: ", bold=True),) if claim.destructive else ()
    words = pieces_of(claim.text)
    commands = _commands(claim, text_of(words))
    when = text_of(pieces_of(claim.label)).rstrip(": ")
    condition = (Piece(f"{when}: ", bold=True),) if when and not text_of(words).startswith(when) else ()
    too_long = sum(text.count("\n") + 1 for text in commands) > _MOST_COMMAND_LINES
    if too_long or sum(map(len, commands)) > _LONGEST_COMMANDS:
        words, commands = (*words, Piece(" (its commands are too long for here: open the source)")), ()
    line = Line(Style.STEP, (*warning, *condition, *words, *sources.marks(numbers)), number)
    lines = (line, *(Line(Style.COMMAND, (Piece(text, code=True),), number) for text in commands))
    return Unit({1: 10, 2: 31, 3: 32}.get(number, 80 + number), lines, frozenset(numbers))


def _commands(claim: Claim, shown: str) -> tuple[str, ...]:
    """The commands that the sentence itself does not already show, each once."""
    texts = dict.fromkeys(clean_command(command.text) for command in claim.commands)
    return tuple(text for text in texts if text.strip() and text not in shown)


def _steps_left_out(marks: Pieces, count: int) -> Line:
    words = "1 more step" if count == 1 else f"{count} more steps"
    return Line(Style.TEXT, (Piece(f"{words} in the source"), *marks))


def _label_values(incident: Incident) -> str:
    """The values a reader fills in by hand; they stand beside the commands, never in them."""
    alerts = incident.firing or incident.alerts
    shown = [_label_value(alerts, incident.lead, label) for label in _LABELS_WORTH_SHOWING]
    return "  ".join([text for text in shown if text][:_MOST_LABELS])


def _label_value(alerts: tuple[Alert, ...], lead: Alert, label: str) -> str:
    value = clean(lead.labels.get(label, ""))
    if not value or len(value) > _LONGEST_LABEL:
        return ""
    others = {clean(alert.labels.get(label, "")) for alert in alerts} - {value, ""}
    return f"{label}={value}" + (f" (and {len(others)} more)" if others else "")


def no_runbook(card: Card) -> Part:
    """Say so when no runbook fits, and name the nearest."""
    summary = card.summary
    if summary is None or any(meta.kind is Kind.RUNBOOK for meta in summary.sources):
        return Part(())
    if any(_cited(card, section) for section in (Section.MEANING, Section.IMPACT, Section.STEP)):
        return Part(())
    found = Line(Style.TEXT, (Piece(f"No runbook found for {name_of(card.incident.lead)}.", bold=True),))
    units = [Unit(0, (found,))]
    titles: list[Piece] = []
    for meta in summary.nearest[:3]:
        titles += [Piece(", ")] if titles else []
        titles.append(linked(meta.title, LONGEST_TITLE, meta.link))
    if titles:
        units.append(Unit(14, (Line(Style.TEXT, (Piece("Nearest: "), *titles)),)))
    return Part(tuple(units))


def past(card: Card) -> Part:
    """What was done last time: the postmortem's title and day, then cause, fix and duration."""
    if card.summary is None:
        return Part(())
    sources = Sources(card.summary)
    units: list[Unit] = []
    for number, claims in groupby(_cited(card, Section.PAST), key=lambda claim: sources.numbers(claim)[0]):
        lead = (Piece("Last time: ", bold=True),) if not units else ()
        title = Line(Style.TEXT, (*lead, _titled(sources.documents[number - 1]), *sources.marks((number,))))
        units.append(Unit(_RANK_PAST, (title,), frozenset({number})))
        units += [_past_line(sources, claim) for claim in claims]
    return Part(tuple(units))


def _past_line(sources: Sources, claim: Claim) -> Unit:
    numbers = sources.numbers(claim)
    known = claim.label in _PAST_LABELS
    rank = _RANK_PAST + 1 + (_PAST_LABELS.index(claim.label) if known else len(_PAST_LABELS))
    words = clip(pieces_of(claim.text), _LONGEST_CLAIM[Section.PAST])
    says_itself = text_of(words).lower().startswith(claim.label.lower())
    named = known and claim.label != "summary" and not says_itself
    label = (Piece(f"{claim.label.capitalize()}: ", bold=True),) if named else ()
    return Unit(rank, (Line(Style.ITEM, (*label, *words, *sources.marks(numbers))),), frozenset(numbers))


def _titled(meta: DocumentMeta) -> Piece:
    day = f" ({meta.date.isoformat()})" if meta.date else ""
    return Piece(cut(clean(meta.title), LONGEST_TITLE) + day)


def sources(card: Card) -> Part:
    """The documents by number: title, headings, what is known of their age. One not cited is not named."""
    if card.summary is None:
        return Part(())
    listed = card.summary.rung is Rung.LINKS or not card.summary.claims
    headings = _headings(card.summary, card.headings)
    units = tuple(
        Unit(
            _RANK_SOURCE + number if listed else 0,
            (_source(meta, number, headings, _age(meta, card)),),
            source=0 if listed else number,
        )
        for number, meta in enumerate(card.summary.sources, start=1)
    )
    return Part(units, Line(Style.HEADING, (Piece("Sources", bold=True),)))


def _headings(summary: Summary, paths: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The innermost headings that each document is cited under, in the message's order."""
    found: dict[str, list[str]] = {}
    for citation in (citation for claim in summary.claims for citation in claim.citations):
        path = paths.get(citation.chunk_id, ())
        known = found.setdefault(citation.document_id, [])
        if path and clean(path[-1]) not in known:
            known.append(clean(path[-1]))
    return found


def _source(meta: DocumentMeta, number: int, headings: Mapping[str, list[str]], age: str) -> Line:
    pieces = [Piece(f"[{number}] "), linked(meta.title, LONGEST_TITLE, meta.link)]
    under = [heading for heading in headings.get(meta.id, []) if heading and heading != clean(meta.title)]
    if under:
        pieces.append(Piece(" › " + cut(", ".join(under[:3]), 80)))
    if age:
        pieces.append(Piece(f" · {age}"))
    return Line(Style.SOURCE, tuple(pieces))


def _age(meta: DocumentMeta, card: Card) -> str:
    """Return how old a document is, and of a runbook whether a past incident that is cited came after it."""
    day = meta.reviewed or meta.date
    if day is None:
        return ""
    days = (card.now.date() - day).days
    said = f"{'reviewed' if meta.reviewed else 'dated'} {day.isoformat()}"
    if meta.kind is not Kind.RUNBOOK or card.summary is None:
        return said
    if days > STALE_DAYS:
        said = f"last {said}, {days} days ago"
    cited = {citation.document_id for claim in card.summary.claims for citation in claim.citations}
    past = [other.date for other in card.summary.sources if other.kind is Kind.POSTMORTEM and other.id in cited]
    later = max((date for date in past if date and date > day), default=None)
    return f"{said}, before the incident of {later.isoformat()}" if later else said
