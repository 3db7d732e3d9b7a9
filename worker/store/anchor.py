"""Find the episode that an alert speaks of where its sender does not say when it began. Pure.

Datadog, Sentry, CloudWatch and CloudEvents say that something is wrong, and later, at another time, that it is right.
"""

from __future__ import annotations

from dataclasses import replace

from domain.alert import Alert, Delivery, Incident, Status


def anchored(delivery: Delivery, newest: Incident | None) -> Delivery:
    """Return the delivery with the start of the episode that each alert belongs to.

    `newest` is the newest incident of the delivery's group. An episode that is open goes on until it resolves; what was
    said before the last one ended belongs to that one, because senders repeat themselves; all else begins anew.
    """
    if delivery.dated or newest is None:
        return delivery
    stored = {alert.fingerprint: alert for alert in newest.alerts}
    alerts = tuple(_anchored(alert, stored.get(alert.fingerprint)) for alert in delivery.alerts)
    return replace(delivery, alerts=alerts)


def _anchored(said: Alert, stored: Alert | None) -> Alert:
    if stored is None or not _belongs(said, stored):
        return said
    return replace(said, starts_at=stored.starts_at)


def _belongs(said: Alert, stored: Alert) -> bool:
    if stored.status is Status.FIRING:
        return said.status is Status.FIRING or said.starts_at >= stored.starts_at
    return said.status is Status.RESOLVED or stored.ends_at is None or said.starts_at <= stored.ends_at
