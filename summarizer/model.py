"""One call to a language model through LangChain, held to a schema and to a deadline.

Importing this module loads LangChain, which takes a second or two: only the wiring imports it, and only when a model is
configured. One layer retries, and it is this one: at most one second try, for an answer that could not be read.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from langchain.chat_models import init_chat_model
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.exceptions import LangChainException
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langsmith import tracing_context
from openai import OpenAIError
from pydantic import ValidationError

from domain.errors import BadSettings, ModelUnavailable, Refused
from domain.renewed import Renewed
from domain.summary import Usage
from summarizer.draft import Answer, BadAnswer, Draft, schema
from summarizer.faults import Flaw, NoDraft, flaw_of, mapped, usage_of
from summarizer.places import base_of, is_local, provider_of
from summarizer.prompt import Prompt

MAX_AT_ONCE = 32
"""Calls in flight per process, those given up on included: a model that never answers cannot pile up threads."""
MAX_ANSWER = 200_000
"""Characters of an answer that are looked at; a longer one is not a summary."""
_LEAST_S = 2.0
"""With fewer seconds left, a second try is not begun."""
_METHODS = {"anthropic": "function_calling"}
_REASONING = re.compile(r"openai:(?:o\d|gpt-[5-9])")
"""These refuse a request that sets a temperature."""
_CUT_SHORT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})

_MEND = {
    Flaw.TRUNCATED: "Your answer was cut off. Answer again with at most 5 short claims.",
    Flaw.EMPTY: "Your answer was empty. Answer with one JSON object of the required form.",
    Flaw.UNREADABLE: "Your answer was not one JSON object of the required form. Answer again with that object only.",
}


class Structured(Protocol):
    """A LangChain runnable that answers with `{"raw": AIMessage, …}`."""

    def invoke(self, input: Any, config: Any, /) -> Any:
        """Send the messages and wait."""


class _Reader(BaseCallbackHandler):
    """Keeps the answer as it came, and stops one that is no draft between the client and LangChain's parser.

    That parser mends broken JSON in time that grows with its square: 40,000 characters took 9 s of processor time.
    """

    raise_error = True

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.raw: AIMessage | None = None

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Take the answer.

        Raises:
            NoDraft: it cannot be read as one.
        """
        del kwargs
        generation = response.generations[0][0]
        message = generation.message if isinstance(generation, ChatGeneration) else None
        self.raw = message if isinstance(message, AIMessage) else None
        if self.raw is None or isinstance(_read(self.raw), Flaw):
            raise NoDraft


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What is needed to reach a model. `name` is "PROVIDER:MODEL"; times are seconds, sizes tokens.

    `method` is how the model is held to the schema: "json_schema", "function_calling" or "json_mode"; "" takes what
    suits the provider.
    """

    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    timeout_s: float = 30.0
    max_output_tokens: int = 800
    method: str = ""


class LangChainModel:
    """A chat model of any provider that LangChain knows."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        local: bool,
        clock: Callable[[], float] = time.monotonic,
        may_retry: Callable[[], bool] = lambda: True,
        key: Callable[[], str] | None = None,
    ) -> None:
        """Build the client; nothing is sent yet. `local` says whether it may see sources marked `local`.

        `may_retry` is asked before a second try, `key` before each call: another key is used from then on.

        Raises:
            BadSettings: the provider is unknown, its package is missing or it cannot be set up like this.
        """
        self.name = settings.name
        self.local = local
        self._clock = clock
        self._may_retry = may_retry
        self._slots = threading.BoundedSemaphore(MAX_AT_ONCE)
        self._chat = Renewed(key or (lambda: settings.api_key), lambda now: _structured(replace(settings, api_key=now)))

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Ask once, and once more where the answer could not be read; both within `timeout_s` seconds.

        Raises:
            ModelUnavailable: no answer, or not in time.
            Refused: a final no.
            BadAnswer: an answer, but no draft.
        """
        ends_at = self._clock() + timeout_s
        messages: list[BaseMessage] = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        usage, read, raw = self._ask(messages, timeout_s)
        if isinstance(read, Draft):
            return Answer(read, usage, raw=raw)
        left = ends_at - self._clock()
        if left < _LEAST_S or not self._may_retry():
            raise _bad(read, usage, raw)
        more, second, raw = self._ask([*messages, HumanMessage(_MEND[read])], left)
        usage = _summed(usage, more)
        if isinstance(second, Draft):
            return Answer(second, usage, tries=2, raw=raw)
        raise _bad(second, usage, raw)

    def _ask(self, messages: Sequence[BaseMessage], timeout_s: float) -> tuple[Usage | None, Draft | Flaw, str]:
        outcome = self._invoked(messages, timeout_s)
        if isinstance(outcome, BaseException):
            flaw = flaw_of(outcome)
            if flaw is None:
                raise mapped(outcome)
            return usage_of(outcome), flaw, ""
        read = _read(outcome)
        if read is Flaw.REFUSED:
            raise Refused("The language model refused to answer.", reason=read.value)
        return _usage(outcome), read, _text(outcome)[:MAX_ANSWER]

    def _invoked(self, messages: Sequence[BaseMessage], timeout_s: float) -> AIMessage | Exception:
        """Run the call in a thread of its own: a server that drips bytes keeps no socket timeout from passing."""
        if not self._slots.acquire(blocking=False):
            raise ModelUnavailable("Too many calls wait for the language model.", reason="model-busy")
        done: SimpleQueue[AIMessage | Exception] = SimpleQueue()

        def call() -> None:
            reader = _Reader()
            try:
                # Tracing is off whatever the environment says: it would send the prompt to a third party.
                with tracing_context(enabled=False):
                    done.put(self._chat.client().invoke(list(messages), {"callbacks": [reader]})["raw"])
            except Exception as error:  # noqa: BLE001 - handed over whole and named by `mapped`
                done.put(reader.raw or error)
            finally:
                self._slots.release()

        threading.Thread(target=call, name="model-call", daemon=True).start()
        try:
            return done.get(timeout=max(timeout_s, 0.001))
        except Empty:
            raise ModelUnavailable("The language model did not answer in time.", reason="model-timeout") from None


def connect(
    settings: ModelSettings, may_retry: Callable[[], bool] = lambda: True, key: Callable[[], str] | None = None
) -> LangChainModel:
    """Return the model that settings name; whether it is local follows from where it runs.

    Raises:
        BadSettings: the model cannot be set up like this.
    """
    return LangChainModel(settings, local=is_local(settings.name, settings.base_url), may_retry=may_retry, key=key)


def _structured(settings: ModelSettings) -> Structured:
    provider = provider_of(settings.name)
    method = settings.method or _METHODS.get(provider, "json_schema")
    strict = {"strict": True} if provider == "openai" and method != "json_mode" else {}
    try:
        if not provider:
            raise ValueError("no provider is named")  # LangChain would guess one
        chat = init_chat_model(settings.name, **_options(settings, provider))
        structured: Structured = chat.with_structured_output(schema(), method=method, include_raw=True, **strict)
    except (ImportError, ValueError, TypeError, NotImplementedError, LangChainException, OpenAIError) as error:
        raise BadSettings(
            f"The language model cannot be set up ({type(error).__name__}).",
            reason="model-settings",
            mend='Check that [llm] model reads "PROVIDER:NAME" and that the package of that provider is installed.',
        ) from (error if isinstance(error, ImportError) else None)  # others may quote the key
    return structured


def _options(settings: ModelSettings, provider: str) -> dict[str, Any]:
    """Return what the provider's client is built with; nothing is left to the environment where it can be said."""
    base = base_of(settings.name, settings.base_url)
    where: dict[str, Any] = {"base_url": base} if base else {}
    if provider == "ollama":  # names of its own, and no retries
        client = {"timeout": settings.timeout_s, "trust_env": False}
        return {**where, "temperature": 0, "num_predict": settings.max_output_tokens, "client_kwargs": client}
    options = {**where, "max_retries": 0, "timeout": settings.timeout_s, "max_tokens": settings.max_output_tokens}
    if not _REASONING.match(settings.name):
        options["temperature"] = 0
    if settings.api_key or provider == "openai":
        options["api_key"] = settings.api_key or "none"
    if provider == "openai" and is_local(settings.name, settings.base_url):
        # A transport of its own keeps a call to this network off a proxy that the environment names.
        options["http_socket_options"] = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),)
    return options


