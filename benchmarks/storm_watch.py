"""What the channels were told in the end, and how long it took."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.storm_site import Site
from benchmarks.storm_traffic import Sent, send, storm
from domain.summary import Rung

_LONGEST_S = 600.0


@dataclass
class Told:
    """What came of what was sent. `waits` holds when each message's alert was sent, and how many seconds it took.

    An incident whose storm has a message is told; `waits` has those with a message of their own.
    """

    incidents: int = 0
    messages: int = 0
    edits: int = 0
    model_calls: int = 0
    by_model: int = 0
    """How many of the messages show a language model's words in the end."""
    memory_mb: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    after_emptying: float | None = None
    """The longest wait of what was sent in the ten seconds before the broker was emptied."""


def ends(site: Site, sent: Sent) -> float:
    """Wait until nothing waits any more, and return the seconds it took."""
    began = time.time()
    while time.time() - began < _LONGEST_S:
        if not site.waiting() and not set(sent.first) - {mark for mark, _ in _marks(site)} - set(site.in_storms()):
            return time.time() - began
        time.sleep(1.0)
    return time.time() - began


def told(site: Site, sent: Sent) -> Told:
    """Look at the channels."""
    storms = {incident: storm for incident, storm in site.in_storms().items() if incident in sent.first}
    ours = set(sent.first) | set(storms.values())
    found = [(mark, message) for mark, message in _marks(site) if mark in ours]
    counts = Counter(mark for mark, _ in found)
    waits = [(sent.first[m] - sent.began, float(said["ts"]) - sent.first[m]) for m, said in found if m in sent.first]
    before = [wait for at, wait in waits if 0 <= sent.emptied - sent.began - at <= 10] if sent.emptied else []
    return Told(
        incidents=len(sent.first),
        messages=len(found),
        edits=sum(int(message.get("versions", 1)) - 1 for _, message in found),
        by_model=sum(Rung(rung).by_model for rung in site.rungs(sent.first).values()),
        memory_mb=site.memory_mb(),
        lost=sorted(name for name in sent.first if name not in counts and storms.get(name) not in counts),
        doubled=sorted(mark for mark, count in counts.items() if count > 1),
        waits=waits,
        after_emptying=max(before) if before else None,
    )


def flat(site: Site, minutes: float) -> tuple[list[float], int]:
    """Send ten alerts a second for so long; return the memory at first and after each tenth, and the alerts."""
    memory, n = [site.memory_mb()], 0
    for _ in range(10):
        n += send(storm(int(60 * minutes), int(6 * minutes)), site.webhook, site.token).alerts
        memory.append(site.memory_mb())
    return memory, n


def percentile(values: Sequence[float], q: float) -> float:
    """Return a percentile, the nearest value that is there."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(q / 100 * (len(ordered) - 1)))] if ordered else 0.0


def _marks(site: Site) -> list[tuple[str, dict[str, Any]]]:
    """Return every message with the incident it is about."""
    found = []
    for channel in site.channels:
        cursor = ""
        while True:
            page = site.ask_slack(
                "conversations.history", channel=channel, limit=999, include_all_metadata=True, cursor=cursor
            )
            for message in page["messages"]:
                mark = message.get("metadata", {}).get("event_payload", {}).get("incident_id", "")
                found.append((mark.partition(":")[0], message))
            cursor = page["response_metadata"]["next_cursor"]
            if not cursor:
                break
    return found
