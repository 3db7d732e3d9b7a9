"""`POST /v1/webhooks/{sender}`: bound, verify, parse, store, answer; ring the bell when the answer has gone."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import Any

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from domain.alert import Delivery
from domain.errors import BadInput, MiddlewatchError
from worker.http.auth import from_this_machine
from worker.http.body import Bodies
from worker.http.ports import Deps, Receipt
from worker.http.problems import Refusal
from worker.http.rate import Rates
from worker.intake.senders import SENDERS, Sender
from worker.intake.verify import Given, SenderSecrets, verify

log = structlog.get_logger()

_THREADS = 12
"""How many deliveries are taken in at once; more of them only wait for each other."""

_UNKNOWN = "unknown"
_ORIGIN = re.compile(r"[A-Za-z0-9.:-]{1,253}")


def router(deps: Deps, bodies: Bodies) -> APIRouter:
    """Return the route of all senders."""
    routes = APIRouter()
    desk, rates, threads = _Desk(deps), Rates(deps.limits.deliveries_per_s), CapacityLimiter(_THREADS)

    @routes.post("/v1/webhooks/{sender}", status_code=HTTPStatus.ACCEPTED)
    async def receive_webhook(sender: str, request: Request) -> JSONResponse:
        """Take a delivery: 202 means that it is stored durably and will be handled."""
        known = SENDERS.get(sender)
        name = known.name if known else _UNKNOWN
        began = time.perf_counter()
        try:
            if known is None:
                raise _unknown_sender()
            rates.take(name)
            with bodies.room() as room:
                body = await bodies.read(
                    request, room, min(known.max_body_bytes, deps.limits.max_body_bytes), known.as_text
                )
                given = Given(body, request.headers, from_this_machine(request))
                return await to_thread.run_sync(desk.take, known, given, limiter=threads)
        except MiddlewatchError as error:
            deps.metrics.count("middlewatch_deliveries_total", sender=name, outcome=error.reason)
            log.warning("a delivery was refused", action="delivery_refused", sender=name, reason=error.reason)
            if known and not error.retryable:
                request.state.after = BackgroundTask(deps.refused, name, error.reason)
            raise
        finally:
            deps.metrics.observe("middlewatch_intake_seconds", time.perf_counter() - began, sender=name)

    _agree(routes)
    return routes


def _agree(routes: APIRouter) -> None:
    @routes.options("/v1/webhooks/cloudevents", include_in_schema=False)
    async def allow_webhook(request: Request) -> Response:
        """Agree to be sent events, as CloudEvents' webhook asks before the first (`http-webhook.md` §4)."""
        origin = request.headers.get("webhook-request-origin", "")
        allowed = {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"} if _ORIGIN.fullmatch(origin) else {}
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": "POST, OPTIONS", **allowed})


class _Desk:
    """Takes deliveries whose body is read; runs in a thread, because verifying, parsing and storing block."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    def take(self, sender: Sender, given: Given) -> JSONResponse:
        """Verify, parse and store one delivery, and return the answer.

        Raises:
            MiddlewatchError: nothing of it was accepted.
        """
        now = self._deps.clock()
        access = self._deps.access
        secrets = access.senders.get(sender.name, SenderSecrets())
        verify(given, secrets, sender.signature, now, access.allow_unsigned_loopback)
        delivery = sender.parse(given.body, given.headers, now)
        receipt = self._deps.receive.receive(delivery, now)
        self._count(delivery, receipt)
        if not delivery.alerts and not delivery.ignored:
            raise _nothing_understood(delivery)
        return JSONResponse(
            _answer(delivery, receipt),
            status_code=HTTPStatus.ACCEPTED,
            background=self._after(sender, given, receipt),
        )

    def _after(self, sender: Sender, given: Given, receipt: Receipt) -> BackgroundTask | None:
        """Return what is done when the answer has gone: ring for the work, or confirm a subscription."""
        if receipt.incidents and receipt.news:  # a repeat makes no work, and a storm is mostly repeats
            return BackgroundTask(self._deps.ring, receipt.incidents)
        secrets = self._deps.access.senders.get(sender.name, SenderSecrets())
        address = sender.confirmation(given.body, secrets) if sender.confirmation else ""
        return BackgroundTask(self._deps.confirm, address) if address else None

    def _count(self, delivery: Delivery, receipt: Receipt) -> None:
        counted = {
            "accepted": receipt.accepted,
            "duplicate": receipt.duplicates,
            "rejected": len(delivery.rejected),
            "truncated": delivery.truncated,
        }
        for outcome, number in counted.items():
            self._deps.metrics.count("middlewatch_alerts_total", number, sender=delivery.sender, outcome=outcome)
        if delivery.alerts or delivery.ignored:
            outcome = "ignored" if delivery.ignored else "accepted"
            self._deps.metrics.count("middlewatch_deliveries_total", sender=delivery.sender, outcome=outcome)
        for rejection in delivery.rejected[:10]:
            log.warning(
                "an alert was not understood",
                action="alert_rejected",
                sender=delivery.sender,
                position=rejection.position,
                reason=rejection.reason,
            )


def _answer(delivery: Delivery, receipt: Receipt) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "incidents": list(receipt.incidents),
    }
    if delivery.rejected:
        answer["rejected"] = len(delivery.rejected)
    if delivery.truncated:
        answer["truncated"] = delivery.truncated
    if delivery.ignored:
        answer["ignored"] = delivery.ignored
    return answer


def _nothing_understood(delivery: Delivery) -> BadInput:
    reasons = ", ".join(sorted({rejection.reason for rejection in delivery.rejected}))
    return BadInput(
        f"No alert of the delivery could be understood: {reasons}.",
        reason="no-alert-understood",
        mend="Send the sender's own form.",
    )


def _unknown_sender() -> Refusal:
    return Refusal(
        HTTPStatus.NOT_FOUND,
        "There is no such sender.",
        reason="unknown-sender",
        mend="See the documentation for the senders that are understood.",
    )
