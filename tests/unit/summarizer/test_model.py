"""How a provider's failures are named: by what they mean for us, and without what the provider said."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelRateLimitError,
    ModelTimeoutError,
    OutputParserException,
)

from domain.errors import BadSettings, ModelUnavailable, Refused
from summarizer.draft import Draft, schema
from summarizer.faults import Flaw, flaw_of, mapped
from summarizer.model import LangChainModel, ModelSettings, connect


class Answered(Exception):
    """An error of a provider that LangChain does not classify: only an HTTP status says what it is."""

    def __init__(self, status_code: int) -> None:
        super().__init__("the prompt and the key sk-canary")
        self.status_code = status_code


CASES = [
    (ModelTimeoutError("x"), ModelUnavailable, "model-timeout"),
    (TimeoutError("x"), ModelUnavailable, "model-timeout"),
    (ModelRateLimitError("x"), ModelUnavailable, "model-rate-limited"),
    (ModelConnectionError("x"), ModelUnavailable, "model-unreachable"),
    (ConnectionRefusedError("x"), ModelUnavailable, "model-unreachable"),
    (ModelAPIError("x"), ModelUnavailable, "model-error"),
    (RuntimeError("sk-canary"), ModelUnavailable, "model-error"),
    (ModelAuthenticationError("sk-canary"), Refused, "model-auth"),
    (ModelNotFoundError("x"), Refused, "model-not-found"),
    (ModelInvalidRequestError("x"), Refused, "model-bad-request"),
    (ContextOverflowError("x"), Refused, "model-context"),
    (Answered(401), Refused, "model-auth"),
    (Answered(404), Refused, "model-not-found"),
    (Answered(422), Refused, "model-bad-request"),
    (Answered(429), ModelUnavailable, "model-rate-limited"),
    (Answered(503), ModelUnavailable, "model-error"),
]


@pytest.mark.parametrize(("error", "kind", "reason"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_each_failure_has_a_kind_and_a_stable_reason(error: Exception, kind: type[Exception], reason: str) -> None:
    ours = mapped(error)
    assert (type(ours), ours.reason) == (kind, reason)


@pytest.mark.parametrize("error", [case[0] for case in CASES], ids=str)
def test_no_failure_repeats_what_the_provider_said(error: Exception) -> None:
    ours = mapped(error)
    assert "canary" not in str(ours)
    assert ours.__cause__ is None
    assert ours.__context__ is None


def test_an_answer_that_cannot_be_parsed_is_a_flaw_and_no_failure() -> None:
    assert flaw_of(OutputParserException("half")) is Flaw.UNREADABLE
    assert flaw_of(ModelTimeoutError("late")) is None


@pytest.mark.parametrize("name", ["nowhere:model", "no-provider-at-all", "", "mistralai:large"])
def test_a_model_that_cannot_be_set_up_is_a_fault_of_the_settings(name: str) -> None:
    with pytest.raises(BadSettings) as raised:
        connect(ModelSettings(name, api_key="sk-canary"))
    assert raised.value.reason == "model-settings"
    assert "sk-canary" not in str(raised.value)


def test_a_key_is_not_shown_with_the_settings() -> None:
    assert "sk-canary" not in repr(ModelSettings("openai:x", api_key="sk-canary"))


def test_whether_a_model_is_local_follows_from_its_address() -> None:
    assert connect(ModelSettings("openai:x", "http://127.0.0.1:1/v1")).local
    assert not connect(ModelSettings("openai:x", api_key="none")).local
    assert not LangChainModel(ModelSettings("openai:x", "http://127.0.0.1:1/v1"), local=False).local


def test_the_schema_closes_every_object_and_asks_for_every_field() -> None:
    sent = schema()
    for part in (sent, sent["$defs"]["ClaimDraft"]):
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])
    assert set(sent["$defs"]["ClaimDraft"]["properties"]) == {"section", "text", "citations", "command"}


@pytest.mark.parametrize(
    "answer",
    [
        '{"claims": [{"section": "meaning", "text": "x", "citations": [1], "command": null, "severity": "critical"}]}',
        '{"claims": [{"section": "headline", "text": "x", "citations": [1], "command": null}]}',
        '{"claims": [{"section": "meaning", "text": "x", "citations": ["1"], "command": null}]}',
        '{"claims": [{"section": "meaning", "text": "x", "citations": [1]}]}',
        '{"claims": [], "link": "https://evil.example"}',
        '[{"section": "meaning"}]',
    ],
)
def test_an_answer_with_anything_more_or_else_is_no_draft(answer: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Draft.model_validate_json(answer)


def test_the_ladder_loads_no_langchain_until_a_model_is_connected() -> None:
    code = "import summarizer.summarize, sys; sys.exit(any(name.startswith('langchain') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_thread_is_started_before_the_first_question() -> None:
    before = threading.active_count()
    connect(ModelSettings("openai:x", "http://127.0.0.1:1/v1"))
    assert threading.active_count() == before
