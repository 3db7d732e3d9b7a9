"""Read a body with its size, its type and its time bounded, before anybody looks at it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from fastapi import Request
from starlette.requests import ClientDisconnect

from worker.http.problems import Overloaded, Refusal

_JSON = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_FORM = re.compile(r"application/x-www-form-urlencoded\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_TEXT = re.compile(rf"(?:{_JSON.pattern})|text/plain\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)


class Bodies:
    """Reads bodies, holding all that are under way to one bound of memory.

    A client that sends nothing holds nothing. It lives on the event loop alone, so it needs no lock.
    """

    def __init__(self, bytes_in_flight: int, timeout_s: float) -> None:
        """Hold at most so many bytes at once, and wait at most so many seconds for one body."""
        self._most = bytes_in_flight
        self._timeout_s = timeout_s
        self._held = 0

    @contextmanager
    def room(self) -> Iterator[_Room]:
        """Give a request room for its body until it is answered."""
        room = _Room(self)
        try:
            yield room
        finally:
            self._held -= room.size

    def take(self, size: int) -> None:
        """Count bytes as held.

        Raises:
            Overloaded: there is no room for them.
        """
        if self._held + size > self._most:
            raise Overloaded("Too many deliveries are under way.", mend="Send it again later.")
        self._held += size

    async def read(
        self, request: Request, room: _Room, most: int, as_text: bool = False, as_form: bool = False
    ) -> bytes:
        """Return the body of a request, which must be JSON that is not compressed.

        `as_text` takes JSON that is declared as plain text, too: Amazon SNS sends it so. `as_form` takes
        a form instead, which is how Slack sends what was pressed.

        Raises:
            Refusal: 413 larger than `most` bytes, 415 not JSON or compressed, 408 too slow, 400 broken off.
            Overloaded: there is no room for it.
        """
        _check_head(request, most, _FORM if as_form else _TEXT if as_text else _JSON)
        try:
            async with asyncio.timeout(self._timeout_s):
                async for piece in request.stream():
                    room.add(piece)
                    if room.size > most:
                        raise _too_large()
        except TimeoutError as error:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT, "The body came too slowly.", reason="too-slow", mend="Send it again."
            ) from error
        except ClientDisconnect as error:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, "The body broke off.", reason="broken-off", mend="Send it again."
            ) from error
        return room.content()


class _Room:
    """The bytes of one body."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        self._bodies.take(len(piece))
        self.size += len(piece)
        self._pieces.append(piece)

    def content(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def _check_head(request: Request, most: int, declared: re.Pattern[str]) -> None:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > most):
        raise _too_large()
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not taken.",
            reason="compressed-body",
            mend="Send it without Content-Encoding.",
        )
    if not declared.fullmatch(request.headers.get("content-type", "").strip()):
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body is not declared as JSON.",
            reason="not-declared-json",
            mend="Send Content-Type: application/json.",
        )


def _too_large() -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large.",
        reason="too-large",
        mend="Send smaller groups (Alertmanager: max_alerts), or raise intake.max_body_bytes.",
    )
