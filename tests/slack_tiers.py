"""Slack's rate limits, as documented: one post a second and channel with short bursts, tiers for the rest.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import time
from collections import defaultdict

from tests.slack_faults import Answer, Fault, rate_limited

_POST = "chat.postMessage"
_A_MINUTE = {"chat.update": 50, "chat.delete": 50, "conversations.history": 50}
_BURST = 5


class Tiers:
    """Buckets of calls: one for each channel that is posted to, one for each other method in the workspace."""

    def __init__(self) -> None:
        self._full: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        self.limited = 0

    def judge(self, method: str, arguments: Answer) -> Fault | None:
        """Return the 429 that a call gets now, or None where it may pass."""
        if method == _POST:
            name, rate, burst = f"{method} {arguments.get('channel')}", 1.0, float(_BURST)
        elif method in _A_MINUTE:
            name, rate, burst = method, _A_MINUTE[method] / 60, float(_A_MINUTE[method])
        else:
            return None
        spent, at = self._full[name]
        now = time.monotonic()
        spent = max(0.0, spent - (now - at) * rate)
        if spent + 1 > burst:
            self._full[name] = (spent, now)
            self.limited += 1
            return rate_limited(1)
        self._full[name] = (spent + 1, now)
        return None
