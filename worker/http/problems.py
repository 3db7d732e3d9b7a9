"""Errors as problem documents (RFC 9457) with a stable `reason`; none repeats what was sent."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import BadInput, BadSignature, MiddlewatchError, Unavailable
from worker.intake.verify import MISSING

log = structlog.get_logger()

PROBLEM = "application/problem+json"
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 2, 10


class Refusal(BadInput):
    """A request that is refused with a status of its own."""

    def __init__(self, status: HTTPStatus, message: str, *, reason: str, mend: str) -> None:
        """Say the status beside what happened and how to mend it."""
        super().__init__(message, reason=reason, mend=mend)
        self.status = status


class Overloaded(Unavailable):
    """Too much is under way. `retry_after_s` is how long it will be, in seconds; the answer adds jitter, so that
    senders spread.
    """

    reason = "overloaded"

    def __init__(self, message: str, *, mend: str, retry_after_s: int = 0) -> None:
        """Say what is too much, and for how long."""
        super().__init__(message, mend=mend)
        self.retry_after_s = retry_after_s


def problem(
    status: int, reason: str, title: str, mend: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a problem document: what happened in `title`, what to do next in `detail`."""
    content = {
        "type": f"urn:middlewatch:problem:{reason}",
        "title": title,
        "status": int(status),
        "reason": reason,
        "detail": mend,
    }
    return JSONResponse(content, status_code=status, headers=dict(headers or {}), media_type=PROBLEM)


def status_of(error: MiddlewatchError) -> HTTPStatus:
    """Return the status that says who has to act: 4xx the caller, 503 nobody but time."""
    if isinstance(error, Refusal):
        return error.status
    if isinstance(error, BadSignature):
        return HTTPStatus.UNAUTHORIZED if error.reason in MISSING else HTTPStatus.FORBIDDEN
    if isinstance(error, BadInput):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.SERVICE_UNAVAILABLE if error.retryable else HTTPStatus.INTERNAL_SERVER_ERROR


def handle(app: FastAPI) -> None:
    """Answer every error of this app with a problem document."""
    app.add_exception_handler(MiddlewatchError, _ours)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_middleware(LastResort)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, MiddlewatchError):
        raise error
    status = status_of(error)
    headers = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        wait_s = getattr(error, "retry_after_s", 0) + random.randint(_SHORTEST_WAIT_S, _LONGEST_WAIT_S)  # noqa: S311
        headers["Retry-After"] = str(wait_s)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("a request failed", action="request_failed", reason=error.reason, error=str(error))
    answer = problem(status, error.reason, str(error.args[0]), error.mend, headers)
    answer.background = getattr(request.state, "after", None)
    return answer


async def _framework(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    reason = phrase.lower().replace(" ", "-")
    return problem(error.status_code, reason, f"{phrase}.", "See /openapi.json for what there is.", error.headers)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad-request",
        "A parameter of the request is wrong.",
        "See /openapi.json for what it may be.",
    )


class LastResort:
    """Answers what nobody foresaw with a 500 that names a log line; the only catch-all of the HTTP side.

    The error goes to our log, where it is redacted, and not on to the server, whose log is not.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand around this app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer it where that fails."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http":
                raise
            error_id = uuid.uuid4().hex[:12]
            log.exception("a request met a defect", action="request_defect", error_id=error_id)
            if not started:
                await self._answer(error_id)(scope, receive, send)

    @staticmethod
    def _answer(error_id: str) -> JSONResponse:
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "defect",
            "Something went wrong here that nobody foresaw.",
            f"Look for error_id {error_id} in the log.",
        )
