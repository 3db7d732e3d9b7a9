"""Tokens of the API: make one for an audience or for an operator, see them, revoke one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from domain.access import Audience
from domain.errors import BadSettings
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.sections.source import Duration
from worker.settings import load
from worker.store.audit import Act
from worker.store.tokens import Token
from worker.wiring_index import IndexParts, caller, keeping, now

app = typer.Typer(help="Tokens of the API, each for an audience or for an operator.", no_args_is_help=True)

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


@app.command()
@command
def create(
    name: Annotated[str, typer.Option(help="Who or what will hold it.")],
    groups: Annotated[str, typer.Option(help="It reads as readers who hold these groups, separated by commas.")] = "",
    operator: Annotated[
        bool, typer.Option("--operator", help="It reads everything, and may announce changes.")
    ] = False,
    expires: Annotated[str, typer.Option(help='It opens nothing after so long, for example "90d".')] = "",
    config: ConfigFile = None,
) -> int:
    """Make a token and show it, this once. Make the new one before you revoke the old: both are valid meanwhile.

    Example: middlewatch token create --name grafana-panel --groups payments --expires 90d
    """
    held = [group.strip() for group in groups.split(",") if group.strip()]
    if bool(held) == operator or not name.strip():
        raise BadSettings("Say who reads with it.", mend="Give --name, and either --groups a,b or --operator.")
    with keeping(load(config)) as parts:
        moment = now()
        ends = moment + _duration(expires) if expires else None
        audience = Audience.nobody() if operator else Audience.of(held)
        text = parts.store.tokens.create(Token("", name.strip(), operator, audience, moment, caller(), ends))
        _record(parts, "token-create", text.split("_")[1], f"{name.strip()}: {_reads(operator, audience)}")
    stdout.print(text, markup=False)
    stderr.print("Keep it now: only its hash is stored, and it is not shown again.", markup=False)
    return 0


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show every token without its secret: who reads with it, when it was last used, whether it still opens anything.

    Example: middlewatch token list --json
    """
    with keeping(load(config)) as parts:
        found, denials = parts.store.tokens.all(), parts.store.denials.recent()
    if as_json:
        denied = [
            {"at": each.at.isoformat(), "token": each.token_id, "name": each.name, "what": each.what}
            | {"subject": each.subject, "reason": each.reason}
            for each in denials
        ]
        print_json({"tokens": [_row(token) for token in found], "denied": denied})
        return 0
    for token in found:
        row = _row(token)
        used = f"last used {row['last_used_at']}" if row["last_used_at"] else "never used"
        stdout.print(f"{token.id}  {row['state']:8}  {token.name}  ({row['reads']}; {used})", markup=False)
    return 0


@app.command()
@command
def revoke(
    token: Annotated[str, typer.Argument(help="Its id, as `token list` shows it.")], config: ConfigFile = None
) -> int:
    """Let a token open nothing any more, from this moment.

    Example: middlewatch token revoke 019aa1b2c3d4e5f6a7b8c9
    """
    with keeping(load(config)) as parts:
        done = parts.store.tokens.revoke(token, now())
        if done:
            _record(parts, "token-revoke", token, "")
    if not done:
        stderr.print("There is no such token, or it was revoked before: see `middlewatch token list`.", markup=False)
        return FAILED
    stdout.print(f"{token} is revoked.", markup=False)
    return 0


def _record(parts: IndexParts, action: str, subject: str, reason: str) -> None:
    parts.store.audit.add(Act(now(), caller(), action, subject, reason))


def _reads(operator: bool, audience: Audience) -> str:
    return "operator" if operator else "reads as " + ", ".join(sorted(audience.groups))


def _row(token: Token) -> dict[str, Any]:
    state = "revoked" if token.revoked_at else "valid" if token.valid(now()) else "expired"
    times = ("created_at", "expires_at", "last_used_at", "revoked_at")
    shown = {name: moment.isoformat() if (moment := getattr(token, name)) else None for name in times}
    named = {"id": token.id, "name": token.name, "state": state, "reads": _reads(token.operator, token.audience)}
    return {**named, "groups": sorted(token.audience.groups), "created_by": token.created_by, **shown}


def _duration(text: str) -> timedelta:
    try:
        length = _DURATION.validate_python(text)
    except ValidationError as error:
        raise BadSettings("--expires is not a length of time.", mend='Give for example "90d" or "12h".') from error
    if length <= timedelta(0):
        raise BadSettings("A token must be valid for some time.", mend='Give for example "90d".')
    return length
