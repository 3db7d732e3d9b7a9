"""Which episode an alert belongs to where its sender does not say when it began."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.alert import Alert, Delivery, Incident, Status
from tests.deliveries import at, firing, resolved
from worker.store.anchor import anchored


def incident(alert: Alert) -> Incident:
    return Incident("i", "datadog", "g", alert.status, at(0), None, 1, (alert,))


def start(said: Alert, stored: Alert | None, dated: bool = False) -> object:
    delivery = Delivery("datadog", "g", (said,), dated=dated)
    return anchored(delivery, incident(stored) if stored else None).alerts[0].starts_at


@pytest.mark.parametrize(
    ("said", "stored", "expected"),
    [
        (firing(start=5), None, at(5)),
        (firing(start=5), firing(start=1), at(1)),
        (resolved(start=5, end=5), firing(start=1), at(1)),
        (resolved(start=0, end=0), firing(start=1), at(0)),
        (firing(start=3), resolved(start=1, end=4), at(1)),
        (firing(start=5), resolved(start=1, end=4), at(5)),
        (resolved(start=6, end=6), resolved(start=1, end=4), at(1)),
        (firing("memory", start=5), firing("disk", start=1), at(5)),
    ],
    ids=[
        "nothing known: it begins when it was said",
        "it still fires: a repeat",
        "it ends what is open",
        "it was right again before this began: late",
        "said before the last one ended: a repeat of that",
        "said after the last one ended: a new one",
        "said to be right twice",
        "another alert",
    ],
)
def test_what_is_said_finds_its_episode(said: Alert, stored: Alert | None, expected: object) -> None:
    assert start(said, stored) == expected


def test_a_sender_that_gives_the_start_is_believed() -> None:
    assert start(firing(start=5), firing(start=1), dated=True) == at(5)


def test_only_the_start_is_changed() -> None:
    said = resolved(start=5, end=5)
    (found,) = anchored(Delivery("datadog", "g", (said,), dated=False), incident(firing(start=1))).alerts
    assert found == replace(said, starts_at=at(1))
    assert found.status is Status.RESOLVED
