"""Takes secrets out of text, rule by rule.

A secret becomes a typed placeholder such as `[redacted:aws-key]`. What is redacted once stays as it is when it is
redacted again. Whoever calls `redact` and gets an error must not send, store or log the text: it fails closed.
"""

from __future__ import annotations

import re

from domain.errors import MiddlewatchError
from worker.redaction.assignments import ASSIGNMENTS
from worker.redaction.containers import CONTAINERS
from worker.redaction.rule import PLACEHOLDER, Rule
from worker.redaction.tokens import TOKENS

RULES_VERSION = "2026-11-21.1"
"""Part of an index's fingerprint: change it with every change of a rule, so that documents are redacted anew."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""Longer text is refused: it is more than any webhook body or document may hold."""

RULES: tuple[Rule, ...] = (*CONTAINERS, *TOKENS, *ASSIGNMENTS)
"""In the order they are applied: whole structures, then tokens known by their prefix, then named values."""

_LONGEST = len(PLACEHOLDER) + max(len(rule.name) for rule in RULES)
_OPEN = re.compile(re.escape(PLACEHOLDER) + r"[a-z-]*$")
"""A placeholder that is not closed yet: what follows is the rest of its name, not a secret."""


class RedactionError(MiddlewatchError):
    """Text could not be redacted, so it must go nowhere."""

    reason = "redaction-failed"


def redact(text: str) -> str:
    """Return the text with every secret that a rule knows replaced by `[redacted:NAME]`.

    Raises:
        RedactionError: the text is too long to be looked through.
    """
    if len(text) > MAX_CHARACTERS:
        raise RedactionError("A text is too long to be redacted, so it is not used.", mend="Send or store it in parts.")
    lowered = text.lower()
    for rule in RULES:
        if any(keyword in lowered for keyword in rule.keywords):
            text = _applied(rule, text)
    return text


def _applied(rule: Rule, text: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        start, end = found.span(rule.group)
        inside = _OPEN.search(text, max(0, start - _LONGEST), start)
        if inside or text.startswith(PLACEHOLDER, start) or not rule.accept(found):
            return found.group()
        return f"{text[found.start() : start]}{PLACEHOLDER}{rule.name}]{text[end : found.end()]}"

    return rule.pattern.sub(replaced, text)
