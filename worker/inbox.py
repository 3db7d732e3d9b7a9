"""The door of the store: nothing passes before its secrets are taken out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from domain.alert import Change, Delivery
from worker.http.ports import Receipt
from worker.intake.clean import Redact, cleaned, cleaned_change

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


class Changes(Protocol):
    """Where changes are taken in."""

    def add(self, change: Change) -> bool:
        """Store a change."""


class CleanChanges:
    """Changes of which nothing is stored before it is redacted."""

    def __init__(self, changes: Changes, redact: Redact) -> None:
        """Hand on to these what is left of a change."""
        self._changes = changes
        self._redact = redact

    def add(self, change: Change) -> bool:
        """Store a change without its secrets, and tell whether it is new.

        Raises:
            StoreUnavailable: nothing was stored; whoever announced it is to try again.
        """
        return self._changes.add(cleaned_change(change, self._redact))
