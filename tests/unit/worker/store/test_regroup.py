"""Which alerts are one incident where the grouping is our own."""

from __future__ import annotations

from dataclasses import replace

from domain.alert import Alert, Delivery, Rejection
from tests.deliveries import delivery, firing
from worker.store.regroup import regrouped


def of(name: str, **labels: str) -> Alert:
    alert = firing(name)
    return replace(alert, labels={**alert.labels, **labels})


def names(parts: tuple[Delivery, ...]) -> list[tuple[str, str, list[str]]]:
    return [(part.sender, part.group_key, [alert.fingerprint for alert in part.alerts]) for part in parts]


def test_without_labels_a_group_is_the_senders() -> None:
    given = delivery(firing("a"), firing("b"))
    assert regrouped(given, ()) == (given,)


def test_alerts_of_two_senders_with_equal_labels_are_one_group() -> None:
    one = regrouped(delivery(of("a", service="orders")), ["service"])
    two = regrouped(replace(delivery(of("a", service="orders")), sender="grafana"), ["service"])
    assert (one[0].sender, one[0].group_key) == (two[0].sender, two[0].group_key) == ("several", '{service="orders"}')
    assert one[0].alerts[0].fingerprint != two[0].alerts[0].fingerprint


def test_alerts_of_one_delivery_are_told_apart_and_what_lacks_the_label_stays_where_it_was() -> None:
    given = delivery(of("a", team="x"), of("b", team="y"), firing("c"), of("d", team="x"), group_key="g")
    assert names(regrouped(given, ["team"])) == [
        ("alertmanager", "g", ["c"]),
        ("several", '{team="x"}', ["alertmanager:a", "alertmanager:d"]),
        ("several", '{team="y"}', ["alertmanager:b"]),
    ]


def test_what_was_not_taken_is_counted_once() -> None:
    given = replace(delivery(of("a", team="x"), of("b", team="y"), truncated=3), rejected=(Rejection(2, "bad-labels"),))
    parts = regrouped(given, ["team"])
    assert [(part.truncated, len(part.rejected)) for part in parts] == [(3, 1), (0, 0)]


def test_values_cannot_imitate_another_group() -> None:
    tricky = regrouped(delivery(of("a", team='x", zone="z'), of("b", team="x", zone="z")), ["team", "zone"])
    assert len({part.group_key for part in tricky}) == 2
