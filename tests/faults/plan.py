"""What happens in one run, made from its seed: traffic, where a process is killed, and what else goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass

STEPS = tuple(
    f"{call}:{when}"
    for call in (
        "inbox.receive", "bell.ring", "outbox.claim", "outbox.finish", "outbox.retry", "search.evidence",
        "summarizer.first", "summarizer.improved", "messages.begin", "messages.posted", "messages.edited",
        "messages.reply_once", "slack.post", "slack.edit", "slack.reply", "slack.find", "runs.record",
    )
    for when in ("before", "after")
)  # fmt: skip
"""Every step of the path of an alert at which a process can be stopped dead."""

FAULTS = (
    "none", "none", "redis_stopped", "redis_flushed", "redis_slow", "database_cut", "database_slow",
    "index_down", "index_slow", "index_lying", "model_down", "model_slow", "model_lying", "model_drip",
    "slack_429", "slack_5xx", "slack_5xx_accepted", "slack_dropped", "slack_accepted_dropped",
    "slack_accepted_stalled", "slack_revoked", "slack_history_lags", "worker_frozen", "killed_at_random",
)  # fmt: skip
"""What else goes wrong in a run; "none" leaves the kill alone."""

SEEDS = 1024
"""How many runs make the whole proof: the first 816 seeds walk through every pair of a step and a fault."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A process dies when it comes to a step for the nth time; in the given life of the process, counted from 0."""

    step: str
    nth: int
    life: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is sent to the webhook: the state of each alert of a group, as (name, starts, firing, severity)."""

    group: str
    number: int
    alerts: tuple[tuple[str, int, bool, str], ...]
    times: int
    pause_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    seed: int
    database: str
    apart: bool
    model: bool
    kills: tuple[Kill, ...]
    fault: str
    fault_after: int
    fault_s: float
    deliveries: tuple[Delivery, ...]


def plan(seed: int) -> Plan:
    """Return the run of a seed; consecutive seeds walk through every step, then every fault, then both databases."""
    chance = random.Random(f"faults-2:{seed}")
    step = STEPS[seed % len(STEPS)]
    fault = FAULTS[(seed // len(STEPS) + seed) % len(FAULTS)]
    rare = step.startswith(("outbox.retry", "slack.find", "slack.reply", "messages.reply_once"))
    kills = [Kill(step, 1 if rare else chance.choice((1, 1, 2, 3, 5)))]
    if chance.random() < 0.35:  # it dies again, in its next life
        kills.append(Kill(chance.choice(STEPS), chance.choice((1, 1, 2)), life=1))
    deliveries = _traffic(chance)
    return Plan(
        seed=seed,
        database="sqlite" if (seed // len(FAULTS)) % 2 == 0 else "postgresql",
        apart=fault == "worker_frozen" or chance.random() < 0.4,
        model=fault.startswith("model") or step.startswith("summarizer.improved") or chance.random() < 0.2,
        kills=tuple(kills),
        fault=fault,
        fault_after=chance.randrange(0, max(1, len(deliveries) - 2)),
        fault_s=chance.choice((0.5, 1.0, 1.6)),
        deliveries=deliveries,
    )


def _traffic(chance: random.Random) -> tuple[Delivery, ...]:
    """Return the deliveries of three groups, mixed, each group's in their order."""
    waiting = {f"g{number}": _group(f"g{number}", chance) for number in range(3)}
    mixed: list[Delivery] = []
    while any(waiting.values()):
        name = chance.choice([name for name, rest in waiting.items() if rest])
        mixed.append(waiting[name].pop(0))
    return tuple(mixed)


def _group(group: str, chance: random.Random) -> list[Delivery]:
    """Return the deliveries of one group: it fires, grows, worsens, loses its oldest, ends, flaps."""
    states: list[tuple[tuple[str, int, bool, str], ...]] = []
    alerts: dict[str, tuple[int, bool, str]] = {"a": (0, True, "warning")}
    for number in range(chance.randrange(2, 6)):
        if number:
            _move(alerts, number, chance)
        states.append(tuple((name, *state) for name, state in alerts.items()))
    return [
        Delivery(group, number, state, times=chance.choice((1, 1, 2)), pause_s=chance.choice((0.0, 0.0, 0.05, 0.3)))
        for number, state in enumerate(states)
    ]


def _move(alerts: dict[str, tuple[int, bool, str]], number: int, chance: random.Random) -> None:
    """Change the group in one way that a channel is to be told of."""
    firing = [name for name, (_, fires, _) in alerts.items() if fires]
    what = chance.choice(("joined", "worse", "oldest ends", "all end", "joined"))
    if not firing:
        alerts["a"] = (number * 10, True, "warning")  # it fires again
    elif what == "joined" or (what == "worse" and alerts[firing[0]][2] == "critical"):
        alerts[f"b{number}"] = (number * 10, True, "warning")
    elif what == "worse":
        start, fires, _ = alerts[firing[0]]
        alerts[firing[0]] = (start, fires, "critical")
    else:
        for name in firing if what == "all end" else firing[:1]:
            start, _, severity = alerts[name]
            alerts[name] = (start, False, severity)
