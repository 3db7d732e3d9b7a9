"""Every error of the framework's is a problem document too."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/ZQXMARKERXQZ", 404, "not-found"),
        ("GET", "/v1/webhooks/alertmanager", 405, "method-not-allowed"),
        ("DELETE", "/healthz", 405, "method-not-allowed"),
        ("GET", "/docs", 404, "not-found"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_document(
    office: Any, method: str, path: str, status: int, reason: str
) -> None:
    response = office.here().request(method, path)
    assert (response.status_code, response.json()["reason"]) == (status, reason)
    assert response.headers["content-type"] == "application/problem+json"
    assert "ZQXMARKERXQZ" not in response.text
    assert status != 405 or response.headers["allow"]


def test_a_defect_in_a_router_of_somebody_else_is_answered_too(office: Any) -> None:
    extra = APIRouter()

    @extra.get("/preview")
    def preview() -> None:
        raise KeyError("ZQXMARKERXQZ")

    office.routers = (extra,)
    response = office.here().get("/preview")
    assert (response.status_code, response.json()["reason"]) == (500, "defect")
    assert "ZQXMARKERXQZ" not in response.text


def test_the_openapi_document_names_the_routes(office: Any) -> None:
    paths = office.here().get("/openapi.json").json()["paths"]
    assert {"/v1/webhooks/{sender}", "/v1/changes", "/v1/incidents", "/v1/runs/{run_id}", "/readyz"} <= set(paths)
