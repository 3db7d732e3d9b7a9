"""What Grafana sends, and what becomes of it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alert import Status
from domain.errors import BadInput
from worker.intake.grafana import parse

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).parents[5] / "shared")  # noqa: TID251 - where the public data lies

ALERT = {
    "status": "resolved",
    "labels": {"alertname": "CheckoutSlow", "grafana_folder": "Shop"},
    "annotations": {"summary": "Checkout takes 4 s"},
    "startsAt": "2026-11-21T03:31:00+01:00",
    "endsAt": "2026-11-21T02:45:00Z",
    "generatorURL": "https://grafana.example.com/alerting/1/edit",
    "fingerprint": "57c6d9296de2ad39",
    "values": {"B": 4.2},
    "valueString": "[ var='B' value=4.2 ]",
}
GROUP = {
    "version": "1",
    "orgId": 1,
    "state": "ok",
    "status": "resolved",
    "title": "[RESOLVED]",
    "message": "…",
    "groupKey": '{}/{team="shop"}:{alertname="CheckoutSlow"}',
    "externalURL": "https://grafana.example.com/",
    "alerts": [ALERT],
}


def published(name: str) -> bytes:
    file = SHARED / "payloads" / "grafana" / name
    if not file.exists():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    return file.read_bytes()


def test_it_reads_the_current_form() -> None:
    delivery = parse(json.dumps(GROUP).encode(), {}, NOW)

    (only,) = delivery.alerts
    assert delivery.sender == "grafana"
    assert delivery.group_key == GROUP["groupKey"]
    assert only.status is Status.RESOLVED
    assert only.starts_at == datetime(2026, 11, 21, 2, 31, tzinfo=UTC)
    assert only.ends_at == datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
    assert only.fingerprint == "57c6d9296de2ad39"


def test_it_reads_the_published_payload_of_the_current_form() -> None:
    delivery = parse(published("grafana-docs-webhook-notifier.json"), {}, NOW)

    assert delivery.group_key == "{}:{}"
    assert [(a.fingerprint, a.status, a.starts_at.isoformat(), a.ends_at) for a in delivery.alerts] == [
        ("c6eadffa33fcdf37", "firing", "2021-10-12T07:51:03.157076+00:00", None),
        ("bc97ff14869b13e3", "firing", "2021-10-12T07:56:03.157076+00:00", None),
    ]


@pytest.mark.parametrize(
    "name", ["alerta-grafana-6.json", "alerta-grafana-alert-alerting.json", "alerta-grafana-alert-ok.json"]
)
def test_it_refuses_published_payloads_of_the_legacy_form(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(published(name), {}, NOW)
    assert caught.value.reason == "grafana-legacy"
    assert "unified alerting" in caught.value.mend


@pytest.mark.parametrize("key", ["evalMatches", "ruleId", "ruleName", "ruleUrl"])
def test_it_knows_the_legacy_form_by_any_of_its_own_fields(key: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(json.dumps({key: [], "state": "alerting"}).encode(), {}, NOW)
    assert caught.value.reason == "grafana-legacy"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"version": "4"}, "unknown-version"), ({"version": "2"}, "unknown-version"), ({"alerts": []}, "no-alerts")],
)
def test_it_says_why_nothing_can_be_understood(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(json.dumps(GROUP | changes).encode(), {}, NOW)
    assert caught.value.reason == reason
