"""Set it up: write settings, migrate, check every part, send a synthetic alert through everything."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from domain.errors import BadSettings, MiddlewatchError, Unavailable
from worker import wiring
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.http.ports import Probe
from worker.process import migrate, migrate_back, running
from worker.restore import after_restore
from worker.settings import DEFAULT_FILE, ChannelSettings, Settings, load
from worker.watch.probes import probes_of

db = typer.Typer(help="The database.", no_args_is_help=True)
config = typer.Typer(help="The settings.", no_args_is_help=True)


@command
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(DEFAULT_FILE),
) -> None:
    """Write a commented settings file.

    Example: middlewatch init
    """
    template = resources.files("worker.cli").joinpath("settings.template.toml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template)
    except FileExistsError as error:
        raise BadSettings(f"{path} is there already.", mend="Name another file, or remove it.") from error
    except OSError as error:
        raise BadSettings(f"{path} cannot be written: {error.strerror}.", mend="Name another place.") from error
    stdout.print(f"Wrote {path}. Name your sources and channels in it, then: middlewatch config check", markup=False)


@db.command("upgrade")
@command
def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this version's schema; `up` does it by itself.

    Example: middlewatch db upgrade
    """
    stdout.print(f"The database is at schema {migrate(load(config))}.", markup=False)


@db.command("downgrade")
@command
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to, such as 0005.")],
    config: ConfigFile = None,
) -> None:
    """Take the database back to an earlier schema; what later ones added is dropped. Stop this release before.

    Example: middlewatch db downgrade 0005
    """
    stdout.print(f"The database is at schema {migrate_back(load(config), revision)}.", markup=False)


@db.command("restored")
@command
def restored(config: ConfigFile = None) -> None:
    """Say that the database was restored from a backup, before anything is started on it.

    Whatever waited when the backup was made may have been posted since: it is looked for in Slack before it is posted.

    Example: middlewatch db restored
    """
    with running(load(config)) as parts:
        doubted = after_restore(parts.store, parts.live_channels, wiring.now())
    stdout.print(f"{doubted} messages will be looked for before they are posted.", markup=False)


@config.command("check")
@command
def check(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Show the effective settings with secrets masked, and probe every part.

    Example: middlewatch config check
    """
    settings = load(config)
    with ExitStack() as stack:
        parts = [_probed(probe) for probe in probes_of(wiring.Parts(settings, stack))]
    healthy = all(part["ok"] for part in parts)
    if as_json:
        print_json({"ok": healthy, "parts": parts, "settings": settings.model_dump(mode="json")})
        return 0 if healthy else FAILED
    stdout.print_json(json.dumps(settings.model_dump(mode="json")))
    table = Table("part", "", "what", "how to mend it")
    for part in parts:
        state = "ok" if part["ok"] else "NOT OK"
        table.add_row(*(escape(text) for text in (part["name"], state, part["what"], part["mend"])))
    stdout.print(table)
    return 0 if healthy else FAILED


def _probed(probe: Probe) -> dict[str, Any]:
    try:
        return {"name": probe.name, "ok": True, "what": probe.check(), "mend": ""}
    except MiddlewatchError as error:
        return {"name": probe.name, "ok": False, "what": str(error.args[0]), "mend": error.mend}


@command
def send_test_alert(
    channel: Annotated[str, typer.Option(help="The channel's id.")],
    url: Annotated[str, typer.Option(help="Where the API listens; default from the settings.")] = "",
    config: ConfigFile = None,
) -> None:
    """Send a synthetic alert through everything: webhook, database, worker, channel.

    Example: middlewatch test-alert --channel C0123456789
    """
    settings = load(config)
    target = f"{url or f'http://{settings.intake.host}:{settings.intake.port}'}/v1/webhooks/alertmanager"
    answer = _post(target, _synthetic(settings.channel(channel)), settings)
    stdout.print(f"Accepted as incident {', '.join(answer['incidents']) or 'none'}; look in {channel}.", markup=False)
    if not answer["incidents"]:
        stderr.print("Nothing new: the same alert was sent before.", markup=False)


def _synthetic(channel: ChannelSettings) -> bytes:
    """Return a delivery whose labels the channel matches; each call opens an incident of its own."""
    moment = wiring.now()
    labels = {"alertname": "MiddlewatchTestAlert", "severity": "info", "test": moment.isoformat(), **channel.match}
    text = "A synthetic alert sent with `middlewatch test-alert`; nothing is wrong."
    alert = {"status": "firing", "labels": labels, "annotations": {"summary": text}, "startsAt": moment.isoformat()}
    return json.dumps({"version": "4", "groupKey": f"test:{moment.isoformat()}", "alerts": [alert]}).encode()


def _post(target: str, body: bytes, settings: Settings) -> dict[str, Any]:
    tokens = settings.intake.alertmanager.tokens
    headers = {"Content-Type": "application/json"}
    if tokens:
        headers["Authorization"] = f"Bearer {tokens[0].get_secret_value()}"
    request = urllib.request.Request(target, body, headers)  # noqa: S310 - the user's own URL
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        raise MiddlewatchError(f"The API answered {error.code}.", mend="See its log.") from error
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise Unavailable(f"Nothing answers at {target}.", mend="Start it with `middlewatch up`.") from error
