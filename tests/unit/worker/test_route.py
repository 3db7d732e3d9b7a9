"""Which channels an incident goes to."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from worker.route import Channel, route

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)


def channel(name: str, match: dict[str, str] | None = None, default: bool = False) -> Channel:
    return Channel(name, name, Audience.of([name]), match or {}, name, default=default)


def incident(*labels: dict[str, str]) -> Incident:
    alerts = tuple(Alert(str(n), Status.FIRING, each, {}, AT) for n, each in enumerate(labels))
    return Incident("i1", "alertmanager", "g", Status.FIRING, AT, None, 1, alerts)


CHANNELS = (
    channel("payments", {"team": "payments"}),
    channel("critical", {"severity": "critical"}),
    channel("rest", default=True),
)


def names(*labels: dict[str, str]) -> list[str]:
    return [each.id for each in route(incident(*labels), CHANNELS)]


def test_it_goes_to_every_channel_that_matches_one_of_its_alerts() -> None:
    assert names({"team": "payments"}, {"severity": "critical"}) == ["payments", "critical"]


def test_what_nothing_matches_goes_to_the_default_channel() -> None:
    assert names({"team": "search"}) == ["rest"]


def test_a_channel_that_asks_for_no_labels_matches_nothing() -> None:
    assert route(incident({"team": "x"}), (channel("all"),)) == ()


def test_all_the_labels_must_be_on_one_alert() -> None:
    both = (channel("both", {"team": "payments", "severity": "critical"}),)
    assert route(incident({"team": "payments"}, {"severity": "critical"}), both) == ()


def test_a_label_that_names_a_channel_chooses_nothing() -> None:
    assert names({"channel": "payments", "slack_channel": "critical"}) == ["rest"]
