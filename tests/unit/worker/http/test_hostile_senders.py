"""Every sender's route against hostile bodies of its own form: the right status each, no 5xx, memory bounded."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.worker.http.test_hostile_bodies import ALERTMANAGER, MARKER, PAGERDUTY, check
from tests.unit.worker.intake.test_every_sender import FIRES, group, iso
from tests.unit.worker.intake.test_every_sender import cloudevents as cloudevents_form
from tests.unit.worker.intake.test_every_sender import cloudwatch as cloudwatch_form
from tests.unit.worker.intake.test_every_sender import datadog as datadog_form
from tests.unit.worker.intake.test_every_sender import pagerduty as pagerduty_form
from tests.unit.worker.intake.test_every_sender import sentry as sentry_form
from worker.intake.senders import SENDERS

Json = Any
TYPES = {"cloudevents": "application/cloudevents+json", "cloudwatch": "text/plain; charset=UTF-8"}
FORMS: dict[str, Callable[[], Json]] = {
    "alertmanager": lambda: group("firing", FIRES),
    "grafana": lambda: group("firing", FIRES) | {"version": "1"},
    "pagerduty": lambda: pagerduty_form("firing", FIRES),
    "datadog": lambda: datadog_form("firing", FIRES) | {"schema": "datadog/1"},
    "sentry": lambda: sentry_form("firing", FIRES),
    "cloudwatch": lambda: cloudwatch_form("firing", FIRES),
    "cloudevents": lambda: cloudevents_form("firing", FIRES),
}


def raw(sender: str) -> str:
    return json.dumps(FORMS[sender]())


def largest(sender: str) -> bytes:
    return b'{"x": "' + b"x" * (SENDERS[sender].max_body_bytes + 1) + b'"}'


def texts(value: Json, change: Callable[[str], Json]) -> Json:
    """Return the form with every text but the words that say what it is changed."""
    if isinstance(value, dict):
        return {key: each if key in KEPT else texts(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [texts(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


KEPT = frozenset({
    "specversion", "version", "schema", "Type", "event_type", "action", "status", "NewStateValue", "transition", "type",
    "startsAt", "time", "StateChangeTime", "firstSeen", "lastSeen", "created_at", "occurred_at", "last_updated",
    "Timestamp", "alert_type", "endsAt", "TopicArn", "Message", "state",
})  # fmt: skip

ANY: dict[str, tuple[Callable[[str], bytes], set[int]]] = {
    "nothing": (lambda s: b"", {422}),
    "null": (lambda s: b"null", {422}),
    "a list of numbers": (lambda s: b"[1, 2]", {422}),
    "half of it": (lambda s: raw(s)[: len(raw(s)) // 2].encode(), {422}),
    "twice": (lambda s: (raw(s) * 2).encode(), {422}),
    "NaN": (lambda s: (raw(s)[:-1] + ', "n": NaN}').encode(), {422}),
    "-Infinity": (lambda s: (raw(s)[:-1] + ', "n": -Infinity}').encode(), {422}),
    "1e999": (lambda s: (raw(s)[:-1] + ', "n": 1e999}').encode(), {422}),
    "100,000 deep": (lambda s: (raw(s)[:-1] + ', "n": ' + "[" * 100_000 + "]" * 100_000 + "}").encode(), {422}),
    "a key twice": (lambda s: (raw(s)[:-1] + f', "title": "{MARKER}", "title": "{MARKER}"' + "}").encode(), {202}),
    "a raw null byte": (lambda s: raw(s).replace("DiskFull", "Disk\x00Full").encode(), {422}),
    "escaped null bytes": (lambda s: raw(s).replace("DiskFull", r"Disk\u0000Full").encode(), {202}),
    "bad UTF-8": (lambda s: raw(s).encode().replace(b"DiskFull", b"Disk\xff\xc0\x80Full"), {202}),
    "UTF-32": (lambda s: raw(s).encode("utf-32"), {422}),
    "lone surrogates": (lambda s: raw(s).replace("DiskFull", r"Disk\udc00Full").encode(), {202}),
    "bidi and mentions": (lambda s: raw(s).replace("DiskFull", "\u202e<!channel>\u2066\u200b").encode(), {202}),
    "a bomb that does not say so": (lambda s: gzip.compress(b"\x00" * 5_000_000), {422}),
    "a body beyond the limit": (largest, {413}),
    "every text 3,000 long": (lambda s: json.dumps(texts(FORMS[s](), lambda t: MARKER * 250)).encode(), {202}),
    "every text a number": (lambda s: json.dumps(texts(FORMS[s](), lambda t: -1e300)).encode(), {202, 422}),
    "every text a list": (lambda s: json.dumps(texts(FORMS[s](), lambda t: [MARKER])).encode(), {202, 422}),
    "every text null": (lambda s: json.dumps(texts(FORMS[s](), lambda t: None)).encode(), {202, 422}),
    "absurd dates": (lambda s: absurd(s, "99999-13-45T99:99:99+99:99"), {202, 422}),
    "dates before Christ": (lambda s: absurd(s, "-0044-03-15T12:00:00Z"), {202, 422}),
}  # fmt: skip
"""What every sender is sent. Where two statuses are allowed, a form without a usable word may still be understood."""


def absurd(sender: str, date: str) -> bytes:
    return raw(sender).replace(iso(FIRES), date).replace(iso(FIRES)[:-1], date).encode()


OWN: dict[str, dict[str, tuple[bytes, int]]] = {
    "grafana": {
        "a group of 10,000": (json.dumps({"version": "1", "groupKey": "g", "alerts": [
            {"status": "firing", "labels": {"alertname": MARKER, "n": str(n)}, "startsAt": iso(FIRES)}
            for n in range(10_000)]}).encode(), 202),
        "values that are no object": (json.dumps({"version": "1", "alerts": [
            {"status": "firing", "labels": {"a": "b"}, "startsAt": iso(FIRES), "values": MARKER, "valueString": [1]}
        ]}).encode(), 202),
        "the old form": (json.dumps({"ruleName": MARKER, "state": "alerting", "evalMatches": []}).encode(), 422),
    },
    "cloudevents": {
        "a batch that is no list": (json.dumps({"specversion": "1.0", "batch": MARKER}).encode(), 422),
        "data and data_base64": (json.dumps({"specversion": "1.0", "id": "1", "source": "/x", "type": "a.failed",
            "time": iso(FIRES), "data": {"alertname": MARKER}, "data_base64": "AAAA"}).encode(), 202),
        "base64 that is none": (json.dumps({"specversion": "1.0", "id": "1", "source": "/x", "type": "a.failed",
            "time": iso(FIRES), "datacontenttype": "application/json", "data_base64": f"!{MARKER}"}).encode(), 422),
        "version 0.3": (json.dumps({"specversion": "0.3", "id": MARKER}).encode(), 422),
        "a bomb in base64": (json.dumps({"specversion": "1.0", "id": "1", "source": "/x", "type": "a.failed",
            "time": iso(FIRES), "data_base64": base64.b64encode(b"[" * 500_000).decode()}).encode(), 422),
    },
    "cloudwatch": {
        "a message that is no JSON": (json.dumps(FORMS["cloudwatch"]() | {"Message": MARKER}).encode(), 202),
        "a message 100,000 deep": (json.dumps(FORMS["cloudwatch"]() | {"Message": "[" * 100_000}).encode(), 202),
        "an unknown type": (json.dumps(FORMS["cloudwatch"]() | {"Type": MARKER}).encode(), 422),
    },
    "sentry": {
        "the legacy plugin": (json.dumps({"project": MARKER, "culprit": MARKER, "message": MARKER}).encode(), 422),
        "an action that is none": (json.dumps({"action": {"a": MARKER}, "data": {"issue": {}}}).encode(), 202),
    },
    "datadog": {
        "all placeholders": (json.dumps({"schema": "datadog/1", "id": "$ID", "alert_id": "$ALERT_ID",
            "transition": "$ALERT_TRANSITION", "title": "$EVENT_TITLE"}).encode(), 422),
        "another schema": (json.dumps({"schema": MARKER}).encode(), 422),
    },
}  # fmt: skip


def send(office: Any, sender: str, body: bytes) -> Any:
    headers = {"content-type": TYPES.get(sender, "application/json")}
    if sender == "sentry":
        headers["sentry-hook-resource"] = "issue"
    return office.here().post(f"/v1/webhooks/{sender}", content=body, headers=headers)


def stored(office: Any) -> str:
    return repr(
        [(d.group_key, *((dict(a.labels), dict(a.annotations)) for a in d.alerts)) for d in office.inbox.deliveries]
    )


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("sender", SENDERS)
def test_every_route_stands(office: Any, logs: list[Any], sender: str, name: str) -> None:
    make, statuses = ANY[name]
    answer = send(office, sender, make(sender))
    assert answer.status_code in statuses, answer.text[:300]
    check(answer, answer.status_code)
    assert MARKER not in repr(logs)
    assert "\\x00" not in stored(office)
    assert "\\udc" not in stored(office)


@pytest.mark.parametrize(("sender", "name"), [(sender, name) for sender, bodies in OWN.items() for name in bodies])
def test_what_is_hostile_in_one_form_alone(office: Any, logs: list[Any], sender: str, name: str) -> None:
    body, status = OWN[sender][name]
    check(send(office, sender, body), status)
    assert MARKER not in repr(logs)


@pytest.mark.parametrize("sender", SENDERS)
def test_the_form_itself_is_taken(office: Any, sender: str) -> None:
    """Else what is refused above would be refused for another reason."""
    assert send(office, sender, raw(sender).encode()).status_code == 202
    assert len(office.inbox.deliveries[0].alerts) == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
@pytest.mark.parametrize("sender", SENDERS)
def test_no_sender_has_a_bomb_unpacked(office: Any, sender: str, encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(b"\x00" * 20_000_000))
    headers = {"content-type": TYPES.get(sender, "application/json"), "content-encoding": encoding}
    check(office.here().post(f"/v1/webhooks/{sender}", content=bomb, headers=headers), 415)


def test_memory_is_bounded_by_the_body_over_all_of_them(office: Any) -> None:
    """The peak above what the body itself takes: parsed JSON is larger than its text, but not without bound."""
    worst = 0.0
    client = office.here()
    bodies = [("alertmanager", body) for body, _ in ALERTMANAGER.values()]
    bodies += [(sender, make(sender)) for sender in SENDERS for make, _ in ANY.values()]
    for sender, body in bodies:
        headers = {"content-type": TYPES.get(sender, "application/json")}
        office.inbox.deliveries.clear()
        office.inbox.known.clear()
        tracemalloc.start()
        client.post(f"/v1/webhooks/{sender}", content=body, headers=headers)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        worst = max(worst, peak / max(len(body), 1_000_000))
    assert worst < 60, f"{worst:.0f} times the body"
    sys.stdout.write(
        f"hostile bodies: the largest peak was {worst:.1f} times the body (of at least 1 MB), n={len(bodies)}\n"
    )


def test_there_are_more_than_a_hundred_of_them() -> None:
    per_sender = len(ANY) * len(SENDERS)
    single = len(ALERTMANAGER) + len(PAGERDUTY) + sum(map(len, OWN.values()))
    distinct = len(ANY) + single
    assert distinct >= 100
    assert set(FORMS) == set(SENDERS)
    sys.stdout.write(
        f"hostile bodies: {distinct} kinds, {per_sender + single} deliveries over {len(SENDERS)} senders\n"
    )
