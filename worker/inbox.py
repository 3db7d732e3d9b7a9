"""The door of the store: nothing passes before its secrets are taken out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from domain.alert import Delivery
from worker.http.ports import Receipt
from worker.intake.clean import Redact, cleaned

Heard = Callable[[Delivery, datetime], Delivery]
"""Takes out of a delivery what is no incident."""


class Inbox(Protocol):
    """Where deliveries are taken in."""

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings."""


class CleanInbox:
    """An inbox that stores nothing before it is redacted."""

    def __init__(self, inbox: Inbox, redact: Redact, heard: Heard) -> None:
        """Hand on to this inbox what is left of a delivery, once `heard` has taken the heartbeat out of it."""
        self._inbox = inbox
        self._redact = redact
        self._heard = heard

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings, without its secrets.

        Raises:
            StoreUnavailable: nothing was stored; the sender is to try again.
        """
        return self._inbox.receive(self._heard(cleaned(delivery, self._redact), now), now)
