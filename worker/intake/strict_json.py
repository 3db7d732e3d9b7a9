"""Read a body as JSON, strictly where it decides meaning and kindly where it only spoils a character."""

from __future__ import annotations

import json
import math

from domain.errors import BadInput

MOST_BRACKETS = 1_000_000
"""A body with more objects and lists than this is refused: each costs some 70 bytes of memory or more."""


def loads(body: bytes) -> object:
    """Return what the body says in JSON (RFC 8259).

    NaN, Infinity and numbers beyond a double are refused. Of equal keys in one object the last wins, as in
    the encoders of the senders. A byte that is not UTF-8 becomes U+FFFD; a lone surrogate is left to
    `text.clean`: neither is worth losing an alert for.

    Raises:
        BadInput: `empty-body`, `not-json`, `too-deep` or `too-complex`.
    """
    if not body.strip():
        raise BadInput("The body is empty.", reason="empty-body", mend="Send the alert as JSON.")
    if body.count(b"{") + body.count(b"[") > MOST_BRACKETS:
        raise BadInput("The body holds too many objects.", reason="too-complex", mend="Send smaller groups.")
    try:
        return json.loads(
            body.decode("utf-8-sig", errors="replace"), parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError as error:
        raise BadInput(
            "The body is nested too deeply.", reason="too-deep", mend="Send the sender's own form."
        ) from error
    except ValueError:
        # The cause is not chained: its message quotes the body.
        raise BadInput("The body is not JSON.", reason="not-json", mend="Send the sender's own form.") from None


def _refuse_constant(_: str) -> object:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number
