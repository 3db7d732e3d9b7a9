"""What is said of a storm to whoever looks it up, and how an incident is taken out of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.alert import Status
from worker.store.audit import Act
from worker.store.store import Store
from worker.store.storm import Member, Storm


def storm_json(storm: Storm, *, with_members: bool) -> dict[str, Any]:
    """Return a storm as JSON values; times in ISO 8601."""
    content: dict[str, Any] = {
        "id": storm.id,
        "channel": storm.channel_id,
        "began_at": storm.began_at.isoformat(),
        "ended_at": storm.ended_at.isoformat() if storm.ended_at else None,
        "version": storm.version,
        "incidents": len(storm.members),
        "alerts": sum(each.alerts for each in storm.members),
        "firing": sum(each.status is Status.FIRING for each in storm.members),
        "split": len(storm.apart),
    }
    if with_members:
        content["members"] = [_member_json(each) for each in storm.members]
        content["apart"] = [_member_json(each) for each in storm.apart]
    return content


def split(store: Store, incident: str, channel: str, act: tuple[datetime, str, str]) -> int:
    """Have an incident that a storm tells of told by itself; return in how many channels that was so.

    `channel` names one, "" is all of them. `act` is when, who and why; it is kept on record.
    """
    at, who, reason = act
    parted = 0
    for place in store.storms.of_member(incident):
        if channel in {"", place.channel_id} and (storm := store.storms.split(place, at)):
            store.audit.add(Act(at, who, "storm-split", incident, f"{storm} in {place.channel_id}. {reason}".strip()))
            parted += 1
    return parted


def _member_json(each: Member) -> dict[str, Any]:
    return {
        "incident": each.incident_id,
        "opened_at": each.opened_at.isoformat(),
        "status": each.status.value,
        "severity": each.severity.value,
        "name": each.name,
        "services": list(each.services),
        "alerts": each.alerts,
    }
