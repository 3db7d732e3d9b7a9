"""The breakers of this process, by the part they spare: Qdrant, Slack, the source of groups, each model's provider."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import structlog

from domain.breaker import Breaker
from domain.errors import Unavailable
from worker.http.ports import Probe
from worker.telemetry import Metrics

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """After how many failures in a row a part is spared, and for how many seconds."""

    failures: int = 5
    open_s: float = 30.0


class Breakers:
    """Every breaker there is, each made when it is first asked for."""

    def __init__(self, metrics: Metrics) -> None:
        """Say in these metrics which are open."""
        self._metrics = metrics
        self._known: dict[str, Breaker] = {}
        self._lock = threading.Lock()

    def of(self, part: str, limits: Limits) -> Breaker:
        """Return the breaker of a part; the limits count when it is made."""
        with self._lock:
            if part not in self._known:
                self._metrics.set("middlewatch_breaker_open", 0, part=part)
                self._known[part] = Breaker(limits.failures, limits.open_s, changed=_Turn(part, self._metrics))
            return self._known[part]

    def open(self) -> tuple[tuple[str, float], ...]:
        """Return the parts that are spared now, each with the seconds until somebody looks at it again."""
        with self._lock:
            return tuple((part, each.left_s) for part, each in sorted(self._known.items()) if each.open)

    def check(self) -> str:
        """Say that nothing is spared.

        Raises:
            Unavailable: something is; names it.
        """
        if spared := self.open():
            named = ", ".join(f"{part} (looked at again in {left:.0f} s)" for part, left in spared)
            raise Unavailable(f"Spared after failures in a row: {named}.", mend=_mend([part for part, _ in spared]))
        return f"none of {len(self._known)} is open"


@dataclass(frozen=True, slots=True)
class _Turn:
    """Hears that one breaker opened or closed."""

    part: str
    metrics: Metrics
    words: dict[bool, str] = field(default_factory=lambda: {True: "a part is spared", False: "a part is back"})

    def __call__(self, is_open: bool) -> None:
        self.metrics.set("middlewatch_breaker_open", float(is_open), part=self.part)
        log.warning(self.words[is_open], action="breaker", part=self.part, open=is_open)


_MENDS = {
    "qdrant": "See that Qdrant runs and [store] qdrant_url is right; messages go without documents meanwhile.",
    "slack": "See the network and [slack] base_url; messages wait in the outbox.",
    "groups": "See the network and [slack] base_url; audiences hold until [groups] ttl, then nothing is readable.",
}


def _mend(parts: list[str]) -> str:
    others = "See the provider of the model; messages stay quoted word for word." if set(parts) - set(_MENDS) else ""
    return " ".join(filter(None, (*(_MENDS.get(part, "") for part in parts), others)))


def probe(breakers: Breakers) -> Probe:
    """Probe whether a part is spared by this process."""
    return Probe("breakers", breakers.check)
