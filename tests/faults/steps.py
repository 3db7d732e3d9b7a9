"""Stand between two parts, and stop the process dead where the plan says so."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tests.faults.plan import Kill


class Steps:
    """Counts how often each step was come to, and dies where it is to."""

    def __init__(self, kills: Sequence[Kill], died: int, how: int = signal.SIGKILL) -> None:
        """`died` is a file descriptor to which the step is written before the end."""
        self._at = {(kill.step, kill.nth) for kill in kills}
        self._count: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._died = died
        self._how = how

    def reach(self, step: str) -> None:
        """Come to a step."""
        with self._lock:
            self._count[step] += 1
            ends = (step, self._count[step]) in self._at
        if ends:
            os.write(self._died, f"{step}\n".encode())
            os.kill(os.getpid(), self._how)


class Reached(Protocol):
    """Is told of each step that is come to."""

    def reach(self, step: str) -> None:
        """Come to a step."""


class Watched:
    """A part whose every call passes two steps, "NAME.method:before" and, where it does not fail, ":after"."""

    def __init__(self, part: Any, name: str, steps: Reached) -> None:
        self._part = part
        self._name = name
        self._steps = steps

    def __getattr__(self, method: str) -> Any:
        value = getattr(self._part, method)
        return self._between(method, value) if callable(value) else value

    def _between(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*arguments: Any, **named: Any) -> Any:
            self._steps.reach(f"{self._name}.{method}:before")
            answer = call(*arguments, **named)
            self._steps.reach(f"{self._name}.{method}:after")
            return answer

        return passed
