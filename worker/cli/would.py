"""What other rules would have made of the incidents on record; nothing is applied."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.alert import Incident
from domain.errors import BadInput
from worker.cli.base import AsJson, ConfigFile, command, print_json, stdout
from worker.from_settings import channels, rules
from worker.hindsight import COUNTS, Group, Hindsight, Rules, Spell, hindsight
from worker.settings import load
from worker.storm.weather import StormRule
from worker.wiring_index import keeping, now

_MOST, _EXAMPLES = 200_000, 5
_UNITS = {"s": 1, "m": 60, "h": 3600}


@command
def would(
    tried: Annotated[
        list[str] | None, typer.Option("--try", help="group_by=LABEL,LABEL or storm=10/5m (storm=0: none).")
    ] = None,
    with_: Annotated[
        Path | None, typer.Option("--with", help="Another settings file, whose group_by, storm and silences are tried.")
    ] = None,
    days: Annotated[float, typer.Option(help="Over the incidents that began in so many days.", min=0.01)] = 7.0,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Replay the recorded incidents under other rules: what would have been merged, told in storms, or silent.

    Nothing is applied and nothing is stored; to apply a rule, change the settings file.

    Example: middlewatch would --days 14 --try group_by=service --try storm=10/5m
    """
    if not (with_ or tried):
        raise BadInput("Nothing is to be tried.", mend="Give --try group_by=LABELS, --try storm=10/5m, or --with FILE.")
    settings, at = load(config), now()
    present = rules(settings)
    new = _tried(rules(load(with_)) if with_ else present, tried or ())
    with keeping(settings) as parts:
        found = parts.store.incidents.since(at - timedelta(days=days), _MOST)
    told = channels(settings)
    before, after = hindsight(found, told, present, at), hindsight(found, told, new, at)
    if as_json:
        print_json({"days": days, "n": len(found), **_json(before, after)})
    else:
        _print(days, len(found), (before, after))
    return 0


def _tried(base: Rules, tried: Iterable[str]) -> Rules:
    for rule in tried:
        name, _, value = rule.partition("=")
        if name == "group_by":
            base = replace(base, group_by=tuple(label.strip() for label in value.split(",") if label.strip()))
        elif name == "storm":
            base = replace(base, storm=_storm(value))
        else:
            raise BadInput("That rule is not known.", mend="Try group_by=LABEL,LABEL or storm=10/5m.")
    return base


def _storm(text: str) -> StormRule:
    found = re.fullmatch(r"(\d+)(?:/(\d+)([smh]))?", text.strip())
    if found is None or (int(found[1]) and not found[2]):
        raise BadInput("That storm cannot be read.", mend="Write how many in which time, such as 10/5m, or 0 for none.")
    within = timedelta(seconds=int(found[2]) * _UNITS[found[3]]) if found[2] else timedelta(minutes=5)
    return StormRule(int(found[1]), within)


def _json(before: Hindsight, after: Hindsight) -> dict[str, Any]:
    return {
        "counts": {name: {"now": count(before), "would": count(after)} for name, count in COUNTS},
        "merged": {"n": len(after.merged), "examples": [_group_json(group) for group in after.merged[:_EXAMPLES]]},
        "divided": {"n": len(after.divided), "examples": [each.id for each in after.divided[:_EXAMPLES]]},
        "storms": [
            {
                "channel": spell.channel_id,
                "began_at": spell.began_at.isoformat(),
                "ended_at": spell.ended_at.isoformat() if spell.ended_at else None,
                "incidents": len(spell.members),
                "examples": [_group_json(group) for group in spell.members[:_EXAMPLES]],
            }
            for spell in after.storms
        ],
        "silent": [{"channel": channel} | _group_json(group) for channel, group in _silent(after)[:_EXAMPLES]],
    }


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "group": group.key,
        "incidents": [part.id for part in group.parts],
        "names": sorted({alert.name for alert in group.incident.alerts}),
        "services": list(group.incident.services),
    }


def _silent(found: Hindsight) -> list[tuple[str, Group]]:
    return [*found.untold, *found.late]


def _print(days: float, number: int, told: tuple[Hindsight, Hindsight]) -> None:
    before, after = told
    stdout.print(f"{number} incidents on record in {days:g} days", markup=False)
    stdout.print(f"{'':22}{'now':>8}{'would':>8}", markup=False)
    for name, count in COUNTS:
        stdout.print(f"{name:22}{count(before):>8}{count(after):>8}", markup=False)
    _section("would be one incident", len(after.merged), map(_group, after.merged[:_EXAMPLES]))
    _section("would be several", len(after.divided), (_incident(each) for each in after.divided[:_EXAMPLES]))
    _section("storms", len(after.storms), map(_spell, after.storms[:_EXAMPLES]))
    silent = _silent(after)
    _section("silent", len(silent), (f"{channel}: {_group(group)}" for channel, group in silent[:_EXAMPLES]))


def _section(title: str, number: int, lines: Iterable[str]) -> None:
    if not number:
        return
    stdout.print(f"{title}: {number}", markup=False)
    for line in lines:
        stdout.print(f"  {line}", markup=False)


def _group(group: Group) -> str:
    parts = "; ".join(_incident(part) for part in group.parts[:4])
    more = f"; and {len(group.parts) - 4} more" if len(group.parts) > 4 else ""
    return f"{parts}{more}"


def _incident(incident: Incident) -> str:
    if not incident.alerts:
        return incident.id
    return f"{incident.id} {incident.lead.name[:60]} ({', '.join(incident.services)[:60] or '-'})"


def _spell(spell: Spell) -> str:
    until = f"{spell.ended_at:%Y-%m-%d %H:%M}" if spell.ended_at else "the end"
    first = "; ".join(_incident(group.incident) for group in spell.members[:3])
    return (
        f"{spell.channel_id} {spell.began_at:%Y-%m-%d %H:%M} to {until}: {len(spell.members)} incidents, first {first}"
    )
