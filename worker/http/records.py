"""`GET /v1/incidents`, `/v1/incidents/{id}` and `/v1/runs/{id}`: the record, for whoever runs the program."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from domain.alert import Alert, Incident, Status
from worker.http.auth import Caller, denied, reading
from worker.http.ports import Deps
from worker.http.problems import Refusal
from worker.store.messages import Edition, Message

RecordId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_:.-]{1,80}$")]


def router(deps: Deps) -> APIRouter:
    """Return the routes of the record; they need a token, and answer with what its holder may see."""
    routes = APIRouter()
    known = Depends(reading(deps))

    @routes.get("/v1/incidents")
    def list_incidents(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        status: Status | None = None,
        caller: Caller = known,
    ) -> JSONResponse:
        """Return incidents, the newest first; all of them, or those of one status.

        `held` is "storm" or "silent" where some channel has no message of the incident's own, for now.
        """
        window = None if caller.operator else deps.window(caller.audience)
        found = (window.incidents if window else deps.incidents.recent)(limit, offset, status)
        held = deps.held([incident.id for incident in found], window.channels if window else None)
        rows = [incident_json(incident, with_alerts=False) | {"held": held.get(incident.id)} for incident in found]
        return JSONResponse({"incidents": rows})

    @routes.get("/v1/incidents/{incident_id}")
    def get_incident(incident_id: RecordId, caller: Caller = known) -> JSONResponse:
        """Return one incident with its alerts, and what each channel was told, every edition of it."""
        window = deps.window(caller.audience)
        incident = deps.incidents.get(incident_id) if caller.operator else window.incident(incident_id)
        if incident is None:
            raise _not_found(deps, caller, "incident", incident_id)
        if caller.operator:
            told = [(m, deps.messages.history(m.place)) for m in deps.messages.of_incident(incident_id)]
        else:
            told = [(m, window.history(m.place)) for m in window.messages(incident_id)]
        messages = [_message_json(message, editions) for message, editions in told]
        return JSONResponse(incident_json(incident, with_alerts=True) | {"messages": messages})

    @routes.get("/v1/runs/{run_id}")
    def get_run(run_id: RecordId, caller: Caller = known) -> JSONResponse:
        """Return the record of one run; a reader is told how it went, not what it was made from."""
        run = deps.runs.get(run_id) if caller.operator else deps.window(caller.audience).run(run_id)
        if run is None:
            raise _not_found(deps, caller, "run", run_id)
        return JSONResponse(jsonable_encoder(run if caller.operator else _told_of(run)))

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


_TOLD = (
    "id", "incident_id", "channel_id", "incident_version", "decision", "started_at", "ended_at", "rung", "model",
    "model_outcome", "kept", "error", "first_message_at", "resolved_at", "message_ts",
)  # fmt: skip
"""What a reader is told of a run. Passages, prompts and versions are for operators."""


def _told_of(run: object) -> dict[str, Any]:
    return {name: getattr(run, name) for name in _TOLD}


def _message_json(message: Message, editions: Sequence[Edition]) -> dict[str, Any]:
    return {
        "channel": message.place.channel_id,
        "state": message.state.value,
        "storm": message.storm_id,
        "silent_until": message.silent_until.isoformat() if message.silent_until else None,
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
            for edition in editions
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


def _not_found(deps: Deps, caller: Caller, noun: str, name: str) -> Refusal:
    """Return the one answer to what is not there and to what may not be seen; a reader's is put on record."""
    if not caller.operator:
        denied(deps, caller, noun, name, "not-readable")
    return Refusal(
        HTTPStatus.NOT_FOUND, f"There is no such {noun}.", reason=f"no-such-{noun}", mend="Look in /v1/incidents."
    )
