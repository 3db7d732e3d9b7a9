"""A client for a key that may change while the process runs: secrets are renewed without a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Client = TypeVar("Client")


class Renewed(Generic[Client]):
    """A client opened with the key that is good now, and with another once it is another one. Threads share it."""

    def __init__(self, key: Callable[[], str], opens: Callable[[str], Client]) -> None:
        """Open the first client at once: `key` gives the key, `opens` a client that proves itself with it."""
        self._key, self._opens = key, opens
        self._last = self._with(key())

    def client(self) -> Client:
        """Return the client for the key of now; whoever still calls with the one before ends with it."""
        key, client = self._last
        if key != (current := self._key()):
            self._last = _, client = self._with(current)
        return client

    def _with(self, key: str) -> tuple[str, Client]:
        return key, self._opens(key)
