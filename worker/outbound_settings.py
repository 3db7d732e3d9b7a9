"""Which hosts may be called at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from domain.errors import BadSettings
from summarizer.places import base_of
from worker.source_settings import Section, SourceSettings, is_local

_SCP = re.compile(r"(?:[^@/:]+@)?([^/:@]+):(?!//)")


class OutboundSettings(Section):
    """The hosts that may be called: Slack, language models, git servers and an index of yours."""

    allow: tuple[str, ...] = ()

    def check(self, calls: Iterable[tuple[str, str]]) -> None:
        """Refuse a host that is not allowed; `calls` are the hosts with what they are called for.

        Raises:
            BadSettings: one is not; it names the host and the setting.
        """
        for purpose, host in calls:
            if self.allow and not any(_matches(host, allowed.lower()) for allowed in self.allow):
                raise BadSettings(
                    f"{purpose} names the host {host or '(none)'}, which [outbound] allow does not list.",
                    mend="Add it there, or change the address.",
                )


def _matches(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def model_hosts(models: Iterable[str], base_url: str) -> Iterator[tuple[str, str]]:
    """Yield the host of each model that is named."""
    for model in models:
        if model:
            yield "[llm] model", host_of(base_of(model, base_url))


def git_hosts(sources: Iterable[SourceSettings]) -> Iterator[tuple[str, str]]:
    """Yield the host of each repository that is not on this machine."""
    for source in sources:
        if source.git and not is_local(source.git):
            yield f"[[sources]] {source.name}", host_of(source.git)


def host_of(address: str) -> str:
    """Return the host of a URL, or of git's USER@HOST:PATH; "" where there is none."""
    scp = _SCP.match(address)
    try:
        return (scp[1] if scp and "://" not in address else urlsplit(address).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
