"""Payloads that others have published, in the forms that have no module of their own in these tests."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alert import Delivery, Status
from domain.errors import BadInput
from worker.intake import cloudwatch, datadog, sentry

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SHARED = Path(os.environ.get("MIDDLEWATCH_TEST_SHARED") or Path(__file__).parents[5] / "shared")  # noqa: TID251 - where the public data lies


def published(name: str) -> bytes:
    file = SHARED / "payloads" / name
    if not file.exists():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    return file.read_bytes()


@pytest.mark.parametrize("number", ["02", "04", "06", "16", "23"])
def test_captured_deliveries_of_datadog_are_understood(number: str) -> None:
    delivery = datadog.parse(published(f"datadog/keep-raw-{number}.json"), {}, NOW)
    (alert,) = delivery.alerts
    assert delivery.group_key.isdigit()
    assert alert.name
    assert not alert.name.startswith("[")
    assert alert.labels["scope"].split(":")[0] in {*alert.labels, "*"}
    recovered = b'"Recovered"' in published(f"datadog/keep-raw-{number}.json")
    assert alert.status is (Status.RESOLVED if recovered else Status.FIRING)
    assert alert.starts_at.year in (2024, 2025)


def test_the_trigger_and_the_recovery_of_one_scope_are_one_alert() -> None:
    keys: dict[str, set[str]] = {}
    for number in ("02", "04", "06", "16", "23"):
        (alert,) = datadog.parse(published(f"datadog/keep-raw-{number}.json"), {}, NOW).alerts
        keys.setdefault(f"{alert.name} {alert.labels['scope']}", set()).add(alert.fingerprint)
    assert all(len(fingerprints) == 1 for fingerprints in keys.values())


def test_sentrys_own_sample_of_a_metric_alert_resolves_it() -> None:
    delivery: Delivery = sentry.parse(published("sentry/sentry-docs-metric-alert.json"), {}, NOW)
    (alert,) = delivery.alerts
    assert (delivery.group_key, alert.status, alert.name) == ("metric alert 4", Status.RESOLVED, "Too many errors")


@pytest.mark.parametrize("name", ["alerta-contrib-sentry-1", "keep-sentry-browser-timeout"])
def test_the_form_of_sentrys_legacy_plugin_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        sentry.parse(published(f"sentry/{name}.json"), {}, NOW)
    assert caught.value.reason == "sentry-legacy"


def test_a_published_alarm_of_cloudwatch_is_understood() -> None:
    delivery = cloudwatch.parse(published("aws-sns-cloudwatch/alerta-cloudwatch-notification.json"), {}, NOW)
    (alert,) = delivery.alerts
    assert delivery.group_key == "1234567890/EU (Ireland)/bucketbytesAlarm"
    assert (alert.name, alert.status, alert.starts_at.year) == ("bucketbytesAlarm", Status.FIRING, 2019)
    assert alert.labels["BucketName"] == "try.alerta.io"


def test_a_published_confirmation_is_taken_and_left_alone() -> None:
    body = published("aws-sns-cloudwatch/alerta-cloudwatch-subscription-confirmation.json")
    assert cloudwatch.parse(body, {}, NOW).ignored == "subscription-confirmation"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("notify-slack-events-cloudwatch-alarm", "sns-raw"),
        ("notify-slack-messages-cloudwatch-alarm", "no-envelope"),
        ("aws-lambda-go-cloudwatch-alarm-sns-payload-single-metric", "no-envelope"),
    ],
)
def test_what_came_by_another_way_than_sns_is_refused_by_name(name: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        cloudwatch.parse(published(f"aws-sns-cloudwatch/{name}.json"), {}, NOW)
    assert caught.value.reason == reason
