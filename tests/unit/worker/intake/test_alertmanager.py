"""What Alertmanager sends, and what becomes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alert import Delivery, Status
from domain.errors import BadInput
from worker.intake import groups
from worker.intake.alertmanager import parse
from worker.intake.text import ANNOTATION_CHARACTERS, LABEL_CHARACTERS

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).parents[5] / "shared")  # noqa: TID251 - where the public data lies


def published(name: str) -> bytes:
    file = SHARED / "payloads" / "alertmanager" / name
    if not file.exists():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    return file.read_bytes()


def alert(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"},
        "annotations": {"summary": "The disk of db-1 is full"},
        "startsAt": "2026-11-21T02:55:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
        "fingerprint": "00c0ffee00c0ffee",
    }
    content.update(changes)
    return {name: value for name, value in content.items() if value is not ...}


def group(*alerts: object, **changes: Any) -> bytes:
    content: dict[str, Any] = {
        "version": "4",
        "groupKey": '{}:{alertname="DiskFull"}',
        "status": "firing",
        "receiver": "middlewatch",
        "groupLabels": {"alertname": "DiskFull"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager-0.example.com:9093",
        "truncatedAlerts": 0,
        "alerts": list(alerts),
    }
    content.update(changes)
    return json.dumps({name: value for name, value in content.items() if value is not ...}).encode()


def read(body: bytes) -> Delivery:
    return parse(body, {}, NOW)


def reasons(delivery: Delivery) -> list[tuple[int, str]]:
    return [(rejection.position, rejection.reason) for rejection in delivery.rejected]


@pytest.mark.parametrize(
    ("name", "key", "fingerprint", "status", "starts_at"),
    [
        ("alerta-prometheus-v4-alert.json", "{}:{alertname=thing_dead}", None, "firing", "2017-08-03T19:17:37.804000"),
        (
            "opensre-alertmanager-alert.json",
            '{}:{alertname="HighErrorRate"}',
            "a1b2c3d4e5f6a7b8",
            "firing",
            "2024-01-15T10:25:00",
        ),
        # the alert has no status of its own: the group's counts; nine fractional digits
        (
            "prometheus-msteams-prom-post-request.json",
            '{}:{alertname="high_memory_load"}',
            None,
            "firing",
            "2018-03-07T11:33:21.873077",
        ),
        ("runlore-firing.json", "g1", "abc", "firing", "2026-06-27T10:00:00"),
        ("runlore-resolved.json", "g1", "abc", "resolved", "2026-06-27T10:00:00"),
    ],
)
def test_it_reads_key_status_and_times_of_published_payloads(
    name: str, key: str, fingerprint: str | None, status: str, starts_at: str
) -> None:
    delivery = read(published(name))

    assert delivery.group_key == key
    assert delivery.rejected == ()
    (only,) = delivery.alerts
    assert only.status == status
    assert only.starts_at.isoformat() == f"{starts_at}+00:00"
    assert only.ends_at is None
    assert only.fingerprint == (fingerprint or groups.fingerprint(only.labels))


def test_every_published_payload_is_covered() -> None:
    folder = SHARED / "payloads" / "alertmanager"
    if not folder.exists():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    for file in folder.glob("*.json"):
        assert read(file.read_bytes()).alerts, file.name


def test_a_pair_of_alertmanagers_gives_the_same_keys_for_differing_bodies() -> None:
    first, second = alert(), alert(fingerprint=..., labels={"alertname": "DiskFull", "instance": "db-2"})
    one = read(group(first, second))
    two = read(
        group(
            second, first,
            receiver="middlewatch-b", externalURL="http://alertmanager-1.example.com:9093",
            notification_reason="repeat interval elapsed", routeLabels={"a": "b"},
        )
    )  # fmt: skip

    assert one.group_key == two.group_key
    assert {(a.fingerprint, a.starts_at) for a in one.alerts} == {(a.fingerprint, a.starts_at) for a in two.alerts}


def test_a_pair_agrees_where_the_group_key_is_missing_too() -> None:
    one = read(group(alert(), groupKey=...))
    two = read(group(alert(), groupKey=..., receiver="other"))

    assert one.group_key == two.group_key == '{}:{alertname="DiskFull"}'


def test_a_group_without_key_and_labels_is_named_after_its_receiver_and_alert() -> None:
    assert read(group(alert(), groupKey=..., groupLabels=...)).group_key == 'middlewatch:{alertname="DiskFull"}'
    other = alert(labels={"alertname": "Other"})
    assert read(group(alert(), other, groupKey=..., groupLabels={})).group_key == "middlewatch:{}"


@pytest.mark.parametrize("version", [..., None, "", "4", 4])
def test_a_missing_version_is_version_four(version: object) -> None:
    assert len(read(group(alert(), version=version)).alerts) == 1


@pytest.mark.parametrize("version", ["5", "3", "1", 40, [], {}, "4.0"])
def test_it_refuses_a_version_that_it_does_not_know(version: object) -> None:
    with pytest.raises(BadInput) as caught:
        read(group(alert(), version=version))
    assert caught.value.reason == "unknown-version"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("DiskFull", "not-an-object"),
        (None, "not-an-object"),
        ([], "not-an-object"),
        (7, "not-an-object"),
        ({}, "bad-labels"),
        (alert(labels=...), "bad-labels"),
        (alert(labels=None), "bad-labels"),
        (alert(labels={}), "bad-labels"),
        (alert(labels={"": "x"}), "bad-labels"),
        (alert(labels="x"), "bad-labels"),
        (alert(labels={"alertname": 5}), "bad-labels"),
        (alert(labels={"alertname": None}), "bad-labels"),
        (alert(annotations=[]), "bad-annotations"),
        (alert(annotations={"summary": {}}), "bad-annotations"),
        (alert(status="burning"), "bad-status"),
        (alert(status=1), "bad-status"),
        (alert(startsAt=...), "bad-start-time"),
        (alert(startsAt=None), "bad-start-time"),
        (alert(startsAt=1700000000), "bad-start-time"),
        (alert(startsAt="yesterday"), "bad-start-time"),
        (alert(startsAt="2026-11-21T02:55:00"), "bad-start-time"),  # no offset
        (alert(startsAt="2026-02-30T00:00:00Z"), "bad-start-time"),
        (alert(startsAt="0001-01-01T00:00:00Z"), "bad-start-time"),
        (alert(startsAt="0001-01-01T00:00:00+10:00"), "bad-start-time"),  # before the first year in UTC
        (alert(startsAt="9999-12-31T23:59:59-10:00"), "bad-start-time"),  # after the last
        (alert(startsAt="2026-11-23T00:00:00Z"), "bad-start-time"),  # two days ahead
        (alert(startsAt="٢٠٢٦-11-21T02:55:00Z"), "bad-start-time"),  # digits of another script
    ],
)  # fmt: skip
def test_it_keeps_the_good_alerts_when_their_neighbour_is_bad(bad: object, reason: str) -> None:
    delivery = read(group(alert(fingerprint="before"), bad, alert(fingerprint="after")))

    assert [a.fingerprint for a in delivery.alerts] == ["before", "after"]
    assert reasons(delivery) == [(1, reason)]


def test_an_alert_is_not_lost_for_a_field_that_it_can_do_without() -> None:
    odd = alert(endsAt=5, generatorURL={}, fingerprint=7, silenceURL=[[]], annotations=None)

    (only,) = read(group(odd, groupLabels=3, commonLabels=[], externalURL=1, truncatedAlerts="many")).alerts

    assert only.fingerprint == groups.fingerprint(odd["labels"])
    assert (only.ends_at, only.link, only.annotations) == (None, "", {})


def test_status_falls_back_to_the_group_then_to_firing() -> None:
    silent = alert(status=...)
    assert read(group(silent, status="resolved")).alerts[0].status is Status.RESOLVED
    assert read(group(silent, status=...)).alerts[0].status is Status.FIRING
    assert read(group(alert(status="firing"), status="resolved")).alerts[0].status is Status.FIRING


@pytest.mark.parametrize(
    ("status", "ends_at", "expected"),
    [
        ("firing", "0001-01-01T00:00:00Z", None),
        ("firing", "2026-11-21T03:10:00Z", None),  # when Alertmanager would give it up
        ("resolved", "2026-11-21T02:58:00.123456789Z", datetime(2026, 11, 21, 2, 58, 0, 123456, UTC)),
        ("resolved", "2026-11-21T03:58:00+01:00", datetime(2026, 11, 21, 2, 58, tzinfo=UTC)),
        ("resolved", "2026-11-21T02:50:00Z", None),  # before its start
        ("resolved", "0001-01-01T00:00:00Z", None),
    ],
)
def test_an_alert_has_an_end_only_when_it_is_over(status: str, ends_at: str, expected: datetime | None) -> None:
    assert read(group(alert(status=status, endsAt=ends_at))).alerts[0].ends_at == expected


def test_what_the_group_has_in_common_stands_under_the_alerts_own() -> None:
    body = group(
        alert(labels={"alertname": "DiskFull", "team": "own"}, annotations={"summary": "own"}),
        commonLabels={"team": "common", "service": "orders"},
        commonAnnotations={"summary": "common", "runbook_url": "https://wiki.example.com/disk"},
    )

    (only,) = read(body).alerts

    assert only.labels == {"alertname": "DiskFull", "service": "orders", "team": "own"}
    assert only.annotations == {"runbook_url": "https://wiki.example.com/disk", "summary": "own"}


def test_a_computed_fingerprint_does_not_move_with_what_the_group_has_in_common() -> None:
    bare = alert(fingerprint=...)
    alone, together = read(group(bare, commonLabels={"zone": "a"})), read(group(bare))
    assert alone.alerts[0].fingerprint == together.alerts[0].fingerprint


def test_text_that_no_database_takes_is_stored_safely() -> None:
    body = group(alert()).replace(b'DiskFull", "severity', b'Disk\\u0000Full\\ud800", "severity')
    assert read(body).alerts[0].labels["alertname"] == "Disk\ufffdFull\ufffd"


def test_bytes_that_are_not_utf8_spoil_only_their_own_characters() -> None:
    body = group(alert()).replace(b"The disk", b"The \xff\xfe disk")
    assert read(body).alerts[0].annotations["summary"] == "The \ufffd\ufffd disk of db-1 is full"


def test_a_link_that_is_none_is_left_out() -> None:
    assert read(group(alert(generatorURL="javascript:alert(1)"))).alerts[0].link == ""


def test_long_values_are_cut_and_not_refused() -> None:
    (only,) = read(
        group(alert(labels={"alertname": "A" * 5000}, annotations={"summary": "s" * 100_000}, fingerprint="f" * 5000))
    ).alerts

    assert len(only.labels["alertname"]) == LABEL_CHARACTERS
    assert only.labels["alertname"].endswith("…")
    assert len(only.annotations["summary"]) == ANNOTATION_CHARACTERS
    assert len(only.fingerprint) <= 512


def test_alerts_beyond_the_bound_are_counted() -> None:
    lots = [alert(fingerprint=f"{number:x}") for number in range(groups.MOST_ALERTS + 3)]
    delivery = read(group(*lots, truncatedAlerts=4))
    assert len(delivery.alerts) == groups.MOST_ALERTS
    assert delivery.truncated == 7


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty-body"),
        (b"{", "not-json"),
        (b"[]", "not-an-object"),
        (b"null", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b"{}", "no-alerts"),
        (b'{"alerts": {}}', "no-alerts"),
        (b'{"alerts": "x"}', "no-alerts"),
        (b'{"alerts": []}', "no-alerts"),
    ],
)
def test_it_says_why_nothing_can_be_understood(body: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize("clock", [lambda: NOW, lambda: NOW + timedelta(days=400)])
def test_parsing_is_pure(clock: Callable[[], datetime]) -> None:
    body = group(alert(), alert(status="resolved", endsAt="2026-11-21T02:59:00Z"))
    assert parse(body, {}, clock()) == parse(body, {}, clock()) == read(body)
