"""Ask what an audience would be given: search, and one alert through the pipeline with nothing posted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from domain.access import Audience
from domain.alert import Incident, Status
from domain.document import Hit, Kind
from domain.errors import BadInput, BadSettings
from domain.summary import Citation, Claim, Summary
from retrieval.query import from_text
from worker import wiring
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.cli.golden_base import explaining
from worker.index.explaining import Asked, Reasons
from worker.index.measure import ranked
from worker.intake.alertmanager import parse
from worker.intake.clean import Redact, cleaned
from worker.process import running
from worker.redacting import redactor_of
from worker.settings import load

Channel = Annotated[str, typer.Option(help="As everyone in this channel; its id in the settings.")]
_SUMMARY = TypeAdapter(Summary)
_RANKED = 100
"""How far down the lists an expected document is looked for."""


@command
def search(  # noqa: PLR0913 - a command's options are its arguments
    text: Annotated[str, typer.Argument(help="What to look for.")],
    channel: Channel = "",
    groups: Annotated[str, typer.Option(help="As readers who hold these groups, separated by commas.")] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="At most so many of each kind.")] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Take each score apart.")] = False,
    expected: Annotated[
        list[str] | None,
        typer.Option("--expected", metavar="DOC", help="Say why this document is where it is; may be repeated."),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show what an audience would be given.

    With --explain, what each score is made of; with --expected also why a document is not found, in the words of
    `golden explain`.

    Example: middlewatch search "disk is filling" --channel C0123456789 --explain --expected runbooks/storage/disk.md
    """
    settings = load(config)
    query = from_text(text)
    with running(settings) as parts:
        audience = _audience(parts, channel, groups)
        ranking = parts.search.ranking(query, audience, _RANKED)
        asked = Asked(query, audience, tuple(expected or ()))
        explained = explain or expected
        reasons = explaining(parts).reasons(asked, ranked(ranking), parts.live_snapshot()) if explained else None
    found = {
        "runbooks": [_hit(hit, reasons) for hit in ranking.runbooks[:k]],
        "postmortems": [_hit(hit, reasons) for hit in ranking.postmortems[:k]],
    }
    if as_json:
        print_json(
            {
                "snapshot": ranking.snapshot,
                "audience": sorted(audience.groups),
                **found,
                **({"expected": reasons.expected()} if reasons else {}),
            }
        )
    elif reasons:
        for line in (*reasons.lines(), *reasons.table(tuple(Kind), k)):
            stdout.print(line, markup=False, soft_wrap=True)
    else:
        _show(found)
    return 0


def _show(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for kind, hits in found.items():
        stdout.print(f"{kind}: {'none that this audience may read' if not hits else ''}", markup=False)
        for number, hit in enumerate(hits, 1):
            stdout.print(f"{number:3}. {hit['score']:.3f}  {hit['title']}  ({hit['doc']})", markup=False)
            stdout.print(f"            {hit['passage']}", markup=False)


def _audience(parts: wiring.Parts, channel: str, groups: str) -> Audience:
    if bool(channel) == bool(groups):
        raise BadSettings("Say who reads.", mend="Give either --channel ID or --groups a,b.")
    if channel:
        return parts.channel(channel).audience
    return Audience.of(group.strip() for group in groups.split(",") if group.strip())


def _hit(hit: Hit, reasons: Reasons | None) -> dict[str, Any]:
    best = hit.best[0] if hit.best else None
    return {
        "doc": hit.meta.id,
        "title": hit.meta.title,
        "score": hit.score,
        "link": hit.meta.link,
        "passage": " ".join(best.chunk.text.split())[:160] if best else "",
        "span": [best.chunk.start, best.chunk.end] if best else [],
        **({"parts": reasons.parts(hit.meta.id)} if reasons else {}),
    }


@command
def summarize(
    alert: Annotated[Path, typer.Argument(help="A webhook body of Alertmanager, or one alert of it, as JSON.")],
    channel: Channel,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Take one alert through the pipeline, as one channel would see it; nothing is stored or posted.

    Example: middlewatch summarize samples/alerts/kafka.firing.json --channel C0PLATFORM
    """
    settings = load(config)
    incident = incident_of(alert, redactor_of(settings.redaction, settings.store.data_dir))
    with running(settings) as parts:
        shown = parts.rehearse(incident, parts.channel(channel))
    if as_json:
        print_json(
            {
                "channel": channel,
                "snapshot": shown.snapshot,
                "summary": _SUMMARY.dump_python(shown.summary, mode="json"),
                "lines": [_line(claim) for claim in shown.summary.claims],
                "model_outcome": shown.model_outcome,
                "message": {"text": shown.message.text, "blocks": shown.message.blocks},
            }
        )
    else:
        stdout.print(shown.message.text, markup=False)
    return 0


def _line(claim: Claim) -> dict[str, Any]:
    """Return a claim with what each part of it cites."""
    return {
        "section": claim.section.value,
        "label": claim.label,
        "text": claim.text,
        "destructive": claim.destructive,
        "citations": [_citation(citation) for citation in claim.citations],
        "commands": [{"text": each.text, "citation": _citation(each.citation)} for each in claim.commands],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {"doc": citation.document_id, "chunk": citation.chunk_id, "start": citation.start, "end": citation.end}


def incident_of(file: Path, redact: Redact) -> Incident:
    """Read a webhook body, or one alert as the golden cases have it, as an incident of its own.

    Raises:
        BadInput: the file is not there, or cannot be understood.
    """
    try:
        body = file.read_bytes()
        content = json.loads(body)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{file} is not JSON.") from error
    if isinstance(content, dict) and "alerts" not in content:
        body = json.dumps({"version": "4", "groupKey": str(file), "alerts": [content.get("alert", content)]}).encode()
    moment = wiring.now()
    delivery = cleaned(parse(body, {}, moment), redact)
    if not delivery.alerts:
        reasons = ", ".join(sorted({rejection.reason for rejection in delivery.rejected})) or "there is none"
        raise BadInput(f"No alert of {file} could be understood: {reasons}.", mend="Give Alertmanager's own form.")
    firing = any(alert.status is Status.FIRING for alert in delivery.alerts)
    status = Status.FIRING if firing else Status.RESOLVED
    opened = min(alert.starts_at for alert in delivery.alerts)
    return Incident("rehearsal", delivery.sender, delivery.group_key, status, opened, None, 1, delivery.alerts)
