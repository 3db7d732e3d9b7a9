"""What fires: alerts, the delivery that brings them, and the incident they make up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Whether an alert, or any alert of an incident, is still firing."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How bad an alert says it is; `UNKNOWN` where it does not say."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


_SEVERITY_WORDS = {
    "critical": Severity.CRITICAL, "crit": Severity.CRITICAL, "page": Severity.CRITICAL, "fatal": Severity.CRITICAL,
    "emergency": Severity.CRITICAL, "p1": Severity.CRITICAL, "sev1": Severity.CRITICAL, "high": Severity.CRITICAL,
    "error": Severity.ERROR, "major": Severity.ERROR, "p2": Severity.ERROR, "sev2": Severity.ERROR,
    "warning": Severity.WARNING, "warn": Severity.WARNING, "minor": Severity.WARNING, "p3": Severity.WARNING,
    "sev3": Severity.WARNING, "low": Severity.WARNING, "ticket": Severity.WARNING,
    "info": Severity.INFO, "none": Severity.INFO, "p4": Severity.INFO, "p5": Severity.INFO, "sev4": Severity.INFO,
}  # fmt: skip


def severity_of(word: str) -> Severity:
    """Return the severity that a sender's own word for it means."""
    return _SEVERITY_WORDS.get(word.strip().lower(), Severity.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as its sender states it. Labels and annotations are untrusted text.

    (`fingerprint`, `starts_at`) names one episode of one alert; times are aware.
    """

    fingerprint: str
    status: Status
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    link: str = ""

    @property
    def name(self) -> str:
        """The alert's name, or "" where its sender gives none."""
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> Severity:
        """How bad the alert says it is, by its `severity` or `priority` label."""
        return severity_of(self.labels.get("severity") or self.labels.get("priority") or "")

    @property
    def service(self) -> str:
        """The service the alert is about, or ""."""
        return next((self.labels[name] for name in ("service", "app", "job") if self.labels.get(name)), "")

    @property
    def summary(self) -> str:
        """What the sender says in one line: its summary, else its description, else the name."""
        return self.annotations.get("summary") or self.annotations.get("description") or self.name


@dataclass(frozen=True, slots=True)
class Rejection:
    """One alert of a delivery that could not be understood: where it stood, and a stable reason."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one webhook brought: the alerts of one group, understood one by one.

    `delivery_id` is the sender's own id of the delivery where it has one, else "".
    `truncated` counts alerts that the sender itself left out. `ignored` is the reason an event was
    understood and left alone; then there are no alerts. `dated` is false where the sender does not say when
    an alert began: then `starts_at` is when it was said, and an episode is the one that is open.
    """

    sender: str
    group_key: str
    alerts: tuple[Alert, ...]
    rejected: tuple[Rejection, ...] = ()
    delivery_id: str = ""
    link: str = ""
    truncated: int = 0
    ignored: str = ""
    dated: bool = True


SYNTHETIC = "middlewatch_canary"
"""The label of alerts that are our own: an incident of nothing else is none that anybody counts."""

FLAPS_AFTER = 3
"""An incident that was reopened more often than this is flapping."""


@dataclass(frozen=True, slots=True)
class Incident:
    """The alerts of one (sender, group key) from the first that fires until all have resolved.

    `version` rises with every change that is worth showing. `previous_id` is the incident of the same
    group before this one, or "". `alerts` holds the newest state of each fingerprint, oldest first.
    """

    id: str
    sender: str
    group_key: str
    status: Status
    opened_at: datetime
    resolved_at: datetime | None
    version: int
    alerts: tuple[Alert, ...]
    reopened: int = 0
    previous_id: str = ""
    truncated: int = 0

    @property
    def synthetic(self) -> bool:
        """Whether all of it is our own: the canary."""
        return all(alert.labels.get(SYNTHETIC) for alert in self.alerts) and bool(self.alerts)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that still fire."""
        return tuple(alert for alert in self.alerts if alert.status is Status.FIRING)

    @property
    def lead(self) -> Alert:
        """The alert that speaks for the incident: the worst, then the first, of those that matter now."""
        candidates = self.firing or self.alerts
        return min(candidates, key=lambda alert: (alert.severity.rank, alert.starts_at, alert.fingerprint))

    @property
    def severity(self) -> Severity:
        """The severity of the lead alert."""
        return self.lead.severity

    @property
    def services(self) -> tuple[str, ...]:
        """The services of its alerts, each once, sorted."""
        return tuple(sorted({alert.service for alert in self.alerts if alert.service}))


@dataclass(frozen=True, slots=True)
class Change:
    """Something somebody did to a service: a deployment, a flag, a migration."""

    id: str
    who: str
    what: str
    service: str
    at: datetime
    link: str
    readers: frozenset[str]
