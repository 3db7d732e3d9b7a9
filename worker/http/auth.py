"""Who is calling: the machine at the other end of the socket, and the token it shows.

A caller is an operator, who runs the program and sees all of it, or reads as an audience. A token that is shown
counts, wherever it comes from: on this machine too it may narrow what is seen, and a wrong one is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from fastapi import Request

from domain.access import Audience
from domain.errors import BadSignature
from worker.http.ports import Deps
from worker.http.problems import Refusal
from worker.intake.verify import bearer, token_given
from worker.store.tokens import Denial

_FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

OPERATOR_NEEDED = "operator-needed"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `audience` is what a reader reads as; an operator's is not asked for."""

    name: str
    operator: bool
    audience: Audience
    token_id: str = ""


Guard = Callable[[Request], Caller]
"""A FastAPI dependency that says who asks; raises `BadSignature` where nobody known does, `Refusal` where not enough.

It may ask the database, so it must not be a coroutine: FastAPI runs it in a thread.
"""

THIS_MACHINE = Caller("this machine", operator=True, audience=Audience.nobody())
BY_SETTINGS = Caller("intake.api_tokens", operator=True, audience=Audience.nobody())


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


def reading(deps: Deps) -> Guard:
    """Return the guard of the API's record: a token always, except from this machine where settings allow it."""

    def guard(request: Request) -> Caller:
        return _caller(request, deps, here=deps.access.allow_unsigned_loopback)

    return guard


def operating(deps: Deps) -> Guard:
    """Return the guard of what only an operator may do over the API."""
    return _operators(reading(deps), deps)


def reading_pages(deps: Deps) -> Guard:
    """Return the guard of pages: from this machine whoever runs the program, from elsewhere a token."""

    def guard(request: Request) -> Caller:
        return _caller(request, deps, here=True)

    return guard


def operating_pages(deps: Deps) -> Guard:
    """Return the guard of pages for whoever runs the program."""
    return _operators(reading_pages(deps), deps)


def is_operator(deps: Deps) -> Callable[[Request], bool]:
    """Return what tells whether an operator asks; nobody is refused."""
    known = reading_pages(deps)

    def ask(request: Request) -> bool:
        try:
            return known(request).operator
        except BadSignature:
            return False

    return ask


def denied(deps: Deps, caller: Caller, what: str, subject: str, reason: str) -> None:
    """Put a read that is denied on record: every one as a metric, those of known callers in the database too."""
    deps.metrics.count("middlewatch_denied_reads_total", what=what, reason=reason)
    if caller.token_id:
        deps.denials.add(Denial(deps.clock(), caller.token_id, caller.name, what, subject, reason))


def _operators(known: Guard, deps: Deps) -> Guard:
    def guard(request: Request) -> Caller:
        caller = known(request)
        if not caller.operator:
            denied(deps, caller, "page", request.url.path[:200], OPERATOR_NEEDED)
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This is for operators.",
                reason=OPERATOR_NEEDED,
                mend="Use a token that was made with `middlewatch token create --operator`.",
            )
        return caller

    return guard


def _caller(request: Request, deps: Deps, *, here: bool) -> Caller:
    verdict = token_given(request.headers, deps.access.api_tokens)
    if verdict is None and here and from_this_machine(request):
        return THIS_MACHINE
    if verdict is None:
        deps.metrics.count("middlewatch_denied_reads_total", what="page", reason="no-token")
        raise BadSignature(
            "This needs a token.", reason="no-token", mend="Send Authorization: Bearer with a token of the API."
        )
    token = None if verdict else deps.access.issued.holder(bearer(request.headers), deps.clock())
    if not verdict and token is None:
        deps.metrics.count("middlewatch_denied_reads_total", what="page", reason="bad-token")
        raise BadSignature(
            "The token is wrong, revoked or out of date.",
            reason="bad-token",
            mend="See `middlewatch token list`, or make one with `middlewatch token create`.",
        )
    return Caller(token.name, token.operator, token.audience, token.id) if token else BY_SETTINGS
