"""`GET /v1/storms`, `/v1/storms/{id}`, `POST /v1/incidents/{id}/split`: what was told together, and how to part it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from worker.http.auth import Caller, denied, operating, reading
from worker.http.ports import Deps
from worker.http.problems import Refusal
from worker.http.records import RecordId
from worker.store.storms import Storms
from worker.storm.record import storm_json


def router(deps: Deps, storms: Storms, split: Callable[[str, str], int]) -> APIRouter:
    """Return the routes; `split` takes an incident's id and who asks, and says in how many channels it was parted."""
    routes = APIRouter()
    known, operator = Depends(reading(deps)), Depends(operating(deps))

    @routes.get("/v1/storms")
    def list_storms(limit: Annotated[int, Query(ge=1, le=200)] = 50, caller: Caller = known) -> JSONResponse:
        """Return storms of the channels that the caller may see, the newest first."""
        channels = None if caller.operator else deps.window(caller.audience).channels
        found = storms.recent(limit, channels)
        return JSONResponse({"storms": [storm_json(storm, with_members=False) for storm in found]})

    @routes.get("/v1/storms/{storm_id}")
    def get_storm(storm_id: RecordId, caller: Caller = known) -> JSONResponse:
        """Return one storm with every incident that it tells of, and those that were split out of it."""
        storm = storms.get(storm_id)
        if storm is None or not (caller.operator or storm.channel_id in deps.window(caller.audience).channels):
            if not caller.operator:
                denied(deps, caller, "storm", storm_id, "not-readable")
            raise _nothing("There is no such storm.", "no-such-storm", "Look in /v1/storms.")
        return JSONResponse(storm_json(storm, with_members=True))

    @routes.post("/v1/incidents/{incident_id}/split")
    def split_incident(incident_id: RecordId, caller: Caller = operator) -> JSONResponse:
        """Give an incident that a storm tells of a message of its own, in every channel where that is so."""
        channels = split(incident_id, caller.name)
        if not channels:
            raise _nothing("No storm tells of that incident.", "not-in-a-storm", "Look in /v1/storms.")
        return JSONResponse({"split": channels}, HTTPStatus.ACCEPTED)

    return routes


def _nothing(words: str, reason: str, mend: str) -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, words, reason=reason, mend=mend)
