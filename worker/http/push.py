"""`POST /v1/push/{source}`: the webhook of a repository's host, so that a push is ingested at once."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from domain.errors import BadSignature
from worker.http.auth import from_this_machine, operating
from worker.http.body import Bodies
from worker.http.ports import Deps
from worker.http.problems import Refusal
from worker.intake.verify import Given, github_signature

_MOST_BYTES = 4 * 1024 * 1024
_SIGNED = "x-hub-signature-256"
_GITLAB = "x-gitlab-token"


def router(deps: Deps, bodies: Bodies) -> APIRouter:
    """Return the route of pushes. What the sender says of the push is not read; it is only checked who it is."""
    routes = APIRouter()

    @routes.post("/v1/push/{source}", status_code=HTTPStatus.ACCEPTED)
    async def announce_push(source: str, request: Request) -> JSONResponse:
        """Take note that a source has changed, and have it ingested."""
        with bodies.room() as room:
            signed = _SIGNED in request.headers
            body = await bodies.read(request, room, min(_MOST_BYTES, deps.limits.max_body_bytes)) if signed else b""
        await run_in_threadpool(_let_in, request, body, deps)
        if source not in deps.sources:
            raise Refusal(
                HTTPStatus.NOT_FOUND,
                "There is no such source.",
                reason="unknown-source",
                mend="Push to the `name` of one of the [[sources]].",
            )
        deps.metrics.count("middlewatch_pushes_total", source=source)
        told = BackgroundTask(deps.ask_sync, source)
        return JSONResponse({"source": source}, status_code=HTTPStatus.ACCEPTED, background=told)

    return routes


def _let_in(request: Request, body: bytes, deps: Deps) -> None:
    """Let a push pass that shows one of the API's tokens, in the way of its host.

    GitHub signs the body with it, GitLab sends it in a header of its own, anything else as a bearer token.

    Raises:
        BadSignature: `no-token` or `bad-token`.
    """
    headers = _with_gitlab(request.headers)
    verdict = github_signature(Given(body, headers, from_this_machine(request)), deps.access.api_tokens)
    if verdict is None:
        operating(deps)(request if headers is request.headers else _shown(request, headers))
    elif not verdict:
        raise BadSignature("The signature is wrong.", reason="bad-token", mend="Sign with one of intake.api_tokens.")


def _with_gitlab(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers with GitLab's token where a bearer token stands."""
    token = headers.get(_GITLAB)
    return {**headers, "authorization": f"Bearer {token}"} if token and "authorization" not in headers else headers


def _shown(request: Request, headers: Mapping[str, str]) -> Request:
    """Return the request with these headers."""
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return Request({**request.scope, "headers": raw})