def _read(raw: AIMessage) -> Draft | Flaw:
    """Read the draft from a raw answer, strictly: LangChain's own parser completes JSON that was cut off."""
    facts = raw.response_metadata
    if (facts.get("finish_reason") or facts.get("stop_reason") or facts.get("done_reason")) in _CUT_SHORT:
        return Flaw.TRUNCATED
    if raw.additional_kwargs.get("refusal"):
        return Flaw.REFUSED
    text = _unwrapped(_text(raw))
    if not text.strip():
        return Flaw.UNREADABLE if raw.invalid_tool_calls else Flaw.EMPTY
    try:
        return Draft.model_validate_json(text) if len(text) <= MAX_ANSWER else Flaw.UNREADABLE
    except ValidationError:
        return Flaw.UNREADABLE


def _text(raw: AIMessage) -> str:
    return json.dumps(raw.tool_calls[0]["args"]) if raw.tool_calls else raw.text


def _unwrapped(text: str) -> str:
    """Take off the code fence that small models put around JSON."""
    text = text.strip()
    return text.removeprefix("```json").removeprefix("```").removesuffix("```") if text.startswith("```") else text


def _usage(raw: AIMessage) -> Usage | None:
    counted = raw.usage_metadata
    return Usage(counted["input_tokens"], counted["output_tokens"]) if counted else None


def _summed(first: Usage | None, second: Usage | None) -> Usage | None:
    if first is None or second is None:
        return first or second
    return Usage(first.input_tokens + second.input_tokens, first.output_tokens + second.output_tokens)


def _bad(flaw: Draft | Flaw, usage: Usage | None, raw: str) -> BadAnswer:
    reason = flaw.value if isinstance(flaw, Flaw) else ""
    return BadAnswer("The language model's answer could not be used.", reason=reason, usage=usage, raw=raw)
