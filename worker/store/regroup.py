"""Group alerts by labels of your own choice, across senders. Pure.

Without such labels an incident is what the sender calls a group. With them, alerts that carry all of them belong to
one incident for each combination of values, whoever sends them; the others stay in their sender's group.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from domain.alert import Alert, Delivery

ACROSS = "several"
"""The sender of an incident that is grouped across senders."""


def regrouped(delivery: Delivery, labels: Sequence[str]) -> tuple[Delivery, ...]:
    """Return the delivery as one for each group, in the order of their keys; what was not taken stays with the first.

    A fingerprint is a sender's own, so it is told apart by the sender's name.
    """
    if not labels or not delivery.alerts:
        return (delivery,)
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in delivery.alerts:
        key = key_of(alert, labels)
        if key:
            groups.setdefault((ACROSS, key), []).append(
                replace(alert, fingerprint=f"{delivery.sender}:{alert.fingerprint}")
            )
        else:
            groups.setdefault((delivery.sender, delivery.group_key), []).append(alert)
    parts = [
        replace(delivery, sender=sender, group_key=key, alerts=tuple(alerts), rejected=(), truncated=0)
        for (sender, key), alerts in sorted(groups.items())
    ]
    return (replace(parts[0], rejected=delivery.rejected, truncated=delivery.truncated), *parts[1:])


def key_of(alert: Alert, labels: Sequence[str]) -> str:
    """Return the alert's group, "" where it lacks one of the labels."""
    values = {name: alert.labels.get(name, "") for name in labels}
    if not all(values.values()):
        return ""
    return "{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(values.items())) + "}"
