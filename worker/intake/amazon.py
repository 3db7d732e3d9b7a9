"""Ask Amazon: for the certificates that SNS signs with, and to confirm a subscription."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from http.client import HTTPException
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import structlog

from domain.errors import Unavailable
from worker.intake.sns import is_amazon

log = structlog.get_logger()

_TIMEOUT_S = 5.0
_MOST_BYTES = 64 * 1024
_KEPT = 16


class _NoRedirect(HTTPRedirectHandler):
    """Follow nothing: a redirect leads to where nobody has looked."""

    def redirect_request(self, *_: object) -> None:
        """Give no new request."""


class Amazon:
    """Fetches from SNS's own hosts alone, and keeps the certificates, whose names change with their content."""

    def __init__(self, allowed: Callable[[str], bool] = is_amazon, opener: OpenerDirector | None = None) -> None:
        """`allowed` says which addresses may be asked."""
        self._allowed = allowed
        self._opener = opener or build_opener(_NoRedirect, ProxyHandler())
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def certificate(self, url: str) -> bytes:
        """Return the certificate at an address.

        Raises:
            Unavailable: it did not answer.
        """
        with self._lock:
            if url in self._kept:
                return self._kept[url]
        content = self._get(url)
        with self._lock:
            self._kept[url] = content
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return content

    def confirm(self, url: str) -> None:
        """Confirm a subscription; where that fails it is logged, and SNS can be asked to send it again."""
        try:
            self._get(url)
        except Unavailable as error:
            log.warning("a subscription was not confirmed", action="subscription_unconfirmed", reason=error.reason)
        else:
            log.info("a subscription was confirmed", action="subscription_confirmed")

    def _get(self, url: str) -> bytes:
        if not self._allowed(url):
            raise Unavailable("The address is none of Amazon SNS.", reason="not-amazon")
        try:
            with self._opener.open(Request(url), timeout=_TIMEOUT_S) as answer:  # noqa: S310 - `allowed` wants https
                content: bytes = answer.read(_MOST_BYTES)
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable(
                "Amazon SNS did not answer.", reason="amazon-unavailable", mend="Let this host reach SNS over HTTPS."
            ) from error
        return content
