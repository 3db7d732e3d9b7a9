"""Keeps untrusted text inside its fence: a model is shown it as data between lines that only this request knows.

That lowers the rate at which planted instructions are obeyed (spotlighting, arXiv 2403.14720) and guarantees nothing;
what can be posted is decided by `guard` afterwards.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, bidi
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"  # variation selectors, fillers, surrogates
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"  # tags, further variation selectors
)
_TEMPLATE = re.compile(
    r"<(?=\|[^|\n]{1,40}\||/?(?:s|bos|eos|think|tool_call|tool_response|function_calls?|start_of_turn|end_of_turn|"
    r"system|assistant|instructions?)>|<SYS>>|</SYS>>)|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\])",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"((?:^[ \t]*(?:#{1,6}[ \t]*)?|#{2,6}[ \t]*)(?:system|assistant|human|user|instructions?|response))[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FENCE = re.compile(
    r"(?:\[\[|［［|⟦|【【|〚)(?=[^\]\n]{0,80}(?:passage|incident|\bend\b)[^\]\n]{0,80}(?:\]\]|］］|⟧|】】|〛))",
    re.IGNORECASE,
)


def invisible(text: str) -> bool:
    """Tell whether text holds a control, zero-width, bidi or tag character."""
    return _INVISIBLE.search(text) is not None


def neutral(text: str, nonce: str) -> str:
    """Return untrusted text that can neither end its fence nor pass for a turn of the conversation.

    Invisible characters and the nonce are taken out; look-alike fences, chat-template tokens and role names at the
    start of a line are bent so that they read the same and mean nothing. Ordinary runbook text is unchanged.
    """
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(re.escape(nonce), "", text, flags=re.IGNORECASE) if nonce else text
    text = _FENCE.sub("[ [", text)
    text = _TEMPLATE.sub(lambda found: found.group() + " ", text)
    return _TURN.sub(r"\1 -", text)
