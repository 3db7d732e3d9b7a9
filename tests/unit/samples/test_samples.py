"""The samples hold together: front matter, readers, alerts, changes, settings, golden cases."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.access import EVERYONE, Audience
from domain.alert import Delivery, Incident, Status
from golden_queries.cases import load as load_cases
from worker.http.changes import read_change
from worker.intake import alertmanager, grafana, pagerduty
from worker.settings import Settings, load

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples"
RUNBOOKS = sorted((SAMPLES / "runbooks").rglob("*.md"))
POSTMORTEMS = sorted(path for path in (SAMPLES / "postmortems").rglob("*.md") if path.name != "README.md")
ALERTS = sorted((SAMPLES / "alerts").glob("*.json"))
NOW = datetime(2026, 11, 19, tzinfo=UTC)
GROUPS = {EVERYONE, "payments", "platform", "security"}
OURS = re.compile(r"(^|\.)(example|example\.com|localhost|127\.0\.0\.1)$|^api\.pagerduty\.com$")
"""Hosts that belong to nobody, and the one that every PagerDuty body names."""
PARSERS = {"grafana": grafana.parse, "pagerduty": pagerduty.parse}


def _name(path: Path) -> str:
    return str(path.relative_to(SAMPLES))


def _front_matter(path: Path) -> dict[str, Any]:
    found = re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{path} has no front matter"
    content = yaml.safe_load(found[1])
    assert isinstance(content, dict)
    return content


def _readers(path: Path) -> frozenset[str]:
    return frozenset(_front_matter(path)["allow"])


def _delivery(path: Path) -> Delivery:
    parse = PARSERS.get(path.name.split("-")[0], alertmanager.parse)
    return parse(path.read_bytes(), {}, NOW)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(SAMPLES / "middlewatch.toml")


def test_there_are_enough_documents() -> None:
    assert len(RUNBOOKS) >= 14
    assert len(POSTMORTEMS) >= 9


@pytest.mark.parametrize("path", [*RUNBOOKS, *POSTMORTEMS], ids=_name)
def test_a_document_says_what_it_is_when_and_for_whom(path: Path) -> None:
    content = _front_matter(path)
    assert content["title"]
    assert isinstance(content.get("date") or content["reviewed"], date)
    assert set(content["allow"]) <= GROUPS
    assert content["services"]
    assert content["tags"]


@pytest.mark.parametrize("kind", [RUNBOOKS, POSTMORTEMS], ids=["runbooks", "postmortems"])
def test_each_kind_has_documents_for_different_readers(kind: list[Path]) -> None:
    assert set().union(*(_readers(path) for path in kind)) == GROUPS


@pytest.mark.parametrize("path", [*RUNBOOKS, *POSTMORTEMS], ids=_name)
def test_a_document_closes_every_fence_it_opens(path: Path) -> None:
    fences = re.findall(r"^\s*```", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) % 2 == 0


def test_most_postmortems_label_cause_fix_and_duration_and_some_do_not() -> None:
    labels = re.compile(r"^[-*#|\d. ]*\**(root cause|resolution|duration)\b", re.IGNORECASE | re.MULTILINE)
    counts = [
        len({found.lower() for found in labels.findall(path.read_text(encoding="utf-8"))}) for path in POSTMORTEMS
    ]
    assert sum(count == 3 for count in counts) >= 0.6 * len(counts)
    assert any(count == 0 for count in counts)


def test_no_address_in_them_is_anybodys() -> None:
    for path in (*RUNBOOKS, *POSTMORTEMS, *ALERTS, SAMPLES / "changes.json"):
        for host in re.findall(r"https?://([A-Za-z0-9.-]+)", path.read_text(encoding="utf-8")):
            assert OURS.search(host), (path, host)


@pytest.mark.parametrize("path", ALERTS, ids=lambda path: path.name)
def test_an_alert_is_understood_whole(path: Path) -> None:
    delivery = _delivery(path)
    assert delivery.alerts
    assert not delivery.rejected
    assert not delivery.ignored
    assert all(alert.name and alert.summary and alert.service for alert in delivery.alerts)
    words = {alert.status for alert in delivery.alerts}
    assert words == ({Status.RESOLVED} if ".resolved." in path.name else {Status.FIRING})


def test_alertmanagers_fingerprints_are_those_that_it_would_compute() -> None:
    for path in ALERTS:
        if path.name.startswith("pagerduty"):
            continue
        for alert in json.loads(path.read_bytes())["alerts"]:
            assert alert["fingerprint"] == _fnv(alert["labels"]), path.name


def test_the_payments_incident_is_one_group_that_grows_and_resolves() -> None:
    first, second, third = (
        _delivery(SAMPLES / "alerts" / f"payments-gateway-errors.{word}.json")
        for word in ("firing", "changed", "resolved")
    )
    assert first.group_key == second.group_key == third.group_key
    assert {alert.fingerprint for alert in first.alerts} < {alert.fingerprint for alert in second.alerts}
    assert {alert.fingerprint for alert in second.alerts} == {alert.fingerprint for alert in third.alerts}


def test_a_pin_names_a_document_by_its_sources_link(settings: Settings) -> None:
    (alert,) = _delivery(SAMPLES / "alerts" / "orders-db-volume.firing.json").alerts
    link = settings.sources[0].link
    documents = {link.format(path=path.relative_to(SAMPLES / "runbooks").as_posix()) for path in RUNBOOKS}
    assert alert.annotations["runbook_url"] in documents


def test_the_payments_incident_goes_to_two_channels_that_read_differently(settings: Settings) -> None:
    (alert,) = _delivery(SAMPLES / "alerts" / "payments-gateway-errors.firing.json").alerts
    chosen = [
        channel
        for channel in settings.channels
        if channel.match and all(alert.labels.get(name) == value for name, value in channel.match.items())
    ]
    assert [channel.id for channel in chosen] == ["C0PAYMENTS", "C0INCIDENTS"]
    failover = _readers(SAMPLES / "runbooks" / "payments" / "acquirer-failover.md")
    assert [Audience.of(channel.groups).may_read(failover) for channel in chosen] == [True, False]


def test_every_change_is_taken_and_falls_into_the_hour_before_an_alert() -> None:
    changes = [
        read_change(json.dumps(body).encode(), NOW) for body in json.loads((SAMPLES / "changes.json").read_bytes())
    ]
    alerts = [alert for path in ALERTS for alert in _delivery(path).alerts]
    assert len(changes) == 3
    for change in changes:
        starts = [alert.starts_at for alert in alerts if alert.service == change.service]
        assert any(timedelta() <= start - change.at <= timedelta(hours=1) for start in starts), change.what


def test_one_change_is_for_the_payments_team_alone() -> None:
    readers = [frozenset(body["readers"]) for body in json.loads((SAMPLES / "changes.json").read_bytes())]
    assert frozenset({"payments"}) in readers
    assert frozenset({EVERYONE}) in readers


def test_every_golden_case_names_documents_that_are_there_and_that_its_readers_may_read(settings: Settings) -> None:
    cases = load_cases(settings.golden.paths)
    assert len(cases) >= 30
    for case in cases:
        for doc in (*case.expected, *(case.past or ())):
            assert case.audience.may_read(_readers(SAMPLES / doc)), (case.id, doc)


def test_every_forbidden_document_is_one_that_the_readers_may_not_read(settings: Settings) -> None:
    forbidden = [(case, doc) for case in load_cases(settings.golden.paths) for doc in case.forbidden]
    assert len(forbidden) >= 15
    for case, doc in forbidden:
        assert not case.audience.may_read(_readers(SAMPLES / doc)), (case.id, doc)


def test_every_runbook_is_asked_for(settings: Settings) -> None:
    asked = {doc for case in load_cases(settings.golden.paths) for doc in case.expected}
    assert {f"runbooks/{path.relative_to(SAMPLES / 'runbooks').as_posix()}" for path in RUNBOOKS} <= asked


def test_the_incident_of_the_kafka_group_is_led_by_the_worse_alert() -> None:
    delivery = _delivery(SAMPLES / "alerts" / "kafka.firing.json")
    incident = Incident(
        id="i",
        sender=delivery.sender,
        group_key=delivery.group_key,
        status=Status.FIRING,
        opened_at=NOW,
        resolved_at=None,
        version=1,
        alerts=delivery.alerts,
    )
    assert incident.lead.name == "KafkaUnderReplicatedPartitions"


def _fnv(labels: Mapping[str, str]) -> str:
    """The 64-bit FNV-1a of prometheus/common `model/signature.go`: name, 0xff, value, 0xff, by name."""
    value = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
