"""The snapshots of the index: see them, choose which one answers, drop old ones."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from domain.snapshot import Judgement, Record, State
from worker.cli.base import AsJson, ConfigFile, command, print_json, stderr, stdout
from worker.settings import load
from worker.wiring_index import keeping

app = typer.Typer(help="Snapshots of the index.", no_args_is_help=True)

_TELLING = ("success@1", "success@3", "abstention.right", "past.right")


@app.command("list")
@command
def list_(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Show every snapshot, the newest first: its state, what it was made of, what the golden queries said.

    Example: middlewatch index list --json
    """
    with keeping(load(config)) as parts:
        records, withdrawn = parts.store.catalogue.records(), parts.store.audit.withdrawn()
        acts = parts.store.audit.acts()
    if as_json:
        told = [{"at": act.at.isoformat(), "who": act.who, "action": act.action} for act in acts]
        acted = [row | {"subject": act.subject, "reason": act.reason} for row, act in zip(told, acts, strict=True)]
        print_json({"snapshots": [_row(record) for record in records], "withdrawn": withdrawn, "acts": acted})
        return 0
    for record in records:
        snapshot = record.snapshot
        commits = "".join(f", {name} at {commit[:12]}" for name, commit in snapshot.commits.items())
        counts = f"{snapshot.documents} documents, {snapshot.chunks} chunks{commits}"
        stdout.print(f"{snapshot.id}  {record.state.value:8}  {counts}", markup=False)
        for line in _golden(record):
            stdout.print(f"    {line}", markup=False)
    for document in withdrawn:
        stdout.print(f"withdrawn: {document}", markup=False)
    for record in records:
        if record.state is State.LIVE and not (record.judgement and record.judgement.guarded):
            stderr.print("The live snapshot is UNGUARDED: no golden query was run on it.", markup=False)
    return 0


def _golden(record: Record) -> list[str]:
    judgement = record.judgement
    if record.state is State.BUILDING:
        return ["not finished; the next ingest drops it"]
    if judgement is None or not judgement.guarded:
        return ["UNGUARDED: no golden query was run on it"]
    held = [record.held] if record.held else []
    return [*held, *judgement.faults, ", ".join(_figures(judgement))]


def _figures(judgement: Judgement) -> list[str]:
    figures = judgement.scores.get("figures", {})
    shown = [(name, figures[name]) for name in _TELLING if figures.get(name, {}).get("n")]
    return [f"{name} {figure['value']:.2f} (n={figure['n']})" for name, figure in shown]


def _row(record: Record) -> dict[str, Any]:
    snapshot, judgement = record.snapshot, record.judgement
    return {
        "snapshot": snapshot.id,
        "state": record.state.value,
        "guarded": bool(judgement and judgement.guarded),
        "built_at": snapshot.built_at.isoformat(),
        "published_at": record.published_at.isoformat() if record.published_at else None,
        "held": record.held,
        "documents": snapshot.documents,
        "chunks": snapshot.chunks,
        "commits": dict(snapshot.commits),
        "fingerprint": snapshot.fingerprint,
        "passed": judgement.passed if judgement else None,
        "faults": list(judgement.faults) if judgement else [],
        "lost": [loss.query for loss in judgement.losses] if judgement else [],
        "scores": dict(judgement.scores) if judgement else {},
    }


@app.command()
@command
def publish(
    snapshot: Annotated[str, typer.Argument(help="Its id, as `index list` shows it.")],
    override: Annotated[str, typer.Option(help="Why to publish it although the golden queries refused it.")] = "",
    config: ConfigFile = None,
) -> int:
    """Make a snapshot the live one. An override is kept on record, and never goes over a leak.

    Example: middlewatch index publish 20261121T030000000000Z-1a2b3c4d --override "The lost page is obsolete"
    """
    with keeping(load(config)) as parts:
        record = parts.snapshots.publish(snapshot, override)
    stdout.print(f"{snapshot} is live.", markup=False)
    if record.judgement and not record.judgement.guarded:
        stderr.print("It is UNGUARDED: no golden query was run on it.", markup=False)
    return 0


@app.command()
@command
def rollback(config: ConfigFile = None) -> int:
    """Make the snapshot live that was live before this one.

    Example: middlewatch index rollback
    """
    with keeping(load(config)) as parts:
        left, taken = parts.snapshots.rollback()
    stdout.print(f"{taken} is live again. {left} stays out until `middlewatch index publish {left}`.", markup=False)
    return 0


@app.command()
@command
def prune(
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest to keep.")] = 5,
    config: ConfigFile = None,
) -> int:
    """Drop old snapshots, never the live one nor the one before it.

    Example: middlewatch index prune --keep 3
    """
    with keeping(load(config)) as parts:
        gone = parts.snapshots.prune(keep)
    stdout.print(f"Dropped {len(gone)} snapshots{': ' if gone else ''}{', '.join(gone)}.", markup=False)
    return 0
