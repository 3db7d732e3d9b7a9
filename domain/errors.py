"""The errors of Middlewatch.

    MiddlewatchError            reason, retryable, mend
    ├── BadInput                what was sent can never be understood
    │   ├── BadSignature        the sender could not be verified
    │   └── BadDocument         one document of a source cannot be read
    ├── BadSettings             the settings do not hold together
    ├── Unavailable             a part that is needed did not answer; try again
    │   ├── StoreUnavailable    the database
    │   ├── BrokerUnavailable   Redis
    │   ├── IndexUnavailable    Qdrant
    │   ├── ModelUnavailable    the language model
    │   └── SlackUnavailable    Slack; `ambiguous` when the message may have been accepted
    ├── IndexMissing            no snapshot is live
    ├── IndexMismatch           the index was built by another embedding model
    ├── Refused                 Slack or the model said a final no
    └── Leak                    a hit outside the audience: a defect, never shown

A `reason` is a short stable word with no spaces: it is the metric label and the `reason` of the problem
document. `mend` says what to do next. Messages never hold secrets and never echo what was sent.
"""

from __future__ import annotations


class MiddlewatchError(Exception):
    """Something went wrong that has a name."""

    reason = "error"
    retryable = False

    def __init__(self, message: str, *, reason: str = "", mend: str = "") -> None:
        """Say what happened and, where it is known, how to mend it."""
        super().__init__(message)
        self.reason = reason or self.reason
        self.mend = mend

    def __str__(self) -> str:
        """What happened, then what to do next, on one line."""
        message = super().__str__()
        return f"{message} {self.mend}".strip()


class BadInput(MiddlewatchError):
    """What was sent can never be understood; sending it again will not help."""

    reason = "bad-input"


class BadSignature(BadInput):
    """The sender could not be verified."""

    reason = "bad-signature"


class BadDocument(BadInput):
    """One document of a source cannot be read."""

    reason = "bad-document"


class BadSettings(MiddlewatchError):
    """The settings do not hold together."""

    reason = "bad-settings"


class Unavailable(MiddlewatchError):
    """A part that is needed did not answer."""

    reason = "unavailable"
    retryable = True


class StoreUnavailable(Unavailable):
    """The database did not answer."""

    reason = "store-unavailable"


class BrokerUnavailable(Unavailable):
    """Redis did not answer."""

    reason = "broker-unavailable"


class IndexUnavailable(Unavailable):
    """Qdrant did not answer."""

    reason = "index-unavailable"


class ModelUnavailable(Unavailable):
    """The language model did not answer, or not in time."""

    reason = "model-unavailable"


class SlackUnavailable(Unavailable):
    """Slack did not answer, or asked to wait `retry_after` seconds.

    `ambiguous` is true when the request may have been accepted all the same: then the channel must be
    looked at before anything is posted again.
    """

    reason = "slack-unavailable"

    def __init__(
        self, message: str, *, ambiguous: bool, retry_after: float = 0.0, reason: str = "", mend: str = ""
    ) -> None:
        """Say what happened, whether the message may be there, and how many seconds to wait."""
        mend = mend or "It is tried again; check the network and [slack] base_url."
        super().__init__(message, reason=reason, mend=mend)
        self.ambiguous = ambiguous
        self.retry_after = retry_after


class IndexMissing(MiddlewatchError):
    """No snapshot of the index is live."""

    reason = "index-missing"


class IndexMismatch(MiddlewatchError):
    """The index was built by another embedding model."""

    reason = "index-mismatch"


class Refused(MiddlewatchError):
    """Slack or the model said a final no: the same request will fail again."""

    reason = "refused"


class Leak(MiddlewatchError):
    """A hit outside the audience came back from the index; the run goes on without documents."""

    reason = "leak"
