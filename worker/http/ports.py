"""What the HTTP side needs of the rest of the program; `wiring` chooses who gives it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from domain.access import Audience
from domain.alert import Change, Delivery, Incident, Status
from worker.http.window import Window, closed
from worker.intake.verify import SenderSecrets
from worker.store.messages import Edition, Message, Place
from worker.store.tokens import Denial, Token
from worker.telemetry import Metrics


class Receipt(Protocol):
    """What became of a delivery: counts of alerts, and the incidents it belongs to."""

    @property
    def accepted(self) -> int:
        """Alerts that said something new."""

    @property
    def duplicates(self) -> int:
        """Alerts that were known in this state."""

    @property
    def rejected(self) -> int:
        """Alerts that could not be understood."""

    @property
    def incidents(self) -> tuple[str, ...]:
        """Ids of the incidents they belong to."""

    @property
    def news(self) -> bool:
        """Whether there is something to tell of them."""


class Receive(Protocol):
    """The durable inbox."""

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store the delivery, its incident and its work in one transaction.

        Raises:
            StoreUnavailable: nothing was stored.
        """


class Changes(Protocol):
    """What was done to services."""

    def add(self, change: Change) -> bool:
        """Store a change, and tell whether it is new; one whose id is known changes nothing.

        Raises:
            StoreUnavailable: nothing was stored.
        """


class Incidents(Protocol):
    """The incidents of record."""

    def recent(self, limit: int, offset: int = 0, status: Status | None = None) -> Sequence[Incident]:
        """Return incidents, the newest first; all of them, or those of one status."""

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident, or None."""


class Runs(Protocol):
    """The records of runs."""

    def get(self, run_id: str) -> object | None:
        """Return one record, a dataclass or a mapping of plain values, or None."""


class Messages(Protocol):
    """What channels were told."""

    def of_incident(self, incident_id: str) -> Sequence[Message]:
        """Return an incident's messages in all channels."""

    def history(self, place: Place) -> Sequence[Edition]:
        """Return every text that a message has shown, the oldest first."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One part of the program that may fail.

    `check` says in a few words what answered, or raises a `MiddlewatchError` that says what did not and how to
    mend it. `fatal` parts are those without which nothing can be taken.
    """

    name: str
    check: Callable[[], str]
    fatal: bool = False


class Issued(Protocol):
    """The tokens that were made with `middlewatch token create`."""

    def holder(self, text: str, now: datetime) -> Token | None:
        """Return the valid token that a text is, or None."""


class Denials(Protocol):
    """The reads that were denied."""

    def add(self, denial: Denial) -> None:
        """Record a denial."""


class NoneIssued:
    """No token was ever made, and no denial is kept."""

    def holder(self, text: str, now: datetime) -> Token | None:
        """Know no token."""
        return None

    def add(self, denial: Denial) -> None:
        """Keep nothing."""


@dataclass(slots=True)
class Access:
    """Who may come in: secrets by sender, tokens of the API, and whether this machine needs any.

    `api_tokens` are those of the settings, all of them an operator's; `issued` are those that were made since.
    Not frozen: secrets are changed while the process runs.
    """

    senders: Mapping[str, SenderSecrets] = field(default_factory=dict)
    api_tokens: tuple[str, ...] = ()
    allow_unsigned_loopback: bool = False
    issued: Issued = field(default_factory=NoneIssued)

    def renew(self, fresh: Access) -> None:
        """Take over the secrets and tokens of another, each in one step."""
        self.senders = fresh.senders
        self.api_tokens = fresh.api_tokens


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and all of them together, may take."""

    max_body_bytes: int = 16 * 1024 * 1024
    body_timeout_s: float = 30.0
    bytes_in_flight: int = 256 * 1024 * 1024
    probe_timeout_s: float = 5.0
    deliveries_per_s: float = 500.0


Held = Callable[[Collection[str], Collection[str] | None], Mapping[str, str]]
"""Says which incidents are told in a storm or not for now, in some channels or (None) in any."""


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that the routes need.

    `ring` tells the broker that there is work; it is called after the answer has gone and must neither wait
    nor fail: the sweeper finds what it did not tell. `confirm` confirms a subscription at an address that was
    verified, and `refused` tells of a delivery by its sender and reason, after the answer, too. `ask_sync` asks
    for a sync of one of the `sources`, as quietly as `ring`. `window` gives the record as one audience sees it,
    `held` what is told otherwise than by a message of its own.
    """

    receive: Receive
    ring: Callable[[Sequence[str]], None]
    changes: Changes
    incidents: Incidents
    runs: Runs
    messages: Messages
    access: Access
    metrics: Metrics
    window: Callable[[Audience], Window] = closed
    denials: Denials = NoneIssued()
    held: Held = lambda incidents, channels: {}
    confirm: Callable[[str], None] = lambda _: None
    sources: frozenset[str] = frozenset()
    ask_sync: Callable[[str], None] = lambda source: None
    refused: Callable[[str, str], None] = lambda sender, reason: None
    probes: tuple[Probe, ...] = ()
    limits: Limits = Limits()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
