"""The senders whose deliveries are understood: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.alert import Delivery
from worker.intake import alertmanager, cloudevents, cloudwatch, datadog, grafana, pagerduty, sentry, sns
from worker.intake.verify import SenderSecrets, Signature, grafana_signature, pagerduty_signature, sentry_signature

MIB = 1024 * 1024

Parse = Callable[[bytes, Mapping[str, str], datetime], Delivery]
"""Turns verified raw bytes, headers by lower-case name and the time of arrival into a delivery; pure."""


@dataclass(frozen=True, slots=True)
class Sender:
    """How one sender's deliveries are verified and read, and how many bytes they may have.

    `repeats` is for how long it surely sends again what gets a 503; it is told to come again later only where it will.
    `as_text` says that it declares its JSON as plain text; `confirmation` gives the address that confirms a
    subscription, "" for none.
    """

    name: str
    parse: Parse
    signature: Signature | None
    max_body_bytes: int
    repeats: timedelta = timedelta(0)
    as_text: bool = False
    confirmation: Callable[[bytes, SenderSecrets], str] | None = None


_WHILE_IT_FIRES = timedelta(days=1)
"""Alertmanager, and the one within Grafana, tries on within its group interval, and again at every later one."""

SENDERS: Mapping[str, Sender] = {
    sender.name: sender
    for sender in (
        Sender(alertmanager.NAME, alertmanager.parse, None, 16 * MIB, _WHILE_IT_FIRES),
        Sender(grafana.NAME, grafana.parse, grafana_signature, 16 * MIB, _WHILE_IT_FIRES),
        Sender(pagerduty.NAME, pagerduty.parse, pagerduty_signature, 1 * MIB, timedelta(hours=48)),
        Sender(datadog.NAME, datadog.parse, None, 1 * MIB),
        Sender(sentry.NAME, sentry.parse, sentry_signature, 4 * MIB),
        Sender(
            name=cloudwatch.NAME,
            parse=cloudwatch.parse,
            signature=sns.signature,
            max_body_bytes=1 * MIB,
            repeats=timedelta(minutes=1),
            as_text=True,
            confirmation=sns.confirmation,
        ),
        Sender(cloudevents.NAME, cloudevents.parse, None, 1 * MIB),
    )
}
"""Alertmanager and Grafana send whole groups, and drop what gets a 413; PagerDuty and SNS send at most 256 KB.

How long each repeats itself: PagerDuty for 48 hours; SNS three times, 20 s apart, unless the subscription says more;
of Datadog, Sentry and whoever sends CloudEvents nothing is promised that lasts long enough to build on.
"""
