"""Hostile bodies: each gets the status that fits, none a 5xx, and no answer repeats what was sent."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MARKER = "ZQXMARKERXQZ"
JSON = {"content-type": "application/json"}
ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": MARKER},
    "annotations": {"summary": MARKER},
    "startsAt": "2026-11-21T02:55:00Z",
    "fingerprint": "a",
}


def group(*alerts: object, **changes: object) -> bytes:
    return json.dumps({"version": "4", "groupKey": MARKER, "alerts": list(alerts)} | changes).encode()


def event(**data: object) -> bytes:
    return json.dumps(
        {"event": {"event_type": "incident.triggered", "data": {"id": "P", "title": MARKER} | data}}
    ).encode()


RAW = f'{{"version": "4", "alerts": [{json.dumps(ALERT)}]}}'

ALERTMANAGER: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "blanks": (b" \r\n\t", 422),
    "a word": (MARKER.encode(), 422),
    "null": (b"null", 422),
    "a text": (f'"{MARKER}"'.encode(), 422),
    "a number": (b"7", 422),
    "a list": (f'["{MARKER}"]'.encode(), 422),
    "an empty object": (b"{}", 422),
    "a cut body": (group(ALERT)[:-3], 422),
    "two bodies": (group(ALERT) * 2, 422),
    "a trailing comma": (RAW.replace("]}", "],}").encode(), 422),
    "single quotes": (RAW.replace('"', "'").encode(), 422),
    "a comment": (f"// {MARKER}\n{RAW}".encode(), 422),
    "XML": (f"<alert>{MARKER}</alert>".encode(), 422),
    "gzip without saying so": (gzip.compress(group(ALERT)), 422),
    "UTF-16": (RAW.encode("utf-16"), 422),
    "100,000 lists deep": (b"[" * 100_000, 422),
    "100,000 objects deep": (b'{"alerts":' * 100_000 + b"1" + b"}" * 100_000, 422),
    "100,000 deep in an alert": (b'{"alerts": [' + b'{"labels":' * 100_000 + b"1" + b"}" * 100_000 + b"]}", 422),
    "700 deep in a label": (group(ALERT, {"labels": json.loads("[" * 700 + "]" * 700)}), 202),
    "a million objects": (b'{"alerts": [' + b"{}," * 1_000_001 + b"{}]}", 422),
    "NaN in a label": (RAW.replace(f'"{MARKER}"', "NaN", 1).encode(), 422),
    "Infinity": (RAW.replace('"4"', "Infinity").encode(), 422),
    "-Infinity in a label": (RAW.replace(f'"{MARKER}"', "-Infinity", 1).encode(), 422),
    "a number beyond a double": (RAW.replace('"4"', "1e999").encode(), 422),
    "a number of 5,000 digits": (RAW.replace('"4"', "9" * 5000).encode(), 422),
    "alerts as an object": (group(**{"alerts": {MARKER: 1}}), 422),
    "alerts as a text": (group(**{"alerts": MARKER}), 422),
    "no alert": (group(), 422),
    "only bad alerts": (group(1, MARKER, None, [], {}), 422),
    "labels as a list": (group(ALERT | {"labels": [MARKER]}), 422),
    "labels of wrong types": (group(ALERT | {"labels": {"a": 1, "b": [MARKER], "c": None}}), 422),
    "a million wrong labels": (group(ALERT | {"labels": dict.fromkeys(map(str, range(300_000)), 1)}), 422),
    "annotations as a text": (group(ALERT | {"annotations": MARKER}), 422),
    "a status that is none": (group(ALERT | {"status": MARKER}), 422),
    "version 3": (group(ALERT, version="3"), 422),
    "version as an object": (group(ALERT, version={MARKER: 1}), 422),
    "no start": (group({"labels": {"a": MARKER}}), 422),
    "a start that is no time": (group(ALERT | {"startsAt": MARKER}), 422),
    "a start in year 1": (group(ALERT | {"startsAt": "0001-01-01T00:00:00Z"}), 422),
    "a start in year 9999": (group(ALERT | {"startsAt": "9999-12-31T23:59:59-23:59"}), 422),
    "a start in year 99999": (group(ALERT | {"startsAt": "99999-01-01T00:00:00Z"}), 422),
    "a start as a number": (group(ALERT | {"startsAt": -1e300}), 422),
    "an offset of 99 hours": (group(ALERT | {"startsAt": "2026-11-21T02:55:00+99:00"}), 422),
    "duplicate keys": (RAW.replace('"version"', '"version": "9", "version"').encode(), 202),
    "null characters": (RAW.replace(MARKER, "a\\u0000b").encode(), 202),
    "raw null bytes": (RAW.replace(MARKER, "a\x00b").encode(), 422),
    "lone surrogates": (RAW.replace(MARKER, "a\\ud800b").encode(), 202),
    "surrogates in names": (RAW.replace("alertname", "a\\udfff").encode(), 202),
    "bad UTF-8": (RAW.encode().replace(MARKER.encode(), b"\xff\xc0\x80\xed\xa0\x80"), 202),
    "bidi and zero width": (group(ALERT | {"labels": {"alertname": "\u202e\u2066\u200b\ufeff" + MARKER}}), 202),
    "mentions and markup": (group(ALERT | {"labels": {"alertname": "<!channel> </script> ${jndi:x}"}}), 202),
    "a text of 10 MB": (group(ALERT | {"annotations": {"summary": MARKER * 800_000}}), 202),
    "a name of 1 MB": (group(ALERT | {"labels": {MARKER * 80_000: "x"}}), 202),
    "100,000 labels": (group(ALERT | {"labels": {f"l{n}": "x" for n in range(100_000)}}), 202),
    "20,000 alerts": (group(*[ALERT | {"labels": {"a": str(number)}} for number in range(20_000)]), 202),
    "odd values everywhere else": (
        group(
            ALERT | {"endsAt": [], "generatorURL": {}, "fingerprint": 5, "silenceURL": 1},
            groupKey=[MARKER], receiver={}, groupLabels="x", commonLabels=[1], commonAnnotations={"a": 1},
            externalURL=5, truncatedAlerts=-1, status=MARKER,
        ),
        202,
    ),
    "a body of 17 MB": (b'{"alerts": "' + b"x" * 17 * 1024 * 1024 + b'"}', 413),
}  # fmt: skip

PAGERDUTY: dict[str, tuple[bytes, int]] = {
    "no event": (b"{}", 422),
    "event as a text": (json.dumps({"event": MARKER}).encode(), 422),
    "no data": (b'{"event": {"event_type": "incident.triggered"}}', 422),
    "data as a list": (b'{"event": {"event_type": "incident.triggered", "data": []}}', 422),
    "no time": (event(), 422),
    "a time that is none": (event(created_at=MARKER), 422),
    "an id that is none": (event(created_at="2026-11-21T02:00:00Z", id={MARKER: 1}), 422),
    "odd values elsewhere": (event(created_at="2026-11-21T02:00:00Z", teams=[1], service=MARKER, priority=[]), 202),
    "an unknown event": (json.dumps({"event": {"event_type": MARKER}}).encode(), 202),
    "version 2 without content": (b'{"messages": []}', 202),
    "a body of 2 MB": (b'{"messages": "' + b"x" * 2 * 1024 * 1024 + b'"}', 413),
}


def check(response: Any, status: int) -> None:
    assert response.status_code == status, response.text[:300]
    assert MARKER not in response.text
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["reason"]


@pytest.mark.parametrize("name", ALERTMANAGER)
def test_alertmanagers_route_stands(office: Any, logs: list[Any], name: str) -> None:
    body, status = ALERTMANAGER[name]
    check(office.here().post("/v1/webhooks/alertmanager", content=body, headers=JSON), status)
    assert MARKER not in repr(logs)


@pytest.mark.parametrize("name", PAGERDUTY)
def test_pagerdutys_route_stands(office: Any, logs: list[Any], name: str) -> None:
    body, status = PAGERDUTY[name]
    check(office.here().post("/v1/webhooks/pagerduty", content=body, headers=JSON), status)
    assert MARKER not in repr(logs)


@pytest.mark.parametrize("name", ALERTMANAGER)
def test_what_is_taken_can_be_stored(office: Any, name: str) -> None:
    """No database takes a null character, no encoder a lone surrogate."""
    body, status = ALERTMANAGER[name]
    office.here().post("/v1/webhooks/alertmanager", content=body, headers=JSON)
    assert len(office.inbox.deliveries) == 1 or status != 202
    for delivery in office.inbox.deliveries:
        text = repr([delivery.group_key, *((dict(a.labels), dict(a.annotations)) for a in delivery.alerts)])
        assert "\\x00" not in text
        assert "\\ud" not in text


def test_a_compressed_bomb_is_not_unpacked(office: Any) -> None:
    bomb = gzip.compress(b"\x00" * 50_000_000)
    response = office.here().post(
        "/v1/webhooks/alertmanager", content=bomb, headers=JSON | {"content-encoding": "gzip"}
    )
    check(response, 415)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"]
GROUP_FIELDS = ["version", "groupKey", "groupLabels", "commonLabels", "receiver", "alerts", "truncatedAlerts"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=st.dictionaries(st.sampled_from(FIELDS), ODD),
    rest=st.dictionaries(st.sampled_from(GROUP_FIELDS), ODD),
    sender=st.sampled_from(["alertmanager", "grafana"]),
)
def test_no_mix_of_odd_values_is_a_defect(office: Any, one: Any, rest: Any, sender: str) -> None:
    body = json.dumps({"alerts": [ALERT, ALERT | one]} | rest).encode()
    response = office.here().post(f"/v1/webhooks/{sender}", content=body, headers=JSON)
    assert response.status_code in (202, 422)
    assert MARKER not in response.text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(["id", "type", "status", "created_at", "title", "teams", "service"]), ODD))
def test_no_mix_of_odd_values_of_pagerduty_is_a_defect(office: Any, data: Any) -> None:
    response = office.here().post("/v1/webhooks/pagerduty", content=event(**data), headers=JSON)
    assert response.status_code in (202, 422)
    assert MARKER not in response.text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_no_bytes_are_a_defect(office: Any, body: bytes) -> None:
    assert office.here().post("/v1/webhooks/alertmanager", content=body, headers=JSON).status_code == 422
