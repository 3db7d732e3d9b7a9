"""What a delivery does to the incident of its group: pure, and the answer is a word.

An *episode* is one run of one alert from firing to resolved: (fingerprint, starts_at). A sender may repeat
itself, bring things late or in the wrong order, and be two (a pair of Alertmanagers); so each alert is
judged by what is known of its episode, never by the body it came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.alert import Alert, Delivery, Incident, Status

_MOST_DOUBLINGS = 4
Episode = tuple[str, datetime]
"""Fingerprint and start."""


class Effect(StrEnum):
    """What became of a delivery; also the label of the metric."""

    OPENED = "opened"
    """It opened an incident."""
    REOPENED = "reopened"
    """It fires again soon after the incident had resolved."""
    CHANGED = "changed"
    """It changed the incident, which still fires."""
    RESOLVED = "resolved"
    """Its last firing alert resolved."""
    REPEAT = "repeat"
    """Everything in it was known."""
    RECORDED = "recorded"
    """It holds something unknown that is not worth showing: it came late, or resolves what was never heard of."""
    IGNORED = "ignored"
    """It holds no alert."""


SHOWN = frozenset({Effect.OPENED, Effect.REOPENED, Effect.CHANGED, Effect.RESOLVED})
"""The effects that raise the incident's version and put work into the outbox."""


@dataclass(frozen=True, slots=True)
class Policy:
    """When an incident is over: nothing heard for `stale_after`; and until when a re-fire reopens it.

    `hold_new` is how long the first message of one that is not critical waits, in case it resolves
    by itself. `group_by` are labels that make an incident across senders; see `regroup`. `cooldown` is the
    time over which recurrences are counted: each doubles the window, up to sixteenfold; zero counts none.
    """

    stale_after: timedelta = timedelta(hours=12)
    reopen_window: timedelta = timedelta(minutes=30)
    hold_new: timedelta = timedelta(0)
    group_by: tuple[str, ...] = ()
    cooldown: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a delivery's group: its newest incident, and the states heard of each episode delivered.

    `recurrences` counts the group's incidents before the newest within the time of the cooldown, where there is one.
    """

    incident: Incident | None = None
    heard_at: datetime | None = None
    episodes: Mapping[Episode, frozenset[Status]] = field(default_factory=dict)
    recurrences: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and the id that an incident opened now would get."""

    now: datetime
    new_id: str


@dataclass(frozen=True, slots=True)
class Folded:
    """What is to be written.

    `incident` is the one the delivery belongs to, if any; `touched` are the alerts of it to be written,
    `fresh` the alerts whose (episode, status) was unknown, `duplicates` counts the others.
    `superseded` is the id of a silent incident whose place the new one takes, or "".
    """

    effect: Effect
    incident: Incident | None = None
    touched: tuple[Alert, ...] = ()
    fresh: tuple[Alert, ...] = ()
    duplicates: int = 0
    superseded: str = ""


class _Step(StrEnum):
    KNOWN = "known"
    LATE = "late"
    NEWS = "news"


def fold(history: History, delivery: Delivery, moment: Moment, policy: Policy) -> Folded:
    """Return what a delivery does to the incident of its group."""
    if not delivery.alerts:
        return Folded(Effect.IGNORED)
    standing = history.incident if _goes_on(history, delivery, moment.now, policy) else None
    book = _Book(standing, history.episodes)
    for alert in sorted(delivery.alerts, key=_in_order):
        book.enter(alert)
    cooled = replace(policy, reopen_window=cooled_window(policy, history))
    effect, incident = _outcome(standing, history.incident, book, delivery, (moment, cooled))
    silent = standing is None and history.incident is not None and history.incident.status is Status.FIRING
    superseded = history.incident.id if silent and history.incident and effect is Effect.OPENED else ""
    return Folded(effect, incident, book.touched(incident), tuple(book.fresh), book.duplicates, superseded)


def cooled_window(policy: Policy, history: History) -> timedelta:
    """Return how long after its end an incident is reopened: the longer, the more often it came back lately."""
    if not policy.cooldown or history.incident is None:
        return policy.reopen_window
    doublings = min(history.recurrences + history.incident.reopened, _MOST_DOUBLINGS)
    return policy.reopen_window * (1 << doublings)


def _goes_on(history: History, delivery: Delivery, now: datetime, policy: Policy) -> bool:
    """Tell whether the group's newest incident is the one that this delivery speaks of.

    One that was silent for too long is over, unless it is heard of again by an episode of its own.
    """
    if history.incident is None or history.heard_at is None:
        return False
    if history.incident.status is Status.RESOLVED or now - history.heard_at <= policy.stale_after:
        return True
    own = {(alert.fingerprint, alert.starts_at) for alert in history.incident.alerts}
    return any((alert.fingerprint, alert.starts_at) in own for alert in delivery.alerts)


def _in_order(alert: Alert) -> tuple[datetime, bool, str]:
    return alert.starts_at, alert.status is Status.RESOLVED, alert.fingerprint


