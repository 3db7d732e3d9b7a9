"""Who is calling: the machine at the other end of the socket, and the token it shows."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from fastapi import Request

from domain.errors import BadSignature
from worker.http.ports import Access
from worker.intake.verify import token_given

_FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

Guard = Callable[[Request], None]
"""A FastAPI dependency that lets a request pass or raises `BadSignature`."""


def from_this_machine(request: Request) -> bool:
    """Tell whether the caller sits on this machine, by the socket alone.

    A request that a proxy passed on does not count, and neither does one for another host name: a web page
    that has its own name resolve to 127.0.0.1 would otherwise read through the browser of whoever opens it.
    The server must be started without proxy headers (uvicorn `proxy_headers=False`).
    """
    if request.client is None or any(name in request.headers for name in _FORWARDING):
        return False
    if request.headers.get("host", "").rpartition(":")[0] not in _LOCAL_NAMES and (
        request.headers.get("host", "") not in _LOCAL_NAMES
    ):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def token_required(access: Access) -> Guard:
    """Return the guard of the API: a token always, except from this machine where settings allow it."""

    def guard(request: Request) -> None:
        if not (access.allow_unsigned_loopback and from_this_machine(request)):
            _require(request, access)

    return guard


def token_off_loopback(access: Access) -> Guard:
    """Return the guard of pages for whoever runs the program: a token, except from this machine."""

    def guard(request: Request) -> None:
        if not from_this_machine(request):
            _require(request, access)

    return guard


def _require(request: Request, access: Access) -> None:
    verdict = token_given(request.headers, access.api_tokens)
    if verdict is None:
        raise BadSignature(
            "This needs a token.", reason="no-token", mend="Send Authorization: Bearer with one of intake.api_tokens."
        )
    if not verdict:
        raise BadSignature("The token is wrong.", reason="bad-token", mend="Send one of intake.api_tokens.")
