"""`/healthz` (alive), `/readyz` (each part named) and `/metrics`."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from domain.errors import MiddlewatchError
from worker.http.auth import is_operator, operating_pages
from worker.http.ports import Deps, Probe

log = structlog.get_logger()

_MOST_PROBES_AT_ONCE = 16


def router(deps: Deps) -> APIRouter:
    """Return the routes that tell how the program is."""
    routes = APIRouter()
    limiter = CapacityLimiter(_MOST_PROBES_AT_ONCE)
    asks_as_operator = is_operator(deps)

    @routes.get("/healthz")
    async def alive() -> JSONResponse:
        """Say that the process answers."""
        return JSONResponse({"status": "alive"})

    @routes.get("/readyz")
    async def ready(request: Request) -> JSONResponse:
        """Name each part. 503 only when a fatal one is down: without the others alerts are still taken.

        What is wrong with a part, and how much it holds, is told to operators only: it counts and names documents.
        """
        timeout_s = deps.limits.probe_timeout_s
        parts = await asyncio.gather(*(_probe(probe, limiter, timeout_s) for probe in deps.probes))
        down = any(probe.fatal and not part["ok"] for probe, part in zip(deps.probes, parts, strict=True))
        degraded = not all(part["ok"] for part in parts)
        if not await anyio.to_thread.run_sync(asks_as_operator, request):
            parts = [{"name": part["name"], "ok": part["ok"]} for part in parts]
        content = {"status": "down" if down else "degraded" if degraded else "ready", "parts": parts}
        return JSONResponse(content, status_code=HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK)

    @routes.get("/metrics", dependencies=[Depends(operating_pages(deps))])
    def metrics() -> Response:
        """Return the metrics in Prometheus' text form."""
        return Response(deps.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _probe(probe: Probe, limiter: CapacityLimiter, timeout_s: float) -> dict[str, Any]:
    """Return what a part says; one that hangs is left alone after the timeout."""
    part: dict[str, Any] = {"name": probe.name, "ok": False, "what": "", "mend": ""}
    try:
        async with asyncio.timeout(timeout_s):
            what = await anyio.to_thread.run_sync(probe.check, abandon_on_cancel=True, limiter=limiter)
        return part | {"ok": True, "what": what}
    except TimeoutError:
        return part | {"what": f"It did not answer within {timeout_s:g} s.", "mend": "See whether it runs."}
    except MiddlewatchError as error:
        return part | {"what": str(error.args[0]), "mend": error.mend}
    except Exception:
        log.exception("a probe met a defect", action="probe_defect", part=probe.name)
        return part | {"what": "Its probe failed.", "mend": "Look for action probe_defect in the log."}
