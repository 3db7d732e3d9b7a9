"""What proves a message of Amazon SNS, and what is asked of Amazon. The key and certificate are made here."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from domain.errors import BadInput, BadSignature, Unavailable
from worker.intake import cloudwatch, sns
from worker.intake.amazon import Amazon
from worker.intake.verify import Given, SenderSecrets, Topics, verify

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def pem() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key().public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - timedelta(days=30))
    return builder.not_valid_after(NOW + timedelta(days=30)).sign(key(), SHA256()).public_bytes(Encoding.PEM)


def message(kind: str = "Notification", version: str = "2", **changed: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "Type": kind,
        "MessageId": "m1",
        "TopicArn": TOPIC,
        "Message": '{"AlarmName": "D", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-21T02:59:00.000+0000"}',
        "Timestamp": "2026-11-21T02:59:01.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
    }
    if kind != "Notification":
        query = f"Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0"
        said |= {"Token": "t0", "SubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?{query}"}
    said |= changed
    text = sns.envelope(said).signed_text()
    signature = key().sign(text, PKCS1v15(), SHA1() if version == "1" else SHA256())  # noqa: S303 - SNS version 1
    return said | {"Signature": base64.b64encode(signature).decode()}


def secrets(*topics: str) -> SenderSecrets:
    return SenderSecrets(topics=Topics(frozenset(topics or (TOPIC,)), lambda _: pem()))


def passes(said: dict[str, Any], known: SenderSecrets | None = None, now: datetime = NOW) -> bool:
    given = Given(json.dumps(said).encode(), {})
    try:
        verify(given, known or secrets(), sns.signature, now, unsigned=False)
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_what_amazon_signed_passes(kind: str, version: str) -> None:
    assert passes(message(kind, version))
    assert passes(message(kind, version, Subject="ALARM"))


def test_the_text_that_is_signed_is_that_of_the_documentation() -> None:
    said = sns.envelope(message(Subject="s", Message="m"))
    assert (
        said.signed_text()
        == (
            f"Message\nm\nMessageId\nm1\nSubject\ns\nTimestamp\n2026-11-21T02:59:01.000Z\nTopicArn\n{TOPIC}\nType\nNotification\n"
        ).encode()
    )


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp", "Subject"])
def test_what_was_changed_after_it_was_signed_does_not_pass(field: str) -> None:
    said = message(Subject="s")
    assert not passes(said | {field: said[field].replace("2", "3") + "x"})


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://s3.amazonaws.com/bucket/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.eu_west.amazonaws.com/x.pem",
        "https://[::1/x.pem",
        "",
    ],
)
def test_only_amazons_own_hosts_are_asked(url: str) -> None:
    assert not sns.is_amazon(url)
    assert not passes(message(SigningCertURL=url))


def test_amazons_hosts_in_china_are_amazons() -> None:
    assert sns.is_amazon("https://sns.cn-north-1.amazonaws.com.cn/x.pem")


def test_another_topic_a_replay_and_an_unknown_version_do_not_pass() -> None:
    assert not passes(message(), secrets("arn:aws:sns:eu-west-1:1:other"))
    assert not passes(message(), now=NOW + timedelta(hours=26))
    assert not passes(message() | {"SignatureVersion": "3"})
    assert not passes(message() | {"Signature": "not base64!"})
    assert not passes({key: value for key, value in message().items() if key != "Signature"})


def test_a_certificate_that_is_not_valid_yet_or_any_more_proves_nothing() -> None:
    assert not passes(message(Timestamp="2027-06-01T00:00:00.000Z"), now=datetime(2027, 6, 1, tzinfo=UTC))


def test_without_topics_nothing_is_taken() -> None:
    assert not passes(message(), SenderSecrets())


def test_a_subscription_is_confirmed_only_for_a_topic_of_ours_at_amazon() -> None:
    body = json.dumps(message("SubscriptionConfirmation")).encode()
    assert sns.confirmation(body, secrets()).startswith(
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
    )
    assert sns.confirmation(body, secrets("arn:aws:sns:eu-west-1:1:other")) == ""
    assert sns.confirmation(body, SenderSecrets()) == ""
    assert sns.confirmation(json.dumps(message()).encode(), secrets()) == ""
    assert sns.confirmation(b"{", secrets()) == ""
    elsewhere = message("SubscriptionConfirmation", SubscribeURL="https://evil.example/?Action=ConfirmSubscription")
    assert sns.confirmation(json.dumps(elsewhere).encode(), secrets()) == ""
    other = f"https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn={TOPIC}"
    assert (
        sns.confirmation(json.dumps(message("SubscriptionConfirmation", SubscribeURL=other)).encode(), secrets()) == ""
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (message("SubscriptionConfirmation"), "subscription-confirmation"),
        (message("UnsubscribeConfirmation"), "unsubscribe-confirmation"),
        (message(Message="hello"), "no-alarm"),
        (message(Message='{"detail-type": "GuardDuty Finding"}'), "no-alarm"),
        (
            message(Message='{"AlarmName": "D", "NewStateValue": "INSUFFICIENT_DATA", "StateChangeTime": "2026"}'),
            "insufficient-data",
        ),
    ],
)
def test_what_is_no_alarm_is_taken_and_left_alone(said: dict[str, Any], reason: str) -> None:
    delivery = cloudwatch.parse(json.dumps(said).encode(), {}, NOW)
    assert (delivery.ignored, delivery.alerts, delivery.delivery_id) == (reason, (), "m1")


def test_a_message_without_its_envelope_is_refused_with_the_mend() -> None:
    with pytest.raises(BadInput) as caught:
        cloudwatch.parse(b'{"AlarmName": "DiskFull"}', {}, NOW)
    assert (caught.value.reason, "raw message delivery" in caught.value.mend) == ("sns-raw", True)


class _Site(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/pem")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/pem" else 404)
        self.end_headers()
        self.wfile.write(b"certificate")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    _Site.asked = []
    server = HTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_is_fetched_once_and_no_redirect_is_followed(site: str) -> None:
    amazon = Amazon(allowed=lambda url: url.startswith(site))
    assert [amazon.certificate(f"{site}/pem") for _ in range(3)] == [b"certificate"] * 3
    assert _Site.asked == ["/pem"]
    for path in ("/away", "/gone"):
        with pytest.raises(Unavailable, match="did not answer"):
            amazon.certificate(f"{site}{path}")
    amazon.confirm(f"{site}/gone")
    assert _Site.asked == ["/pem", "/away", "/gone", "/gone"]


def test_an_address_that_is_not_amazons_is_never_asked(site: str) -> None:
    with pytest.raises(Unavailable, match="none of Amazon"):
        Amazon().certificate(f"{site}/pem")
    assert _Site.asked == []
