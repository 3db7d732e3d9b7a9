"""Deliveries over HTTP: what is answered, stored, counted and rung."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from domain.errors import StoreUnavailable
from worker.http.ports import Access, Limits
from worker.intake.verify import SenderSecrets

PROBLEM = "application/problem+json"
ALERT = {
    "status": "firing",
    "labels": {"alertname": "DiskFull"},
    "startsAt": "2026-11-21T02:55:00Z",
    "fingerprint": "a",
}
GROUP = {"version": "4", "groupKey": "g", "alerts": [ALERT]}
WEBHOOK = "/v1/webhooks/alertmanager"


def assert_problem(response: Any, status: int, reason: str) -> None:
    body = response.json()
    assert (response.status_code, body["reason"]) == (status, reason)
    assert response.headers["content-type"] == PROBLEM
    assert set(body) == {"type", "title", "status", "reason", "detail"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]


def test_it_answers_202_with_what_became_of_the_delivery(office: Any) -> None:
    client = office.here()

    first, again = client.post(WEBHOOK, json=GROUP), client.post(WEBHOOK, json=GROUP)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == {"accepted": 1, "duplicates": 0, "incidents": ["inc-alertmanager"]}
    assert again.json() == {"accepted": 0, "duplicates": 1, "incidents": ["inc-alertmanager"]}
    assert office.rung == ["inc-alertmanager"]  # a repeat makes no work


def test_it_rings_only_after_the_answer_has_gone(office: Any) -> None:
    """A bell that fails cannot take back a 202: the sweeper finds what it did not tell."""

    def broken(_: object) -> None:
        raise OSError("the broker is silent")

    office.more = {"ring": broken}
    response = office.here().post(WEBHOOK, json=GROUP)
    assert response.status_code == 202
    assert len(office.inbox.deliveries) == 1


def test_it_stores_the_good_alerts_and_counts_the_bad_one(office: Any) -> None:
    response = office.here().post(
        WEBHOOK, json=GROUP | {"alerts": [ALERT, {"labels": 5}, ALERT | {"fingerprint": "b"}]}
    )

    assert response.status_code == 202
    assert response.json() == {"accepted": 2, "duplicates": 0, "incidents": ["inc-alertmanager"], "rejected": 1}
    assert [rejection.position for rejection in office.inbox.deliveries[0].rejected] == [1]
    assert office.metrics.value("middlewatch_alerts_total", sender="alertmanager", outcome="rejected") == 1


def test_a_delivery_without_one_good_alert_is_recorded_and_refused(office: Any) -> None:
    response = office.here().post(WEBHOOK, json=GROUP | {"alerts": [{"labels": 5}, "x"]})

    assert_problem(response, 422, "no-alert-understood")
    assert "bad-labels, not-an-object" in response.json()["title"]
    assert len(office.inbox.deliveries[0].rejected) == 2
    assert office.rung == []


def test_alerts_that_the_sender_left_out_are_told(office: Any) -> None:
    assert office.here().post(WEBHOOK, json=GROUP | {"truncatedAlerts": 3}).json()["truncated"] == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"messages": [{"event": "incident.trigger"}]}, "pagerduty-v2"),
        ({"event": {"event_type": "pagey.ping"}}, "pagerduty-ping"),
        ({"event": {"event_type": "incident.of.tomorrow"}}, "unknown-event"),
    ],
)
def test_an_event_of_no_use_gets_a_202_and_is_recorded_as_ignored(office: Any, body: object, reason: str) -> None:
    response = office.here().post("/v1/webhooks/pagerduty", json=body)

    assert response.status_code == 202
    assert response.json() == {"accepted": 0, "duplicates": 0, "incidents": [], "ignored": reason}
    assert office.inbox.deliveries[0].ignored == reason
    assert office.metrics.value("middlewatch_deliveries_total", sender="pagerduty", outcome="ignored") == 1


def test_the_legacy_form_of_grafana_gets_a_422_with_its_mend(office: Any) -> None:
    response = office.here().post("/v1/webhooks/grafana", json={"ruleId": 7, "state": "alerting", "evalMatches": []})
    assert_problem(response, 422, "grafana-legacy")
    assert "unified alerting" in response.json()["detail"]


def test_a_database_that_does_not_answer_gets_a_503_with_a_time_to_wait(office: Any) -> None:
    office.inbox.fault = StoreUnavailable("The database did not answer.", mend="It is tried again.")

    response = office.here().post(WEBHOOK, json=GROUP)

    assert_problem(response, 503, "store-unavailable")
    assert 2 <= int(response.headers["retry-after"]) <= 10
    assert office.rung == []


def test_a_defect_gets_a_500_that_names_a_log_line_and_nothing_else(office: Any, logs: list[Any]) -> None:
    office.inbox.fault = ZeroDivisionError("MARKER of the delivery")
    response = office.here().post(WEBHOOK, json=GROUP)
    assert_problem(response, 500, "defect")
    (logged,) = [entry for entry in logs if entry["action"] == "request_defect"]
    assert logged["error_id"] in response.json()["detail"]
    assert "MARKER" not in response.text


@pytest.mark.parametrize("sender", ["nagios", "Alertmanager", "unknown", "%00", "..%2fpreview"])
def test_an_unknown_sender_gets_a_404(office: Any, sender: str) -> None:
    response = office.here().post(f"/v1/webhooks/{sender}", json=GROUP)
    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM
    assert "nagios" not in response.text


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"content-type": "text/plain"}, "not-declared-json"),
        ({"content-type": "application/x-www-form-urlencoded"}, "not-declared-json"),
        ({"content-type": "application/jsonp"}, "not-declared-json"),
        ({"content-type": ""}, "not-declared-json"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "compressed-body"),
        ({"content-type": "application/json", "content-encoding": "br, gzip"}, "compressed-body"),
    ],
)
def test_what_is_not_plain_json_gets_a_415(office: Any, headers: dict[str, str], reason: str) -> None:
    assert_problem(office.here().post(WEBHOOK, content=json.dumps(GROUP), headers=headers), 415, reason)
    assert office.inbox.deliveries == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.pagerduty+json"]
)
def test_json_by_any_of_its_names_is_taken(office: Any, content_type: str) -> None:
    response = office.here().post(WEBHOOK, content=json.dumps(GROUP), headers={"content-type": content_type})
    assert response.status_code == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_gets_a_413(office: Any, chunked: bool) -> None:
    office.more = {"limits": Limits(max_body_bytes=1000)}
    body = json.dumps(GROUP | {"groupKey": "k" * 1000}).encode()
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))

    response = office.here().post(
        WEBHOOK, content=pieces if chunked else body, headers={"content-type": "application/json"}
    )

    assert_problem(response, 413, "too-large")
    assert office.inbox.deliveries == []


@pytest.mark.parametrize(("sender", "status"), [("alertmanager", 202), ("grafana", 202), ("pagerduty", 413)])
def test_senders_of_groups_may_send_more(office: Any, sender: str, status: int) -> None:
    content = {"alerts": [ALERT | {"annotations": {"summary": "x" * 1_200_000}}]}
    assert office.here().post(f"/v1/webhooks/{sender}", json=content).status_code == status


@pytest.mark.parametrize("length", ["9" * 30, "-5", "abc", "٣"])
def test_a_content_length_that_lies_is_no_defect(office: Any, length: str) -> None:
    headers = {"content-type": "application/json", "content-length": length.encode()}
    assert office.here().post(WEBHOOK, content=json.dumps(GROUP), headers=headers).status_code in (202, 413)


def test_bodies_that_together_take_too_much_memory_get_a_503(office: Any) -> None:
    office.more = {"limits": Limits(bytes_in_flight=50)}
    assert_problem(office.here().post(WEBHOOK, json=GROUP), 503, "overloaded")


def test_the_room_of_a_body_is_free_again_after_the_answer(office: Any) -> None:
    size = len(json.dumps(GROUP))
    office.more = {"limits": Limits(bytes_in_flight=size + 100, max_body_bytes=size)}
    client = office.here()
    too_large = GROUP | {"groupKey": "k" * 100}
    statuses = [client.post(WEBHOOK, json=body).status_code for body in (GROUP, too_large, GROUP, too_large, GROUP)]
    assert statuses == [202, 413, 202, 413, 202]


def test_verification_is_asked_of_senders_elsewhere(office: Any) -> None:
    office.access = Access(
        senders={
            "alertmanager": SenderSecrets(tokens=("s3cret-token",)),
            "pagerduty": SenderSecrets(secrets=("key",)),
        },
        allow_unsigned_loopback=True,
    )
    client = office.elsewhere()

    unsigned = client.post(WEBHOOK, json=GROUP)
    assert_problem(unsigned, 401, "unsigned")
    assert unsigned.headers["www-authenticate"] == "Bearer"
    wrong = client.post(WEBHOOK, json=GROUP, headers={"authorization": "Bearer guess"})
    assert_problem(wrong, 403, "bad-signature")
    assert "guess" not in wrong.text
    assert_problem(client.post("/v1/webhooks/grafana", json=GROUP), 401, "sender-not-set-up")
    assert office.inbox.deliveries == []
    right = client.post(WEBHOOK, json=GROUP, headers={"authorization": "Bearer s3cret-token"})
    assert right.status_code == 202


def test_a_body_is_verified_before_it_is_parsed(office: Any) -> None:
    office.access = Access(senders={"pagerduty": SenderSecrets(secrets=("key",))})
    client, body = office.elsewhere(), b"not json \xff"
    signature = "v1=" + hmac.new(b"key", body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json"}

    assert_problem(client.post("/v1/webhooks/pagerduty", content=body, headers=headers), 401, "unsigned")
    signed = client.post("/v1/webhooks/pagerduty", content=body, headers=headers | {"x-pagerduty-signature": signature})
    assert_problem(signed, 422, "not-json")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"host": "localhost"},
        {"x-real-ip": "127.0.0.1"},
    ],
)
def test_no_header_makes_a_caller_from_elsewhere_one_of_this_machine(office: Any, headers: dict[str, str]) -> None:
    assert_problem(office.elsewhere().post(WEBHOOK, json=GROUP, headers=headers), 401, "sender-not-set-up")


@pytest.mark.parametrize(
    "headers", [{"x-forwarded-for": "192.0.2.1"}, {"via": "1.1 proxy"}, {"host": "rebound.example.com"}]
)
def test_what_a_proxy_or_a_foreign_name_brings_is_not_of_this_machine(office: Any, headers: dict[str, str]) -> None:
    assert_problem(office.here().post(WEBHOOK, json=GROUP, headers=headers), 401, "sender-not-set-up")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_address_is_this_machine(office: Any, address: str) -> None:
    assert office.client(address).post(WEBHOOK, json=GROUP).status_code == 202


def test_deliveries_are_counted_by_what_became_of_them(office: Any) -> None:
    client = office.here()
    client.post(WEBHOOK, json=GROUP)
    client.post(WEBHOOK, json=GROUP | {"version": "9"})
    client.post("/v1/webhooks/made-up-name", json=GROUP)

    counted = {
        (sender, outcome): office.metrics.value("middlewatch_deliveries_total", sender=sender, outcome=outcome)
        for sender, outcome in [
            ("alertmanager", "accepted"),
            ("alertmanager", "unknown-version"),
            ("unknown", "unknown-sender"),
        ]
    }
    assert set(counted.values()) == {1}
    assert b"made-up-name" not in office.metrics.text()


def test_a_refusal_that_is_final_is_told_after_the_answer_and_one_that_is_not_is_not(office: Any) -> None:
    told: list[tuple[str, str]] = []
    office.more = {"refused": lambda sender, reason: told.append((sender, reason))}
    client = office.here()
    assert client.post(WEBHOOK, content=b"{", headers={"content-type": "application/json"}).status_code == 422
    assert client.post("/v1/webhooks/nobody", json={}).status_code == 404
    office.inbox.fault = StoreUnavailable("down")
    assert client.post(WEBHOOK, json=GROUP).status_code == 503
    assert told == [("alertmanager", "not-json")]


def test_a_sender_that_delivers_too_fast_gets_a_503_that_says_when(office: Any) -> None:
    office.more = {"limits": Limits(deliveries_per_s=1.0)}
    client = office.here()
    answers = [client.post(WEBHOOK, json=GROUP) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert_problem(answers[2], 503, "overloaded")
    assert int(answers[2].headers["Retry-After"]) >= 1


def test_amazons_confirmation_is_answered_and_then_confirmed(office: Any) -> None:
    """Without a topic of ours nothing is confirmed; see test_sns for what makes it one."""
    asked: list[str] = []
    office.more = {"confirm": asked.append}
    body = '{"Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": "t", "Message": "", "Timestamp": "x"}'
    answer = office.here().post("/v1/webhooks/cloudwatch", content=body, headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["ignored"]) == (202, "subscription-confirmation")
    assert asked == []


def test_plain_text_is_taken_of_amazon_alone(office: Any) -> None:
    answer = office.here().post(WEBHOOK, content="{}", headers={"content-type": "text/plain"})
    assert_problem(answer, 415, "not-declared-json")


@pytest.mark.parametrize(
    ("origin", "allowed"), [("events.example.com", "events.example.com"), ("a b", None), ("", None)]
)
def test_a_sender_of_cloudevents_may_ask_first(office: Any, origin: str, allowed: str | None) -> None:
    answer = office.here().options("/v1/webhooks/cloudevents", headers={"WebHook-Request-Origin": origin})
    assert answer.status_code == 204
    assert answer.headers.get("WebHook-Allowed-Origin") == allowed
