"""Every operation of the OpenAPI document, asked with generated requests: never a 5xx, always a problem document."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scale import scaled
from worker.app import create_app
from worker.http.ports import Access
from worker.intake.senders import SENDERS
from worker.intake.verify import SenderSecrets

pytestmark = pytest.mark.filterwarnings("default")  # the generator warns of its own dependencies


def test_no_request_of_the_schema_makes_it_fail(office: Any) -> None:
    office.access = Access({name: SenderSecrets(tokens=("t",)) for name in SENDERS}, api_tokens=("t",))
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(office.deps()))
    operations = [result.ok() for result in schema.get_all_operations()]
    asked: dict[str, int] = {}

    @settings(
        max_examples=scaled(100, 3000),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(operations), label="operation")
        case = data.draw(operation.as_strategy(), label="case")
        answer = case.call(headers={"Authorization": "Bearer t"})
        asked[operation.label] = asked.get(operation.label, 0) + 1
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json")

    ask()
    assert len(asked) >= 6
