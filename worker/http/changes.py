"""`POST /v1/changes`: what somebody did to a service, so that a message can show it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool

from domain.alert import Change
from domain.errors import BadInput
from worker.http.auth import operating
from worker.http.body import Bodies
from worker.http.ports import Deps
from worker.intake import strict_json
from worker.intake.text import clean, clean_link

_NAMESPACE = uuid.UUID("5f1b3c52-6f0e-5d0e-9f43-0f3c1f6f6a11")
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_BYTES = 64 * 1024

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Group = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$")]


class ChangeIn(BaseModel):
    """A change as it is announced. Unknown fields are refused: a misspelt one must not be lost silently."""

    model_config = ConfigDict(extra="forbid")

    who: Name
    what: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    service: Name
    time: AwareDatetime | None = Field(None, description="When it took effect; without it: now")
    link: str = Field("", max_length=2000, description="http or https")
    readers: frozenset[Group] = Field(
        min_length=1, max_length=100, description='Groups that may see it; ["everyone"] for all'
    )


def router(deps: Deps, bodies: Bodies) -> APIRouter:
    """Return the route of changes; it needs a token."""
    routes = APIRouter(dependencies=[Depends(operating(deps))])

    @routes.post(
        "/v1/changes",
        status_code=HTTPStatus.CREATED,
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": ChangeIn.model_json_schema()}}}},
    )
    async def announce_change(request: Request) -> JSONResponse:
        """Take a change. The same change announced twice is one change."""
        with bodies.room() as room:
            body = await bodies.read(request, room, min(_MOST_BYTES, deps.limits.max_body_bytes))
            change = read_change(body, deps.clock())
        await run_in_threadpool(deps.changes.add, change)
        deps.metrics.count("middlewatch_changes_total")
        return JSONResponse({"id": change.id}, status_code=HTTPStatus.CREATED)

    return routes


def read_change(body: bytes, now: datetime) -> Change:
    """Return the change that a body announces.

    Its id is made of who, what, service and time. Readers must be named: nobody could see it otherwise, and
    everybody is a choice to be made aloud.

    Raises:
        BadInput: `no-readers`, `bad-link`, or `bad-change`, which names the fields.
    """
    announced = _understood(strict_json.loads(body))
    told = announced.time or now
    if not _EARLIEST <= told <= now + timedelta(days=1):
        raise _bad_change("time")
    at = told.astimezone(UTC)
    if announced.link and not clean_link(announced.link):
        raise BadInput("The link is not a plain http or https link.", reason="bad-link", mend="Send one, or none.")
    who, what, service = clean(announced.who, 200), clean(announced.what, 2000), clean(announced.service, 200)
    name = "\x1f".join((who, what, service, at.isoformat()))
    return Change(
        id=str(uuid.uuid5(_NAMESPACE, name)),
        who=who,
        what=what,
        service=service,
        at=at,
        link=clean_link(announced.link),
        readers=announced.readers,
    )


def _understood(content: object) -> ChangeIn:
    if isinstance(content, dict) and not content.get("readers"):
        raise BadInput(
            "The change names no readers, so nobody could see it.",
            reason="no-readers",
            mend='Send readers: the groups that may see it, ["everyone"] for all.',
        )
    try:
        return ChangeIn.model_validate(content)
    except (ValidationError, OverflowError) as error:
        # The cause is not chained: its message quotes the body. Only our own field names are told.
        places = error.errors(include_input=False, include_url=False) if isinstance(error, ValidationError) else []
        fields = {str(place["loc"][0]) for place in places if place["loc"]}
        raise _bad_change(", ".join(sorted(fields & set(ChangeIn.model_fields)))) from None


def _bad_change(fields: str) -> BadInput:
    return BadInput(
        "The change cannot be understood.",
        reason="bad-change",
        mend=f"Send who, what, service, readers; time and link may be left out. Wrong: {fields or 'the shape'}.",
    )
