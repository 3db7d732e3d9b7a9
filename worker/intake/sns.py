"""The envelope of Amazon SNS: what proves it, and how a subscription is confirmed.

Sources: docs.aws.amazon.com/sns, "Verifying the signatures of Amazon SNS messages" and "HTTP/HTTPS subscription
confirmation JSON format". Both addresses in an envelope are the sender's word, so only Amazon's own hosts are asked,
over HTTPS, without following a redirect; and only topics that the settings name are taken at all.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import BadInput
from worker.intake import moments, strict_json
from worker.intake.verify import Given, SenderSecrets

NOTIFICATION = "Notification"
_CONFIRMATION = "SubscriptionConfirmation"
REASONS = {_CONFIRMATION: "subscription-confirmation", "UnsubscribeConfirmation": "unsubscribe-confirmation"}

_HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?")
_OLDEST = timedelta(hours=25)
"""SNS gives an endpoint up within an hour by default, within a day at the most; an older message is a replay."""

_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    _CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES: dict[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}


class Envelope(BaseModel):
    """One message of SNS."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: str = Field(alias="Type", pattern="^(?:Notification|SubscriptionConfirmation|UnsubscribeConfirmation)$")
    message_id: str = Field(alias="MessageId", min_length=1)
    topic: str = Field(alias="TopicArn", min_length=1)
    message: str = Field(alias="Message")
    at: str = Field(alias="Timestamp", max_length=64)
    subject: str | None = Field(None, alias="Subject")
    version: str = Field("", alias="SignatureVersion")
    signature: str = Field("", alias="Signature")
    certificate: str = Field("", alias="SigningCertURL")
    token: str | None = Field(None, alias="Token")
    subscribe: str | None = Field(None, alias="SubscribeURL")

    def signed_text(self) -> bytes:
        """Return what Amazon signed: names and values, a line each, in the order of its documentation."""
        values = self.model_dump(by_alias=True)
        pairs = ((name, values[name]) for name in _SIGNED[self.type] if values[name] is not None)
        return "".join(f"{name}\n{value}\n" for name, value in pairs).encode("utf-8", "surrogatepass")


def envelope(content: object) -> Envelope:
    """Return the message.

    Raises:
        BadInput: `no-envelope`, this is none of SNS.
    """
    try:
        return Envelope.model_validate(content)
    except ValidationError:
        # The cause is not chained: its message quotes the body.
        raise BadInput(
            "The body is no message of Amazon SNS.", reason="no-envelope", mend="Subscribe this address to a topic."
        ) from None


def signature(given: Given, secrets: SenderSecrets, now: datetime) -> bool | None:
    """Check Amazon's signature, and that the topic is one of those that are taken. None where there is none.

    Raises:
        Unavailable: Amazon's certificate could not be fetched; the sender is to try again.
    """
    topics = secrets.topics
    try:
        said = envelope(strict_json.loads(given.body))
    except BadInput:
        return None
    if topics is None or not said.signature:
        return None
    if said.topic not in topics.arns or said.version not in _HASHES or not is_amazon(said.certificate):
        return False
    sent = moments.moment(said.at)
    if sent is None or abs(now - sent) > _OLDEST:
        return False
    return _signed(said, topics.certificate(said.certificate), _HASHES[said.version]())


def confirmation(body: bytes, secrets: SenderSecrets) -> str:
    """Return the address that confirms a subscription, or "": for a verified body of one of the topics alone."""
    try:
        said = envelope(strict_json.loads(body))
    except BadInput:
        return ""
    if said.type != _CONFIRMATION or secrets.topics is None or said.topic not in secrets.topics.arns:
        return ""
    asked = parse_qs(urlsplit(said.subscribe or "").query)
    rightly = asked.get("Action") == ["ConfirmSubscription"] and asked.get("TopicArn") == [said.topic]
    return (said.subscribe or "") if rightly and is_amazon(said.subscribe or "") else ""


def is_amazon(url: str) -> bool:
    """Tell whether an address is one of SNS itself."""
    try:
        parts = urlsplit(url)
        plain = parts.port in (None, 443) and parts.username is None
    except ValueError:
        return False
    return plain and parts.scheme == "https" and bool(_HOST.fullmatch(parts.hostname or ""))


def _signed(said: Envelope, pem: bytes, algorithm: HashAlgorithm) -> bool:
    try:
        certificate = load_pem_x509_certificate(pem)
        given = base64.b64decode(said.signature, validate=True)
    except (ValueError, binascii.Error):
        return False
    key = certificate.public_key()
    at = moments.moment(said.at) or datetime.now(UTC)
    if (
        not isinstance(key, RSAPublicKey)
        or not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    ):
        return False
    try:
        key.verify(given, said.signed_text(), PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
