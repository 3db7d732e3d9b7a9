"""Whom a call to a language model is for, and the error that says that it may not be made."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access import Audience
from domain.alert import Incident
from domain.errors import Refused

_TEAM_LABELS = ("team", "owner", "squad")


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call is put down to. `audience` and `snapshot` say whose answer it is: nobody else is given it again."""

    incident_id: str
    team: str
    service: str
    audience: Audience
    snapshot: str


class OverBudget(Refused):
    """The budget does not allow the call; `reason` says which."""

    reason = "over-budget"


def bill_of(incident: Incident, audience: Audience, snapshot: str) -> Bill:
    """Return the bill of an incident: its lead alert names the team and the service, "" where it does not."""
    lead = incident.lead
    team = next((lead.labels[name] for name in _TEAM_LABELS if lead.labels.get(name)), "")
    return Bill(incident.id, team, lead.service, audience, snapshot)
