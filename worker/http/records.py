"""`GET /v1/incidents`, `/v1/incidents/{id}` and `/v1/runs/{id}`: the record, for whoever runs the program."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from domain.alert import Alert, Incident, Status
from worker.http.auth import token_required
from worker.http.ports import Deps, Messages
from worker.http.problems import Refusal
from worker.store.messages import Message

RecordId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_:.-]{1,80}$")]


def router(deps: Deps) -> APIRouter:
    """Return the routes of the record; they need a token."""
    routes = APIRouter(dependencies=[Depends(token_required(deps.access))])

    @routes.get("/v1/incidents")
    def list_incidents(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        status: Status | None = None,
    ) -> JSONResponse:
        """Return incidents, the newest first; all of them, or those of one status."""
        found = deps.incidents.recent(limit, offset, status)
        return JSONResponse({"incidents": [incident_json(incident, with_alerts=False) for incident in found]})

    @routes.get("/v1/incidents/{incident_id}")
    def get_incident(incident_id: RecordId) -> JSONResponse:
        """Return one incident with its alerts, and what each channel was told, every edition of it."""
        incident = deps.incidents.get(incident_id)
        if incident is None:
            raise _not_found("incident")
        told = [_message_json(message, deps.messages) for message in deps.messages.of_incident(incident_id)]
        return JSONResponse(incident_json(incident, with_alerts=True) | {"messages": told})

    @routes.get("/v1/runs/{run_id}")
    def get_run(run_id: RecordId) -> JSONResponse:
        """Return the record of one run."""
        run = deps.runs.get(run_id)
        if run is None:
            raise _not_found("run")
        return JSONResponse(jsonable_encoder(run))

    return routes


def incident_json(incident: Incident, *, with_alerts: bool) -> dict[str, Any]:
    """Return an incident as JSON values; times in ISO 8601."""
    content: dict[str, Any] = {
        "id": incident.id,
        "sender": incident.sender,
        "group_key": incident.group_key,
        "status": incident.status.value,
        "severity": incident.severity.value if incident.alerts else "unknown",
        "opened_at": incident.opened_at.isoformat(),
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
        "version": incident.version,
        "reopened": incident.reopened,
        "previous_id": incident.previous_id,
        "truncated": incident.truncated,
        "services": list(incident.services),
        "firing": len(incident.firing),
    }
    if with_alerts:
        content["alerts"] = [_alert_json(alert) for alert in incident.alerts]
    return content


def _message_json(message: Message, messages: Messages) -> dict[str, Any]:
    return {
        "channel": message.place.channel_id,
        "state": message.state.value,
        "ts": message.ts,
        "editions": [
            {
                "seq": edition.seq,
                "at": edition.at.isoformat(),
                "version": edition.body.version,
                "rung": edition.body.rung,
                "run": edition.body.run_id,
                "text": edition.body.text,
                "blocks": list(edition.body.blocks),
            }
            for edition in messages.history(message.place)
        ],
    }


def _alert_json(alert: Alert) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "status": alert.status.value,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
        "link": alert.link,
    }


def _not_found(noun: str) -> Refusal:
    return Refusal(
        HTTPStatus.NOT_FOUND, f"There is no such {noun}.", reason=f"no-such-{noun}", mend="Look in /v1/incidents."
    )
