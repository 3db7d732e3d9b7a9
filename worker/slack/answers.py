"""What an answer of Slack, or none, means: a final no, or try again; and whether the message may be there.

The one table of it; the contract test walks through it. Slack's own words for its errors:
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from http.client import HTTPException
from ssl import SSLCertVerificationError
from typing import NoReturn
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import MiddlewatchError, Refused, SlackUnavailable

FAULTS = (SlackClientError, HTTPException, OSError, ValueError, LookupError, AttributeError)
"""All that a call of the client can raise: its own errors, the connection's, and what it raises over an
answer out of form (a list where an object should be is an AttributeError)."""

_TOKEN = "Check [slack] bot_token: install the app again and copy the bot token."  # noqa: S105 advice, not a secret
_SCOPE = "Add the scopes of slack-manifest.yaml to the app and install it again."
_CHANNEL = "Check the id in [[channels]], and invite the app to the channel."
_DEFECT = "This is a defect: report it with the run id."

MENDS: Mapping[str, str] = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "account_inactive": _TOKEN,
    "missing_scope": _SCOPE,
    "no_permission": _SCOPE,
    "channel_not_found": _CHANNEL,
    "not_in_channel": _CHANNEL,
    "is_archived": "Unarchive the channel, or take it out of [[channels]].",
    "restricted_action": "Ask a workspace administrator to let apps post in this channel.",
    "message_not_found": "Somebody deleted the message; the next change of the incident needs a new one.",
    "cant_update_message": "Another app wrote the message; check which app [slack] bot_token belongs to.",
    "edit_window_closed": "The workspace forbids late edits; the message stays as it is.",
    "invalid_blocks": _DEFECT,
    "msg_too_long": _DEFECT,
    "msg_blocks_too_long": _DEFECT,
    "no_text": _DEFECT,
}
"""Final answers, and what to do about each."""

_WAIT = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_NEVER_SENT = (ConnectionRefusedError, socket.gaierror)
RATE_LIMITED = "slack-rate-limited"
"""The reason of a call that Slack takes later."""

_DEFAULT_WAIT_S, _LONGEST_WAIT_S = 1.0, 3_600.0
_WORD = re.compile(r"[a-z_]{1,60}")


def raise_for(error: BaseException) -> NoReturn:
    """Raise what the client's error means, with that error as the cause.

    Raises:
        Refused: Slack said a final no.
        SlackUnavailable: it did not answer, is broken, or asks to wait.
    """
    raise _meaning(error) from error


def _meaning(error: BaseException) -> MiddlewatchError:
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, SlackClientError):
        return Refused(
            "The request to Slack could not be made.", reason="slack-request", mend="Check [slack] base_url."
        )
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, SSLCertVerificationError):
        return SlackUnavailable(
            f"The certificate at [slack] base_url is not accepted: {cause.verify_message}.",
            ambiguous=False,
            reason="slack-certificate",
            mend="It is tried again. See who answers there (a proxy?), this machine's clock and its CA certificates.",
        )
    if isinstance(cause, _NEVER_SENT):
        return SlackUnavailable(
            f"Slack could not be reached ({type(cause).__name__}).",
            ambiguous=False,
            reason="slack-unreachable",
        )
    return SlackUnavailable(
        f"Slack broke off without an answer ({type(cause).__name__}).", ambiguous=True, reason="slack-no-answer"
    )


def _of_answer(error: SlackApiError) -> MiddlewatchError:
    status = int(getattr(error.response, "status_code", 200))
    data = getattr(error.response, "data", error.response)
    word = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or word in _WAIT:
        wait = _retry_after(getattr(error.response, "headers", {}))
        return SlackUnavailable(
            f"Slack asks to wait {wait:g} s.", ambiguous=False, retry_after=wait, reason=RATE_LIMITED
        )
    if status >= 500 or word in _BROKEN:
        return SlackUnavailable(f"Slack is broken (HTTP {status}).", ambiguous=True, reason="slack-broken")
    if word in MENDS:
        return Refused(f"Slack refused: {word}.", reason=f"slack-{word.replace('_', '-')}", mend=MENDS[word])
    if status == 200 and not _WORD.fullmatch(word):
        return SlackUnavailable("Slack's answer could not be read.", ambiguous=True, reason="slack-no-answer")
    shown = word if _WORD.fullmatch(word) else f"HTTP {status}"
    return Refused(f"Slack refused: {shown}.", reason="slack-refused", mend="See Slack's documentation of this error.")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds, as Slack says; a header out of form counts as one second, an hour is the most."""
    stated = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        seconds = float(stated)
    except ValueError:
        return _DEFAULT_WAIT_S
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if seconds == seconds else _DEFAULT_WAIT_S
