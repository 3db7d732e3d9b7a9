"""Which hosts may be called at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import BadSettings
from summarizer.places import base_of
from worker.sections.source import Section, SourceSettings, is_local

HUGGING_FACE = "huggingface.co"
_SCP = re.compile(r"(?:[^@/:]+@)?([^/:@]+):(?!//)")


class OutboundSettings(Section):
    """The hosts that may be called: Slack, language models, git servers and an index of yours."""

    allow: tuple[str, ...] = ()

    def allows(self, host: str) -> bool:
        """Tell whether a host may be called: any, where the list is empty."""
        return not self.allow or any(_matches(host.lower(), allowed.lower()) for allowed in self.allow)

    def check(self, calls: Iterable[tuple[str, str]]) -> None:
        """Refuse a host that is not allowed; `calls` are the hosts with what they are called for.

        Raises:
            BadSettings: one is not; it names the host and the setting.
        """
        for purpose, host in calls:
            if not self.allows(host):
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


def embedding_hosts(model: str) -> Iterator[tuple[str, str]]:
    """Yield the host that an embedding model is fetched from: a name that is no folder is one of Hugging Face's."""
    if model != "bundled" and not Path(model).expanduser().is_dir() and not model.startswith((".", "/", "~")):
        yield "[embedding] model", HUGGING_FACE


def addresses(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the host of each address that has one, with the setting that names it; a file or a socket has none."""
    for setting, address in named:
        host = host_of(address)
        if host:
            yield setting, host


def host_of(address: str) -> str:
    """Return the host of a URL, or of git's USER@HOST:PATH; "" where there is none."""
    scp = _SCP.match(address)
    try:
        return (scp[1] if scp and "://" not in address else urlsplit(address).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
