"""What a storm is: many incidents that one message of their channel tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.alert import Incident, Severity, Status
from worker.store.messages import Begun

SENDER = "storm"
"""The sender that storms are kept under; no webhook has this name."""

PREFIX = "storm-"
"""Begins the id of every storm."""


def is_storm(incident_id: str) -> bool:
    """Tell whether an id is that of a storm."""
    return incident_id.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class Member:
    """What a storm counts of one incident, as it was when it was last looked at. Its words come from the alerts."""

    incident_id: str
    version: int
    opened_at: datetime
    status: Status
    severity: Severity
    name: str
    services: tuple[str, ...]
    alerts: int
    link: str = ""

    @classmethod
    def of(cls, incident: Incident) -> Member:
        """Return what a storm counts of an incident."""
        lead = incident.lead
        return cls(
            incident_id=incident.id,
            version=incident.version,
            opened_at=incident.opened_at,
            status=incident.status,
            severity=incident.severity,
            name=(lead.name or lead.summary)[:_LONGEST],
            services=tuple(service[:_LONGEST] for service in incident.services[:_MOST_SERVICES]),
            alerts=len(incident.alerts),
            link=lead.link,
        )


_LONGEST, _MOST_SERVICES = 120, 20


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm as it stands. `members` are the incidents it tells of, in the order in which they began.

    `apart` are those that were given a message of their own since; `alone` counts the messages of their own that the
    channel had from a while before the storm until its end.
    """

    id: str
    channel_id: str
    began_at: datetime
    ended_at: datetime | None
    version: int
    members: tuple[Member, ...] = ()
    apart: tuple[Member, ...] = ()
    alone: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How things stand in a channel for one incident that has no message there.

    `recent` counts the incidents that it was told of lately, by themselves or not, up to the number asked for; `storm`
    is the id of the storm that goes on there. `state` is that of the incident's own row, None where there is none;
    `noted` is the incident's version that its storm counts, and `apart` says that it was taken out of a storm.
    """

    recent: int
    storm: str
    state: Begun | None = None
    noted: int = 0
    apart: bool = False
