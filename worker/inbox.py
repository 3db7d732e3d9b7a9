"""The door of the store: nothing passes before its secrets are taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.alert import Delivery
from worker.http.ports import Receipt
from worker.intake.clean import Redact, cleaned


class Inbox(Protocol):
    """Where deliveries are taken in."""

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings."""


class CleanInbox:
    """An inbox that stores nothing before it is redacted."""

    def __init__(self, inbox: Inbox, redact: Redact) -> None:
        """Hand on to this inbox what is left of a delivery."""
        self._inbox = inbox
        self._redact = redact

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings, without its secrets.

        Raises:
            StoreUnavailable: nothing was stored; the sender is to try again.
        """
        return self._inbox.receive(cleaned(delivery, self._redact), now)
