"""The HTTP side: webhooks in, changes in, the record out, health. It never loads the index or a model."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig

from worker.http import changes, health, problems, push, records, webhooks
from worker.http.body import Bodies
from worker.http.ports import Deps

_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own would record exception texts and stack traces, which may hold what an alert says."""


def create_health(deps: Deps) -> FastAPI:
    """Return an app that only tells how the program is."""
    app = FastAPI(title="Middlewatch", docs_url=None, redoc_url=None, openapi_url=None, telemetry=_NO_TELEMETRY)
    problems.handle(app)
    app.include_router(health.router(deps))
    return app


def create_app(deps: Deps, routers: Iterable[APIRouter] = ()) -> FastAPI:
    """Return the app with its routes, and those given (preview, console).

    There are no interactive docs, whose page loads scripts from elsewhere; `/openapi.json` stands.
    """
    app = FastAPI(title="Middlewatch", docs_url=None, redoc_url=None, telemetry=_NO_TELEMETRY)
    problems.handle(app)
    bodies = Bodies(deps.limits.bytes_in_flight, deps.limits.body_timeout_s)
    app.include_router(webhooks.router(deps, bodies))
    app.include_router(changes.router(deps, bodies))
    app.include_router(push.router(deps, bodies))
    app.include_router(records.router(deps))
    app.include_router(health.router(deps))
    for router in routers:
        app.include_router(router)
    return app