class _Book:
    """The alerts of an incident while a delivery is entered, one alert after the other."""

    def __init__(self, incident: Incident | None, episodes: Mapping[Episode, frozenset[Status]]) -> None:
        self.alerts = {alert.fingerprint: alert for alert in (incident.alerts if incident else ())}
        self.fresh: list[Alert] = []
        self.duplicates = 0
        self.moved: set[str] = set()
        self._repeated: list[Alert] = []
        self._heard = dict(episodes)

    def enter(self, alert: Alert) -> None:
        """Judge one alert and note what it changes."""
        episode = (alert.fingerprint, alert.starts_at)
        heard = self._heard.get(episode, frozenset())
        stored = self.alerts.get(alert.fingerprint)
        step = _judge(alert, stored, heard)
        self._heard[episode] = heard | {alert.status}
        if step is _Step.KNOWN:
            self.duplicates += 1
            self._repeated.append(alert)
        else:
            self.fresh.append(alert)
        if step is _Step.NEWS or _restated(alert, stored):
            self.alerts[alert.fingerprint] = alert
            self.moved.add(alert.fingerprint)

    @property
    def fires(self) -> bool:
        """Whether an alert that moved is firing now."""
        return any(self.alerts[name].status is Status.FIRING for name in self.moved)

    def all(self) -> tuple[Alert, ...]:
        """The newest state of each alert, oldest first."""
        return tuple(sorted(self.alerts.values(), key=lambda alert: (alert.starts_at, alert.fingerprint)))

    def refresh(self) -> None:
        """Take over what repeated alerts say now: once something is shown anew, it shows the newest words."""
        for alert in self._repeated:
            stored = self.alerts.get(alert.fingerprint)
            if stored is not None and _same_state(alert, stored) and alert != stored:
                self.alerts[alert.fingerprint] = alert
                self.moved.add(alert.fingerprint)

    def touched(self, incident: Incident | None) -> tuple[Alert, ...]:
        """The alerts of the incident that are to be written."""
        return tuple(alert for alert in incident.alerts if alert.fingerprint in self.moved) if incident else ()


def _judge(alert: Alert, stored: Alert | None, heard: frozenset[Status]) -> _Step:
    if alert.status in heard or (stored is not None and _same_state(alert, stored)):
        return _Step.KNOWN
    if alert.status is Status.FIRING:
        newer = stored is None or alert.starts_at > stored.starts_at
        return _Step.NEWS if newer and Status.RESOLVED not in heard else _Step.LATE
    if stored is None or stored.status is Status.RESOLVED:
        return _Step.LATE
    return _Step.NEWS if _ends(alert, stored) else _Step.LATE


def _ends(resolved: Alert, firing: Alert) -> bool:
    """Tell whether a resolved alert ends the stored one.

    Alertmanager takes the earliest start when it merges the same alert from two Prometheus servers, so the
    start may have moved back since the firing was heard; then the end lies after the start that is stored.
    """
    if resolved.starts_at >= firing.starts_at:
        return True
    return resolved.ends_at is not None and resolved.ends_at > firing.starts_at


def _same_state(one: Alert, other: Alert) -> bool:
    return one.starts_at == other.starts_at and one.status is other.status


def _restated(alert: Alert, stored: Alert | None) -> bool:
    """Tell whether a firing alert comes back with another severity: the one thing a repeat can say that matters."""
    if stored is None or stored.status is Status.RESOLVED:
        return False
    return _same_state(alert, stored) and alert.severity is not stored.severity


def _outcome(
    standing: Incident | None,
    newest: Incident | None,
    book: _Book,
    delivery: Delivery,
    when: tuple[Moment, Policy],
) -> tuple[Effect, Incident | None]:
    moment, policy = when
    if standing is not None and standing.status is Status.FIRING:
        return _carried_on(standing, book, delivery, moment.now)
    if not book.fires:
        effect = Effect.RECORDED if book.fresh else Effect.REPEAT
        return effect, newest if book.duplicates else None
    if standing is not None and _soon(standing, moment.now, policy):
        return Effect.REOPENED, _reopened(standing, book, delivery)
    return Effect.OPENED, _opened(newest, book, delivery, moment)


def _carried_on(incident: Incident, book: _Book, delivery: Delivery, now: datetime) -> tuple[Effect, Incident]:
    if not book.moved:
        return (Effect.RECORDED if book.fresh else Effect.REPEAT), incident
    book.refresh()
    changed = replace(incident, alerts=book.all(), version=incident.version + 1, truncated=delivery.truncated)
    if changed.firing:
        return Effect.CHANGED, changed
    return Effect.RESOLVED, replace(changed, status=Status.RESOLVED, resolved_at=now)


def _soon(incident: Incident, now: datetime, policy: Policy) -> bool:
    """Tell whether a re-fire reopens it; the canary's always does, so that it stays one message."""
    if incident.resolved_at is None:
        return False
    return incident.synthetic or now - incident.resolved_at <= policy.reopen_window


def _reopened(incident: Incident, book: _Book, delivery: Delivery) -> Incident:
    return replace(
        incident,
        status=Status.FIRING,
        resolved_at=None,
        version=incident.version + 1,
        alerts=book.all(),
        reopened=incident.reopened + (not incident.synthetic),
        truncated=delivery.truncated,
    )


def _opened(previous: Incident | None, book: _Book, delivery: Delivery, moment: Moment) -> Incident:
    return Incident(
        id=moment.new_id,
        sender=delivery.sender,
        group_key=delivery.group_key,
        status=Status.FIRING,
        opened_at=moment.now,
        resolved_at=None,
        version=1,
        alerts=tuple(alert for alert in book.all() if alert.fingerprint in book.moved),
        previous_id=previous.id if previous else "",
        truncated=delivery.truncated,
    )
