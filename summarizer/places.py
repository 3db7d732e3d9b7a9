"""Where a model runs, and so what it may be shown. Pure; a name is judged by its form, never looked up."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

_HOME = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434",
}
"""Said outright, so that no variable of the environment sends text elsewhere."""

_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc", ".cluster.local")
_PRIVATE_NETWORKS = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)
_BARE_NAME = re.compile(r"[a-z][a-z0-9-]*")
_CLOUD = re.compile(r"[:-]cloud\Z")


def provider_of(model: str) -> str:
    """Return the provider of "PROVIDER:MODEL", or "" where none is named."""
    provider, colon, _ = model.partition(":")
    return provider.strip().lower() if colon else ""


def base_of(model: str, base_url: str) -> str:
    """Return the address that is called: the one that is set, else the provider's own where it is known."""
    return base_url or _HOME.get(provider_of(model), "")


def is_local(model: str, base_url: str) -> bool:
    """Tell whether a model runs within our own network, so that it may be shown sources marked `local`.

    It does where the address is a loopback or private IP address, `localhost`, a name without a dot (a neighbour in a
    compose file) or one under a private suffix such as `.internal`, `.local`, `.svc` or `.cluster.local`; so does
    Ollama without an address. Ollama's own cloud models do not. A relay within the network that passes text on to a
    provider cannot be told from a model: do not name one as the address while sources are marked `local`.
    """
    if provider_of(model) == "ollama" and _CLOUD.search(model.lower()):
        return False
    try:
        host = (urlsplit(base_of(model, base_url)).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return host.endswith(_PRIVATE_NAMES) or _BARE_NAME.fullmatch(host) is not None
    return any(address in network for network in _PRIVATE_NETWORKS if network.version == address.version)
