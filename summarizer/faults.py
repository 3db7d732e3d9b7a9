"""Names what went wrong at a model's provider, without repeating what it said: that may hold the prompt or a key."""

from __future__ import annotations

from enum import StrEnum
from ssl import SSLCertVerificationError

from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
    OutputParserException,
)
from openai import ContentFilterFinishReasonError, LengthFinishReasonError

from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from domain.summary import Usage


class Flaw(StrEnum):
    """What is wrong with an answer that did come; stable, because it is a metric label."""

    TRUNCATED = "answer-truncated"
    EMPTY = "answer-empty"
    UNREADABLE = "answer-unreadable"
    REFUSED = "answer-refused"


class NoDraft(ValueError):
    """An answer came that is no draft."""


_UNAVAILABLE: tuple[tuple[type[BaseException], str, str], ...] = (
    (ModelTimeoutError, "model-timeout", "did not answer in time"),
    (TimeoutError, "model-timeout", "did not answer in time"),
    (ModelRateLimitError, "model-rate-limited", "asks for fewer requests"),
    (ModelConnectionError, "model-unreachable", "cannot be reached"),
    (ConnectionError, "model-unreachable", "cannot be reached"),
    (ModelAPIError, "model-error", "failed"),
)
_REFUSED: tuple[tuple[type[BaseException], str, str], ...] = (
    (ContentFilterFinishReasonError, "model-content-filter", "withheld its answer"),
    (ContextOverflowError, "model-context", "takes fewer tokens: lower [llm] max_input_tokens"),
    (ModelAuthenticationError, "model-auth", "did not accept the key: check [llm] api_key"),
    (ModelPermissionDeniedError, "model-auth", "did not accept the key: check [llm] api_key"),
    (ModelNotFoundError, "model-not-found", "is not known there: check [llm] model and base_url"),
    (ModelInvalidRequestError, "model-bad-request", "did not accept the request"),
)
_DEEPEST = 20
_BY_STATUS = {
    401: ModelAuthenticationError, 403: ModelAuthenticationError, 404: ModelNotFoundError,
    408: ModelTimeoutError, 429: ModelRateLimitError,
}  # fmt: skip


def flaw_of(error: BaseException) -> Flaw | None:
    """Return the flaw of an answer that reached us as an exception, or None where there was no answer."""
    if isinstance(error, LengthFinishReasonError):
        return Flaw.TRUNCATED
    return Flaw.UNREADABLE if isinstance(error, (OutputParserException, NoDraft)) else None


def usage_of(error: BaseException) -> Usage | None:
    """Return the tokens of an answer that reached us as an exception, None where they are not told."""
    counted = error.completion.usage if isinstance(error, LengthFinishReasonError) else None
    return Usage(counted.prompt_tokens, counted.completion_tokens) if counted else None


def mapped(error: BaseException) -> MiddlewatchError:
    """Return our own error for a provider's: what it means for us, and the kind of the cause.

    The cause is named, not chained: its message can quote the request, and a traceback would carry that into a log.
    """
    if certificate := _certificate(error):
        return ModelUnavailable(
            f"The certificate of the language model's server is not accepted: {certificate.verify_message}.",
            reason="model-certificate",
            mend="Renew it; see [llm] base_url, this machine's clock and its CA certificates.",
        )
    kind = _kind(error)
    for known, reason, words in _REFUSED:
        if issubclass(kind, known):
            return Refused(f"The language model {words} ({type(error).__name__}).", reason=reason)
    for known, reason, words in _UNAVAILABLE:
        if issubclass(kind, known):
            return ModelUnavailable(f"The language model {words} ({type(error).__name__}).", reason=reason)
    return ModelUnavailable(f"The call to the language model failed ({type(error).__name__}).", reason="model-error")


def _certificate(error: BaseException) -> SSLCertVerificationError | None:
    """Return what was wrong with a certificate, however deep in the chain of causes; None where nothing was."""
    inner: BaseException | None = error
    for _ in range(_DEEPEST):
        if inner is None or isinstance(inner, SSLCertVerificationError):
            return inner
        inner = inner.__cause__ or inner.__context__
    return None


def _kind(error: BaseException) -> type[BaseException]:
    """Return the class that says what happened; where only an HTTP status does, the class that means the same."""
    if isinstance(error, tuple(known for known, _, _ in (*_REFUSED, *_UNAVAILABLE))):
        return type(error)
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return type(error)
    return _BY_STATUS.get(status, ModelInvalidRequestError if 400 <= status < 500 else type(error))
