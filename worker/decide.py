"""Decide what becomes of an incident in one channel: pure, and the answer is a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.alert import FLAPS_AFTER, Incident, Severity, Status


class Decision(StrEnum):
    """What to do with a channel's message; also the label of the metric."""

    NEW = "new"
    """Nothing was said yet: post the message."""
    WORSE = "worse"
    """The severity rose or another service is hit: edit, and reply in the thread, because edits notify nobody."""
    REOPENED = "reopened"
    """It fires again after it had resolved: edit, and reply in the thread."""
    FLAPPING = "flapping"
    """It fires again, and has so often that nobody is to be woken by it any more: edit."""
    CHANGED = "changed"
    """Something else moved: edit."""
    RESOLVED = "resolved"
    """All its alerts have resolved: edit."""
    READERS = "readers"
    """Who may read what has changed since: edit, so that it shows what its readers may read now."""
    OWED = "owed"
    """Nothing moved, but the language model is yet to be asked: ask it, and edit."""
    REPEAT = "repeat"
    """The message already says so: leave it."""
    STORM = "storm"
    """So many begin at once that it is told with the others, in the channel's storm message. Never a critical one."""
    SILENT = "silent"
    """A silence covers it: keep it on record, and look again when the silence ends."""


NOTIFYING = frozenset({Decision.WORSE, Decision.REOPENED})
"""The decisions that are also told in the thread."""

SUMMARIZING = frozenset({Decision.NEW, Decision.WORSE, Decision.REOPENED, Decision.OWED})
"""The decisions for which the language model is asked again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a channel's message says of the incident.

    `outdated`: it rests on what the channel's readers may not read any more, or was made while they were not known.
    `owed`: the language model is yet to be asked for its words.
    """

    version: int
    status: Status
    severity: Severity
    services: tuple[str, ...]
    reopened: int
    outdated: bool = False
    owed: bool = False

    @classmethod
    def of(cls, incident: Incident, *, owed: bool = False) -> Shown:
        """Return what a message about this incident, as it stands, says."""
        said = (incident.version, incident.status, incident.severity, incident.services, incident.reopened)
        return cls(*said, owed=owed)


@dataclass(frozen=True, slots=True)
class Weather:
    """How things stand in a channel for one incident.

    `begun`: it has a message of its own there, or may have one. `apart`: somebody gave it one of its own. `storm`: more
    began there lately than are told one by one. `noted` is its version that the channel's storm message counts, 0 where
    that does not tell of it. `silent`: a silence covers it now; `hushed`: one did, and nothing was said of it.
    """

    begun: bool = False
    apart: bool = False
    storm: bool = False
    noted: int = 0
    silent: bool = False
    hushed: bool = False


FAIR = Weather()
"""Nothing is out of the ordinary."""


def decide(incident: Incident, shown: Shown | None, weather: Weather = FAIR) -> Decision:
    """Compare an incident with what the channel was shown of it, as things stand there."""
    if shown is None:
        return _first(incident, weather)
    word = _further(incident, shown)
    return Decision.CHANGED if weather.silent and word in NOTIFYING else word


def _first(incident: Incident, weather: Weather) -> Decision:
    """Decide on an incident that has no message in the channel yet."""
    if weather.begun or weather.apart:
        return Decision.NEW
    critical = incident.severity is Severity.CRITICAL
    if weather.noted and not critical:
        return Decision.STORM if incident.version > weather.noted else Decision.REPEAT
    if weather.silent or (weather.hushed and incident.status is Status.RESOLVED):
        return Decision.SILENT
    return Decision.STORM if weather.storm and not critical else Decision.NEW


def _further(incident: Incident, shown: Shown) -> Decision:
    if incident.version <= shown.version:
        return _unmoved(incident, shown)
    if incident.status is Status.RESOLVED:
        return Decision.RESOLVED
    worse = incident.severity.rank < shown.severity.rank
    if incident.reopened > shown.reopened:
        return Decision.REOPENED if worse or incident.reopened <= FLAPS_AFTER else Decision.FLAPPING
    if worse or set(incident.services) - set(shown.services):
        return Decision.WORSE
    return Decision.CHANGED


def _unmoved(incident: Incident, shown: Shown) -> Decision:
    if shown.outdated:
        return Decision.READERS
    owed = shown.owed and incident.version == shown.version and incident.status is Status.FIRING
    return Decision.OWED if owed else Decision.REPEAT
