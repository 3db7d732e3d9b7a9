"""A case in a minute: `golden add` takes an alert, asks for the document, and writes the YAML."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.access import Audience
from domain.alert import Alert
from domain.errors import BadInput
from golden_queries.adding import append, file_for, free_id, row_of
from golden_queries.cases import Case
from retrieval.query import from_alert
from worker.cli.ask import incident_of
from worker.cli.base import ConfigFile, command, stderr, stdout
from worker.cli.golden_base import explaining
from worker.index.golden import configured
from worker.process import running
from worker.redaction.redactor import redact
from worker.settings import Settings, load
from worker.wiring import Parts

_OFFERED = 8
_NONE = "none"

Document = Annotated[
    list[str] | None,
    typer.Option("--expected", metavar="DOC", help="A document that must be found, as SOURCE/path; may be repeated."),
]
Past = Annotated[
    list[str] | None,
    typer.Option("--past", metavar="DOC", help='A postmortem that "last time" may show, or none; may be repeated.'),
]
Forbidden = Annotated[
    list[str] | None, typer.Option("--forbidden", metavar="DOC", help="A document that must not come up.")
]


@command
def add(  # noqa: PLR0913 - a command's options are its arguments
    alert: Annotated[Path | None, typer.Argument(help="A webhook body of Alertmanager, or one alert, as JSON.")] = None,
    incident: Annotated[str, typer.Option(help="Instead of a file: the id of an incident that was heard of.")] = "",
    expected: Document = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="There is no runbook for it; none may be shown.")] = False,
    past: Past = None,
    forbidden: Forbidden = None,
    groups: Annotated[str, typer.Option(help="Who asks: groups, separated by commas.")] = "everyone",
    case_id: Annotated[str, typer.Option("--id", help="Id of the case; default from the alert's name.")] = "",
    file: Annotated[Path | None, typer.Option(help="File to write to; default where its neighbours are.")] = None,
    at: Annotated[int, typer.Option(min=1, max=100, help="Within how many documents it must be found.")] = 3,
    must: Annotated[bool, typer.Option("--must", help="Losing this case alone stops an index.")] = False,
    tags: Annotated[str, typer.Option(help="Words to sort cases by, separated by commas.")] = "",
    why: Annotated[str, typer.Option(help="Why the case is here.")] = "",
    config: ConfigFile = None,
) -> int:
    """Add a golden query from an alert, and tell where its document stands now.

    On a terminal it shows what is found and asks for the document; elsewhere give --expected or --nothing.

    Example: middlewatch golden add alert.json --expected runbooks/storage/VolumeFilling.md --why "Paged at night"
    """
    settings = load(config)
    cases = configured(settings.golden)
    asked = _words(groups)
    with running(settings) as parts:
        lead = _clean(_alert(parts, alert, incident))
        wanted = _wanted(parts, (lead, asked), expected, nothing=nothing)
        said: dict[str, Any] = {
            "id": _id(case_id or lead.labels.get("alertname", ""), cases, given=bool(case_id)),
            "groups": asked if asked != ["everyone"] else [],
            "expected": wanted,
            "at": at if wanted and at != 3 else 0,
            "past": None if past is None else [doc for doc in past if doc != _NONE],
            "must": must,
            "forbidden": forbidden or [],
            "tags": _words(tags),
            "why": why.strip(),
        }
        _check(parts, [*wanted, *(said["past"] or []), *said["forbidden"]])
        added = append(_file(settings, file, wanted, cases), row_of(lead, said))
        stdout.print(f"Added {added.id} to {added.origin}.", markup=False)
        stdout.print(explaining(parts)(added, parts.live_snapshot()).as_text(), markup=False)
    return 0


def _alert(parts: Parts, file: Path | None, incident: str) -> Alert:
    if bool(file) == bool(incident):
        raise BadInput("Say which alert.", mend="Give either a JSON file or --incident ID.")
    if file:
        return incident_of(file, redact).lead
    found = parts.store.incidents.get(incident)
    if found is None:
        raise BadInput("There is no incident of that id.", mend="See GET /v1/incidents, or the foot of its message.")
    return found.lead


def _clean(alert: Alert) -> Alert:
    """Return the alert without secrets: what is written here is committed."""
    labels, notes = _redacted(alert.labels), _redacted(alert.annotations)
    return Alert(alert.fingerprint, alert.status, labels, notes, alert.starts_at)


def _redacted(words: Mapping[str, str]) -> dict[str, str]:
    return {name: redact(value) for name, value in words.items()}


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _id(wish: str, cases: Sequence[Case], *, given: bool) -> str:
    taken = {case.id for case in cases}
    if given and wish in taken:
        raise BadInput("Another case has that id.", mend="Give another --id, or none.")
    return wish if given else free_id(wish, taken)


def _wanted(parts: Parts, asked: tuple[Alert, list[str]], expected: list[str] | None, *, nothing: bool) -> list[str]:
    """Return the documents that must be found: those given, none, or what the person at the terminal says."""
    if bool(expected) and nothing:
        raise BadInput("Both --expected and --nothing were given.", mend="Give one of them.")
    if expected or nothing:
        return expected or []
    if not sys.stdin.isatty():
        raise BadInput("Say what must be found.", mend="Give --expected DOC, or --nothing where there is no runbook.")
    alert, groups = asked
    ranking = parts.search.ranking(from_alert(alert), Audience.of(groups), _OFFERED)
    offered = [hit.meta.id for hit in (*ranking.runbooks, *ranking.postmortems)]
    for number, hit in enumerate((*ranking.runbooks, *ranking.postmortems), start=1):
        stderr.print(f"{number:3}. {hit.score:.3f}  {hit.meta.title}  ({hit.meta.id})", markup=False)
    said = typer.prompt("Which must be found? A number, SOURCE/path, several with commas, or none", err=True)
    return chosen(said, offered)


def chosen(said: str, offered: Sequence[str]) -> list[str]:
    """Return the documents that an answer names: numbers of the offered list, or ids; none for none of them.

    Raises:
        BadInput: a number that was not offered, or nothing at all.
    """
    words = _words(said)
    if [word.lower() for word in words] == [_NONE]:
        return []
    numbers = [word for word in words if word.isdigit()]
    if not words or any(not 1 <= int(word) <= len(offered) for word in numbers):
        raise BadInput("That is none of the numbers.", mend=f"Say 1 to {len(offered)}, SOURCE/path, or none.")
    return list(dict.fromkeys(offered[int(word) - 1] if word.isdigit() else word for word in words))


def _check(parts: Parts, named: Sequence[str]) -> None:
    """Refuse a document that the live index does not hold: the case could only fail."""
    live = parts.live_snapshot()
    known = {meta.id for meta in parts.store.catalogue.documents(live)} if live else set()
    for name in named:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1)
            raise BadInput(
                "The live index holds no such document.",
                mend=f"Did you mean {close[0]}?" if close else "Give it as SOURCE/path, as `search` shows it.",
            )


def _file(settings: Settings, file: Path | None, expected: Sequence[str], cases: Sequence[Case]) -> Path:
    if file:
        return file
    folders = [path for path in settings.golden.paths if not path.suffix]
    if not folders:
        raise BadInput("golden.paths names no folder.", mend="Give --file.")
    return file_for(expected, cases, folders[0])
