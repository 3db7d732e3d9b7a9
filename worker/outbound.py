"""What leaves this machine: each call's host is held to the list, counted, and put down to the run that it is for.

Hosts that the settings name were held to `[outbound] allow` when they were read. Here they are held to it once more at
the moment of the call, with those that no setting names: the hosts of Amazon SNS, a model named on the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

from domain.errors import Refused
from summarizer.draft import Answer
from summarizer.fallbacks import Model, Wrapped
from summarizer.prompt import Prompt
from worker.sections.outbound import OutboundSettings, host_of
from worker.telemetry import Metrics

log = structlog.get_logger()

Hosts = dict[str, list[str]]
"""The hosts that were called, by what for: slack, model, index, embedding, git, sns, heartbeat."""

_RUN: ContextVar[Hosts | None] = ContextVar("hosts_called", default=None)


@contextmanager
def put_down_to(hosts: Hosts) -> Iterator[None]:
    """Note the hosts that the body calls; a host is there once for each purpose, in the order of its first call."""
    token = _RUN.set(hosts)
    try:
        yield
    finally:
        _RUN.reset(token)


class Outbound:
    """The gate that every call to another host goes through."""

    def __init__(self, settings: OutboundSettings, metrics: Metrics) -> None:
        """`settings` hold the list."""
        self.settings = settings
        self._metrics = metrics

    def call(self, purpose: str, host: str) -> None:
        """Note that a host is about to be called.

        Raises:
            Refused: the host is not on the list; it must not be called.
        """
        if not self.settings.allows(host):
            self._metrics.count("middlewatch_outbound_refused_total", purpose=purpose)
            log.error("a host that is not allowed was not called", action="outbound_refused", purpose=purpose)
            raise Refused(
                f"The host {host or '(none)'} ({purpose}) may not be called.",
                reason="host-not-allowed",
                mend="Add it to [outbound] allow, or change the address.",
            )
        self._metrics.count("middlewatch_outbound_calls_total", purpose=purpose, host=host)
        hosts = _RUN.get()
        if hosts is not None and host not in hosts.setdefault(purpose, []):
            hosts[purpose].append(host)

    def for_url(self, purpose: str, url: str) -> None:
        """Note that an address is about to be called; one without a host, such as a socket's or a file's, is none.

        Raises:
            Refused: its host is not on the list.
        """
        host = host_of(url)
        if host:
            self.call(purpose, host)

    def may(self, purpose: str, asked: Callable[[str], bool]) -> Callable[[str], bool]:
        """Return whether an address may be called: where `asked` says so, and its host is on the list."""

        def allowed(url: str) -> bool:
            if not asked(url):
                return False
            try:
                self.call(purpose, host_of(url))
            except Refused:
                return False
            return True

        return allowed

    def model(self, model: Model, host: str) -> Model:
        """Return a model whose calls go through here."""
        return _Called(model, host, self)


@dataclass(frozen=True, slots=True)
class _Called(Wrapped):
    """A model whose host is noted whenever it is asked."""

    host: str
    outbound: Outbound

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Answer, if its host may be called."""
        self.outbound.call("model", self.host)
        return self.model.answer(prompt, timeout_s)
