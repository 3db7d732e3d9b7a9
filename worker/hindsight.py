"""What other rules would have made of the incidents on record. Pure: nothing is applied.

It replays what was heard through the decisions that the product takes: grouping, then silences, then storms. What the
record does not keep is taken as it stands: an incident's alerts are those it had in the end, and it ended when it
resolved last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.alert import Alert, Incident, Severity, Status
from worker.route import Channel, route
from worker.silence import Silence, covered
from worker.store.regroup import ACROSS, key_of
from worker.storm.weather import StormRule, stormy


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules to try: what makes one incident, when a channel has a storm, and what is silent when."""

    group_by: tuple[str, ...] = ()
    reopen_window: timedelta = timedelta(minutes=30)
    storm: StormRule = StormRule()
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An incident as the rules would have it: the key of its group, and the incidents on record that it is made of."""

    key: str
    incident: Incident
    parts: tuple[Incident, ...]


@dataclass
class Spell:
    """A storm as it would have been."""

    channel_id: str
    began_at: datetime
    ended_at: datetime | None = None
    members: list[Group] = field(default_factory=list)


@dataclass
class Hindsight:
    """What would have been: `alone` are (channel, incident) with a message of their own.

    `late` were silent and told when that ended, `untold` had ended by then or are silent still; both by channel.
    """

    groups: tuple[Group, ...] = ()
    alone: list[tuple[str, Group]] = field(default_factory=list)
    storms: list[Spell] = field(default_factory=list)
    late: list[tuple[str, Group]] = field(default_factory=list)
    untold: list[tuple[str, Group]] = field(default_factory=list)

    @property
    def merged(self) -> list[Group]:
        """The incidents that are made of several on record, the largest first."""
        found = [group for group in self.groups if len(group.parts) > 1]
        return sorted(found, key=lambda group: (-len(group.parts), group.incident.opened_at))

    @property
    def divided(self) -> list[Incident]:
        """The incidents on record that would have been several."""
        seen: dict[str, int] = {}
        parts = {part.id: part for group in self.groups for part in group.parts}
        for group in self.groups:
            for part in group.parts:
                seen[part.id] = seen.get(part.id, 0) + 1
        return [parts[name] for name, count in seen.items() if count > 1]

    @property
    def in_storms(self) -> int:
        """How many were told in a storm's message."""
        return sum(len(spell.members) for spell in self.storms)

    @property
    def messages(self) -> int:
        """How many messages there would have been."""
        return len(self.alone) + len(self.storms)


def hindsight(incidents: Iterable[Incident], channels: Sequence[Channel], rules: Rules, now: datetime) -> Hindsight:
    """Return what these rules would have made of the incidents up to now."""
    found = Hindsight(regrouped(incidents, rules))
    for channel in channels:
        mine = [group for group in found.groups if channel in route(group.incident, channels)]
        told = sorted(_told(mine, (channel.id, now), rules, found), key=lambda each: (each[0], each[1].incident.id))
        _blow(told, channel, rules.storm, found)
    return found


def regrouped(incidents: Iterable[Incident], rules: Rules) -> tuple[Group, ...]:
    """Return the incidents as the rules group their alerts; what fires again soon after its end goes on."""
    pieces: dict[str, list[tuple[Incident, tuple[Alert, ...]]]] = {}
    for incident in sorted(incidents, key=lambda each: (each.opened_at, each.id)):
        for key, alerts in _by_key(incident, rules.group_by).items():
            pieces.setdefault(key, []).append((incident, alerts))
    return tuple(group for key in sorted(pieces) for group in _runs(key, pieces[key], rules.reopen_window))


def _by_key(incident: Incident, labels: Sequence[str]) -> dict[str, tuple[Alert, ...]]:
    """Part an incident's alerts by their group. Those without the labels stay in the group they were in."""
    found: dict[str, tuple[Alert, ...]] = {}
    if not labels and incident.sender == ACROSS:  # the senders' own groups are not on record: it stays what it is
        return {f"{incident.sender} {incident.group_key}": incident.alerts}
    for alert in incident.alerts:
        key = (key_of(alert, labels) if labels else "") or f"{incident.sender} {incident.group_key}"
        found[key] = (*found.get(key, ()), alert)
    return found


def _runs(key: str, pieces: Sequence[tuple[Incident, tuple[Alert, ...]]], window: timedelta) -> Iterable[Group]:
    run: list[tuple[Incident, tuple[Alert, ...]]] = []
    for piece in pieces:
        if run and not _goes_on([part for part, _ in run], piece[0].opened_at, window):
            yield _group(key, run)
            run = []
        run.append(piece)
    if run:
        yield _group(key, run)


def _goes_on(parts: Sequence[Incident], at: datetime, window: timedelta) -> bool:
    ends = [part.resolved_at for part in parts]
    return any(end is None or at <= end + window for end in ends)


def _group(key: str, run: Sequence[tuple[Incident, tuple[Alert, ...]]]) -> Group:
    parts = tuple(part for part, _ in run)
    ends = [part.resolved_at for part in parts]
    over = None if None in ends else max(end for end in ends if end)
    whole = replace(
        parts[0],
        alerts=tuple(alert for _, alerts in run for alert in alerts),
        resolved_at=over,
        status=Status.RESOLVED if over else Status.FIRING,
    )
    return Group(key, whole, parts)


def _told(
    groups: Iterable[Group], place: tuple[str, datetime], rules: Rules, found: Hindsight
) -> Iterable[tuple[datetime, Group]]:
    """Give each incident with the time at which it is told; those that a silence holds to their end are noted."""
    channel, now = place
    for group in groups:
        over = group.incident.resolved_at or now
        at = _heard(group.incident, rules.silences, over)
        silent = at > group.incident.opened_at
        if silent and over <= at:
            found.untold.append((channel, group))
            continue
        if silent:
            found.late.append((channel, group))
        yield at, group


def _heard(incident: Incident, silences: Sequence[Silence], over: datetime) -> datetime:
    """Return when an incident is told: when it began, or when the silences that cover it one after the other end.

    They are not followed beyond the time at which it was over.
    """
    at = incident.opened_at
    began = replace(incident, alerts=tuple(replace(alert, status=Status.FIRING) for alert in incident.alerts))
    while at < over and (found := covered(began, silences, at)):
        at = found.until
    return at


def _blow(told: Iterable[tuple[datetime, Group]], channel: Channel, rule: StormRule, found: Hindsight) -> None:
    """Tell each incident of a channel by itself or in a storm."""
    lately: deque[datetime] = deque()
    spell: Spell | None = None
    for at, group in told:
        while lately and lately[0] <= at - rule.within:
            lately.popleft()
        if spell and len(lately) < rule.settled_below:
            spell.ended_at, spell = at, None
        critical = any(alert.severity is Severity.CRITICAL for alert in group.incident.alerts)
        if not critical and stormy(len(lately), spell is not None, rule):
            if spell is None:
                spell = Spell(channel.id, at)
                found.storms.append(spell)
            spell.members.append(group)
        else:
            found.alone.append((channel.id, group))
        lately.append(at)


Count = Callable[[Hindsight], int]
COUNTS: tuple[tuple[str, Count], ...] = (
    ("incidents", lambda found: len(found.groups)),
    ("messages", lambda found: found.messages),
    ("told in storms", lambda found: found.in_storms),
    ("storms", lambda found: len(found.storms)),
    ("silent, told later", lambda found: len(found.late)),
    ("silent, not told", lambda found: len(found.untold)),
)
"""What is counted, with its name."""
