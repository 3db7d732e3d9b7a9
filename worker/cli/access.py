"""Who may read what: explain a document's readers, and take it from a group. For operators."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.access import EVERYONE, Audience
from domain.errors import BadSettings
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.process import running
from worker.readers.private import NOTHING
from worker.readers.rights import Explained, told
from worker.settings import load
from worker.slack.private import Press
from worker.store.messages import Place
from worker.wiring import Parts
from worker.wiring_index import keeping

app = typer.Typer(help="Who may read what.", no_args_is_help=True)

Document = Annotated[str, typer.Argument(metavar="DOC", help="SOURCE/relative/path, as `search` shows it.")]
Group = Annotated[str, typer.Argument(help="The group it is taken from.")]


@app.command()
@command
def explain(
    document: Document,
    groups: Annotated[str, typer.Option("--as", help="As readers who hold these groups, separated by commas.")] = "",
    channel: Annotated[str, typer.Option(help="As everyone in this channel; its id in the settings.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Say who may read a document and by which rule; exit code 1 where the audience that is asked for may not.

    Example: middlewatch access explain runbooks/security/KeyRotation.md --as payments
    """
    settings = load(config)
    asked_for = bool(channel or groups)
    with running(settings, migrated=False) as parts:
        explained = parts.rights.explain(document)
        audience = _audience(parts, channel, groups)
    may, why = explained.verdict(audience) if asked_for else (True, "")
    if as_json:
        asked = {"as": sorted(audience.groups), "may_read": may, "why": why} if asked_for else {}
        print_json({**explained.as_json(), **asked})
    else:
        _tell(explained)
        if asked_for:
            who = f"Whoever holds {', '.join(sorted(audience.groups))}" if audience.groups else "That channel"
            stdout.print(f"{who} {'may' if may else 'may not'} read it: {why}.", markup=False)
    return 0 if may else FAILED


@app.command()
@command
def revoke(
    document: Document,
    group: Group,
    undo: Annotated[bool, typer.Option("--undo", help="Give it back to the group.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    config: ConfigFile = None,
) -> int:
    """Take a document from a group at once; it stays so, whatever is ingested, until that is undone.

    `everyone` contains every group: a document that is open to everyone is then for those it names beside it.

    Example: middlewatch access revoke runbooks/security/KeyRotation.md payments --reason "It names the vault"
    """
    if not group.strip() or "," in group:
        raise BadSettings("Name one group.", mend="Such as `payments`; run it once for each group.")
    with keeping(load(config)) as parts:
        done, explained = (
            parts.rights.restore(document, group) if undo else parts.rights.revoke(document, group, reason)
        )
    if undo:
        stdout.print(f"{document}: {group} {'is given it back' if done else 'was not revoked'}.", markup=False)
    else:
        stdout.print(f"{document}: {group} {'is revoked' if done else 'was revoked before'}.", markup=False)
    stdout.print(f"It is readable by {told(explained.readers)}.", markup=False)
    return 0


@app.command()
@command
def view(
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    channel: Annotated[str, typer.Option(help="The channel whose message the button stands under.")],
    person: Annotated[str, typer.Option(help="The person's user id in Slack.")],
    config: ConfigFile = None,
) -> int:
    """Show what the button "Sources only you may see" answers one person under a channel's message.

    Example: middlewatch access view 01a1fe0a5d5db4803015c4 --channel C0PAYMENTS --person U012AB3CD
    """
    with running(load(config), migrated=False) as parts:
        where = parts.channel(channel)
        message = parts.shown_alone(Press(Place(channel, incident), person, where.post_to, ""))
    stdout.print(message.text if message else NOTHING, markup=False)
    return 0


@app.command()
@command
def originals(
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Show the texts of an incident's messages that were taken back; that you looked is recorded.

    Example: middlewatch access originals 01a1fe0a5d5db4803015c4
    """
    with keeping(load(config)) as parts:
        found = parts.rights.originals(incident)
    rows = [
        {"channel": place.channel_id, "seq": edition.seq, "at": edition.at.isoformat(), "text": edition.body.text}
        for place, edition in found
    ]
    if as_json:
        print_json({"incident": incident, "originals": rows})
        return 0
    for row in rows:
        stdout.print(f"{row['channel']}, edition {row['seq']}, {row['at']}:\n{row['text']}\n", markup=False)
    if not rows:
        stdout.print("No text of that incident was taken back.", markup=False)
    return 0


def _audience(parts: Parts, channel: str, groups: str) -> Audience:
    if channel and groups:
        raise BadSettings("Say who reads in one way.", mend="Give either --channel ID or --as a,b.")
    if channel:
        return parts.channel(channel).audience
    named = [group.strip() for group in groups.split(",") if group.strip()]
    return Audience.of(named) if named else Audience.nobody()


def _tell(explained: Explained) -> None:
    stdout.print(f"{explained.document} is readable by {told(explained.readers)}.", markup=False)
    for step in explained.steps:
        stdout.print(f"  {step.rule}: {told(step.readers)}", markup=False)
    if EVERYONE in explained.readers:
        stdout.print("  Every known audience holds `everyone`.", markup=False)
    if not explained.live:
        stdout.print("  The live index does not hold it, so no answer shows it.", markup=False)
