"""The small model of the truth: what each channel must show in the end, and what was wrong with what it showed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.faults.plan import Delivery, Plan

_STATE = re.compile(r"state (\d+) of (g\d+)")

Shown = Mapping[str, str]
"""The texts of a channel's messages by their ts."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a group's message must say in the end."""

    group: str
    words: tuple[str, ...]
    must: frozenset[str]
    may: frozenset[str]


def text_of(delivery: Delivery) -> str:
    """Return the words that every alert of a delivery carries, so that a message tells which state it shows."""
    return f"state {delivery.number} of {delivery.group}"


def truths(plan: Plan) -> tuple[Truth, ...]:
    """Return what each group's message must say, from the deliveries alone."""
    last = {delivery.group: delivery for delivery in plan.deliveries}
    found = []
    for group, delivery in last.items():
        firing = [alert for alert in delivery.alerts if alert[2]]
        ended = len(delivery.alerts) - len(firing)
        critical = any(alert[3] == "critical" for alert in firing or delivery.alerts)
        header = ("CRITICAL" if critical else "WARNING") if firing else "RESOLVED"
        counts = ", ".join(f"{n} {word}" for n, word in ((len(firing), "firing"), (ended, "resolved")) if n)
        ever = any(a[3] == "critical" for d in plan.deliveries if d.group == group for a in d.alerts)
        now = any(alert[3] == "critical" for alert in delivery.alerts)
        must = frozenset({"all", "critical"} if now else {"all"})
        found.append(
            Truth(
                group, (f"{header} · ", counts, f"{text_of(delivery)}."), must, must | ({"critical"} if ever else set())
            )
        )
    return tuple(found)


def wrongs(truth: Truth, shown: Mapping[str, Shown]) -> list[str]:
    """Return what is wrong with the messages of one group, by channel; nothing where all is as it must be."""
    found = []
    for channel in ("all", "critical"):
        texts = [text for text in shown[channel].values() if f" of {truth.group}." in text]
        if len(texts) > 1:
            found.append(f"doubled: {len(texts)} messages of {truth.group} in {channel}")
        if not texts and channel in truth.must:
            found.append(f"lost: {truth.group} has no message in {channel}")
        if texts and channel not in truth.may:
            found.append(f"astray: {truth.group} has a message in {channel}")
        missing = [words for words in truth.words if texts and words not in texts[0]]
        if missing:
            found.append(f"stale: {truth.group} in {channel} lacks {missing}")
    return found


def disorder(story: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return where a message went back to an older state."""
    newest: dict[str, int] = {}
    found = []
    for _, ts, text in story:
        state = _STATE.search(text)
        if state is None:
            continue
        number = int(state[1])
        if number < newest.get(ts, -1):
            found.append(f"back: the message {ts} of {state[2]} went from state {newest[ts]} to {number}")
        newest[ts] = max(number, newest.get(ts, -1))
    return found
