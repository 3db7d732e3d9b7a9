"""What senders get over HTTP: published payloads, a pair of Alertmanagers, a changing group, what is out of form."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.system.kit import SHARED, TOKEN, Site, Slack, alert, group, request, until

PAYLOADS = SHARED / "payloads"
MARKER = "ZQXMARKERXQZ"


def published(name: str) -> bytes:
    if not PAYLOADS.is_dir():
        pytest.skip("the public payloads are not here; set MIDDLEWATCH_TEST_SHARED to their folder")
    return (PAYLOADS / name).read_bytes()


def deliver(site: Site, sender: str, body: bytes) -> tuple[int, Any]:
    signature = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    signed = {"X-PagerDuty-Signature": f"v1={signature}"} if sender == "pagerduty" else {}
    return site.deliver(body, sender, **signed)


@pytest.mark.parametrize(
    ("name", "key", "states"),
    [
        ("alertmanager/alerta-prometheus-v4-alert.json", None, None),
        ("alertmanager/opensre-alertmanager-alert.json", None, None),
        (
            "alertmanager/prometheus-msteams-prom-post-request.json",
            '{}:{alertname="high_memory_load"}',
            [("firing", "2018-03-07T11:33:21.873077")],
        ),
        ("alertmanager/runlore-firing.json", "g1", [("firing", "2026-06-27T10:00:00")]),
        (
            "grafana/grafana-docs-webhook-notifier.json",
            "{}:{}",
            [("firing", "2021-10-12T07:51:03.157076"), ("firing", "2021-10-12T07:56:03.157076")],
        ),
        ("pagerduty/pagerduty-docs-01-Overview-2.json", "PGR0VU2", [("firing", "2020-04-09T15:16:27")]),
    ],
)
def test_a_published_payload_opens_an_incident_with_its_key_status_and_times(
    up: Site, name: str, key: str | None, states: list[tuple[str, str]] | None
) -> None:
    status, answer = deliver(up, name.partition("/")[0], published(name))
    assert (status, answer["duplicates"]) == (202, 0)
    incident = up.incident(answer["incidents"][0])
    assert incident["group_key"] == (key or incident["group_key"]) != ""
    assert len(incident["alerts"]) == answer["accepted"] > 0
    if states:
        assert [(one["status"], one["starts_at"].removesuffix("+00:00")) for one in incident["alerts"]] == states


def test_a_published_resolution_ends_the_incident_that_its_firing_opened(up: Site) -> None:
    firing = up.deliver(published("alertmanager/runlore-firing.json"))[1]["incidents"]
    status, answer = up.deliver(published("alertmanager/runlore-resolved.json"))
    assert (status, answer["incidents"]) == (202, firing)
    assert up.incident(firing[0])["status"] == "resolved"


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("grafana/alerta-grafana-6.json", 422, "grafana-legacy"),
        ("grafana/alerta-grafana-alert-alerting.json", 422, "grafana-legacy"),
        ("grafana/alerta-grafana-alert-ok.json", 422, "grafana-legacy"),
        ("pagerduty/pagerduty-docs-09-V2-Overview-1.json", 202, "pagerduty-v2"),
        ("pagerduty/pagerduty-docs-09-V2-Overview-2.json", 202, "pagerduty-v2"),
    ],
)
def test_a_published_payload_of_an_old_form_is_named(up: Site, name: str, status: int, said: str) -> None:
    answered, content = deliver(up, name.partition("/")[0], published(name))
    assert (answered, content.get("reason") or content.get("ignored")) == (status, said)


def test_no_published_payload_of_any_sender_breaks_the_intake(up: Site) -> None:
    published("README.md")
    files = sorted(PAYLOADS.glob("*/*.json"))
    assert len(files) > 30
    for file in files:
        for sender in ("alertmanager", "grafana", "pagerduty"):
            status, _ = deliver(up, sender, file.read_bytes())
            assert status in (202, 422), (sender, file.name)


def test_a_pair_of_alertmanagers_with_differing_bodies_gives_one_message(up: Site, slack: Slack) -> None:
    first, second = alert("PairOne"), alert("PairTwo", start="2026-11-21T03:13:00Z")
    one = up.deliver(group(first, second, key="pair", receiver="a", externalURL="http://alertmanager-0.example.com"))
    other = up.deliver(
        group(second, first, key="pair", receiver="b", externalURL="http://alertmanager-1.example.com", routeLabels={})
    )
    assert one[1]["incidents"] == other[1]["incidents"]
    assert (one[1]["accepted"], other[1]["accepted"], other[1]["duplicates"]) == (2, 0, 2)
    (message,) = until("the message", slack.messages_of("PairOne"))
    up.deliver(group(first, second, key="pair", receiver="c"))
    assert [found["ts"] for found in slack.messages_of("PairOne")()] == [message["ts"]]


def test_when_the_oldest_alert_resolves_the_same_message_goes_on(up: Site, slack: Slack) -> None:
    oldest, other = alert("OldestOfGroup"), alert("YoungerOfGroup", start="2026-11-21T03:20:00Z")
    opened = up.deliver(group(oldest, other, key="oldest"))[1]["incidents"]
    (message,) = until("the message", slack.messages_of("OldestOfGroup"))
    changed = up.deliver(group(alert("OldestOfGroup", "resolved"), other, key="oldest"))[1]["incidents"]
    assert changed == opened
    (edited,) = until("the edit", slack.messages_of("1 firing, 1 resolved"))
    assert edited["ts"] == message["ts"]
    up.deliver(group(other | {"status": "resolved", "endsAt": "2026-11-21T04:00:00Z"}, key="oldest"))
    (ended,) = until(
        "the end", lambda: [one for one in slack.messages_of("YoungerOfGroup")() if "RESOLVED" in one["text"]]
    )
    assert ended["ts"] == message["ts"]


def test_a_bad_alert_is_named_and_its_good_neighbour_is_kept(up: Site, slack: Slack) -> None:
    bad = {"status": MARKER, "labels": {"alertname": "Bad"}, "startsAt": "2026-11-21T03:12:00Z"}
    status, answer = up.deliver(group(alert("GoodNeighbour"), bad, key="neighbours"))
    assert (status, answer["accepted"], answer["rejected"]) == (202, 1, 1)
    assert until("the message", slack.messages_of("GoodNeighbour"))
    logged = [json.loads(line) for line in up.log("up").read_text().splitlines() if "alert_rejected" in line]
    assert any(line["position"] == 1 and line["reason"] for line in logged)
    assert MARKER not in up.log("up").read_text()


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"{" + MARKER.encode(), {}, 422, None),
        (json.dumps({"version": "3", "alerts": [{"a": MARKER}]}).encode(), {}, 422, "unknown-version"),
        (MARKER.encode(), {"Content-Type": "text/plain"}, 415, "not-declared-json"),
        (MARKER.encode(), {"Content-Encoding": "gzip"}, 415, "compressed-body"),
        (b'{"alerts": []}', {"Authorization": ""}, 401, None),
        (b'{"alerts": []}', {"Authorization": f"Bearer {MARKER}"}, 403, None),
        (b'{"alerts": [NaN]}', {}, 422, None),
        (b"[" * 100_000, {}, 422, None),
    ],
    ids=["malformed", "version", "type", "compressed", "unsigned", "wrong token", "NaN", "deep"],
)
def test_what_is_out_of_form_gets_a_problem_document_that_repeats_nothing(
    up: Site, body: bytes, headers: dict[str, str], status: int, reason: str | None
) -> None:
    answered, content = up.deliver(body, **headers)
    assert answered == status
    assert {"type", "title", "status", "reason", "detail"} <= set(content)
    assert content["status"] == status
    assert content["reason"] == (reason or content["reason"]) != ""
    assert MARKER not in json.dumps(content)


def test_an_oversized_body_is_refused_before_it_is_read(up: Site) -> None:
    with socket.create_connection(("127.0.0.1", up.port), timeout=5) as connection:
        connection.sendall(_head(17 * 1024 * 1024))
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            content = json.loads(answer.read())
    assert answer.status == 413
    assert content["reason"] == "too-large"


def test_a_sender_that_nobody_knows_gets_a_404(up: Site) -> None:
    assert request(f"{up.url}/v1/webhooks/{MARKER}", b"{}")[1]["reason"] == "unknown-sender"


def test_an_unsigned_pagerduty_event_is_refused(up: Site) -> None:
    body = b'{"event": {"event_type": "incident.triggered"}}'
    assert up.deliver(body, "pagerduty")[0] == 401
    assert up.deliver(body, "pagerduty", **{"X-PagerDuty-Signature": "v1=" + "0" * 64})[0] == 403


def test_a_broken_markdown_file_is_named_and_the_rest_is_ingested(up: Site, folder: Path) -> None:
    broken = folder / "runbooks" / "Broken.md"
    broken.write_bytes(b"# Broken \xff\xfe\x00")
    done = up.run("ingest", "--json")
    broken.unlink()
    assert "Broken.md" in done.stdout + done.stderr
    found = up.run("search", "orders volume filling", "--channel", "C0ALL", "--json")
    assert "orders-db-volume-filling.md" in found.stdout


def test_a_body_that_breaks_off_stores_nothing(up: Site) -> None:
    before = request(f"{up.url}/v1/incidents", None, {"Authorization": f"Bearer {TOKEN}"})[1]
    with socket.create_connection(("127.0.0.1", up.port), timeout=5) as connection:
        connection.sendall(_head(500) + b"{")
    assert request(f"{up.url}/v1/incidents", None, {"Authorization": f"Bearer {TOKEN}"})[1] == before


def _head(length: int) -> bytes:
    head = f"POST /v1/webhooks/alertmanager HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()
