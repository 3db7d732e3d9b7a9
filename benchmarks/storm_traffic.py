"""What senders send: a plan of deliveries by time, and the threads that keep to it."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

SERVICES = 40
_KINDS = (
    ("OrdersDbVolumeFillingUp", "The volume of orders-db is 86% full and will be full in 3h 40m"),
    ("CheckoutApiLatencyHigh", "The checkout answers in 4.2 s (p95)"),
    ("PaymentsGatewayErrorRateHigh", "12% of payments fail at the gateway"),
    ("KubePodCrashLooping", "A pod restarts over and over"),
    ("RedisMemoryHigh", "Redis uses 93% of its memory"),
    ("MailQueueBacklog", "18,000 mails wait in the queue"),
    ("SearchClusterRed", "The search cluster is red: shards are missing"),
    ("KubeNodeNotReady", "A node has not been ready for 10 minutes"),
)
"""What fires: each has a runbook among the samples."""
_SENDERS = 24


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery: when, in seconds from the start, and its body."""

    at: float
    group: str
    body: bytes
    alerts: int
    firing: bool


@dataclass
class Sent:
    """What senders know. `first` is when each incident was first told of; times are seconds since the epoch."""

    alerts: int = 0
    deliveries: int = 0
    accepted: int = 0
    duplicates: int = 0
    shed: int = 0
    began: float = 0.0
    emptied: float = 0.0
    acks: list[float] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)


def rate(seconds: int, channels: int) -> list[Due]:
    """100 deliveries a second: five new incidents over all channels in turn, 95 repeats of what is known."""
    began = datetime.now(UTC)
    plan: list[Due] = []
    chance = random.Random("rate")
    for tick in range(seconds * 100):
        number = tick // 20 if tick % 20 == 0 else chance.randrange(tick // 20 + 1)
        plan.append(_due(tick / 100, ("rate", number), {"a": True}, began, channels))
    return plan


def steady(seconds: int, channels: int) -> list[Due]:
    """Five new incidents a second, over all channels in turn."""
    began = datetime.now(UTC)
    return [_due(n / 5, ("steady", n), {"a": True}, began, channels) for n in range(seconds * 5)]


def storm(alerts: int, seconds: int) -> list[Due]:
    """So many alerts in so many seconds: groups that grow, flap and resolve, one delivery in four sent twice."""
    chance, began = random.Random("storm"), datetime.now(UTC)
    groups: dict[int, dict[str, bool]] = {}
    plan: list[Due] = []
    sent = 0
    while sent < alerts:
        number = chance.randrange(SERVICES * 8)
        states = groups.setdefault(number, {})
        _move(states, chance)
        at = seconds * sent / alerts
        for late in (0.0, 0.2)[: 2 if chance.random() < 0.25 else 1]:
            plan.append(_due(at + late, ("storm", number), states, began))
            sent += len(states)
    return sorted(plan, key=lambda due: due.at)


def _move(states: dict[str, bool], chance: random.Random) -> None:
    firing = [name for name, fires in states.items() if fires]
    if not firing or chance.random() < 0.6:
        states[f"a{chance.randrange(12)}"] = True
    else:
        states[chance.choice(firing)] = False


def _due(at: float, named: tuple[str, int], states: dict[str, bool], began: datetime, channels: int = 5) -> Due:
    group, number = f"{named[0]}{named[1]}", named[1]
    service = f"service-{number % SERVICES}"
    labels = {"service": service, "team": f"t{number % channels}", "severity": "warning", "cluster": "harbour-1"}
    written = [_alert(name, fires, labels, began, at) for name, fires in states.items()]
    body = {"version": "4", "groupKey": f"{{}}:{{group={group}-{began:%H%M%S%f}}}", "alerts": written}
    return Due(at, group, json.dumps(body).encode(), len(written), any(states.values()))


def _alert(name: str, fires: bool, labels: dict[str, str], began: datetime, at: float) -> dict[str, Any]:
    alertname, summary = _KINDS[int(labels["service"].rpartition("-")[2]) % len(_KINDS)]
    texts = {"summary": summary, "description": f"{name} of {labels['service']}."}
    ended = (began + timedelta(seconds=at)).isoformat() if not fires else "0001-01-01T00:00:00Z"
    return {
        "status": "firing" if fires else "resolved",
        "labels": {
            **labels,
            "alertname": alertname,
            "instance": name,
            "pod": f"{labels['service']}-{name}-7f9c",
        },
        "annotations": texts,
        "startsAt": began.isoformat(),
        "endsAt": ended,
        "generatorURL": "https://prometheus.example.com/graph?g0.expr=up",
    }


def send(plan: list[Due], webhook: str, token: str, act: tuple[float, Callable[[], None]] | None = None) -> Sent:
    """Send a plan at its times, whatever the answers take; a 503 is sent again later, as Alertmanager does."""
    sent, lock, pending = Sent(began=time.time()), threading.Lock(), iter(plan)
    start = time.perf_counter()
    with ThreadPoolExecutor(_SENDERS) as senders:
        for _ in range(_SENDERS):
            senders.submit(_sender, pending, lock, sent, (start, webhook, token))
        if act:
            time.sleep(max(0.0, act[0] - (time.perf_counter() - start)))
            act[1]()
            sent.emptied = time.time()
    return sent


def _sender(pending: Iterator[Due], lock: threading.Lock, sent: Sent, how: tuple[float, str, str]) -> None:
    start, webhook, token = how
    address = urlsplit(webhook)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    while True:
        with lock:
            due = next(pending, None)
        if due is None:
            return
        time.sleep(max(0.0, due.at - (time.perf_counter() - start)))
        began = time.time()
        while not _post(connection, address.path, due, headers, (lock, sent, began)):
            time.sleep(0.5)


def _post(
    connection: http.client.HTTPConnection,
    path: str,
    due: Due,
    headers: dict[str, str],
    book: tuple[threading.Lock, Sent, float],
) -> bool:
    lock, sent, first = book
    began = time.perf_counter()
    try:
        connection.request("POST", path, due.body, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        connection.close()
        answer, content = None, {}
    with lock:
        sent.acks.append(time.perf_counter() - began)
        if answer is None or answer.status != 202:
            sent.shed += 1
            return False
        sent.deliveries += 1
        sent.alerts += due.alerts
        sent.accepted += content["accepted"]
        sent.duplicates += content["duplicates"]
        for incident in content["incidents"]:
            sent.first.setdefault(incident, first)
    return True
