"""Takes secrets out of text.

A secret becomes a placeholder such as `[redacted:aws-key:3f9a]`: its kind, and four digits of a keyed hash of it, so
that two mentions of one secret stay linked and nobody without the key can tell which it was. What is redacted once
stays as it is when it is redacted again. Whoever calls a redactor and gets an error must not send, store or log the
text: it fails closed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator

from domain.errors import MiddlewatchError
from worker.redaction.personal import PERSONAL
from worker.redaction.rule import PLACED, PLACEHOLDER, Rule
from worker.redaction.scanner import RULES, Scanner, Span

RULES_VERSION = "2026-11-22.5"
"""Part of an index's fingerprint: change it with every change of a rule, so that documents are redacted anew."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""Longer text is refused: it is more than any webhook body or document may hold."""

CARDS_AND_ACCOUNTS = frozenset({"card", "iban"})
_LEAST_REST = 4


class RedactionError(MiddlewatchError):
    """Text could not be redacted, so it must go nowhere."""

    reason = "redaction-failed"


class Redactor:
    """Takes secrets out of text, by the product's rules and by those of the settings."""

    def __init__(
        self, key: bytes | None = None, extra: Iterable[Rule] = (), personal: frozenset[str] = CARDS_AND_ACCOUNTS
    ) -> None:
        """Hash with this key (without one: with a fresh one, so that only this process links its placeholders).

        `extra` are rules that come first; `personal` names what personal data counts as secret: card, iban, email, phone.
        """
        self._key = key or secrets.token_bytes(32)
        more = [rule for name, rule in PERSONAL.items() if name in personal]
        self._scanner = Scanner([*extra, *RULES, *more], personal & CARDS_AND_ACCOUNTS)

    def __call__(self, text: str) -> str:
        """Return the text with every secret that a rule knows replaced by `[redacted:KIND:HASH]`.

        Raises:
            RedactionError: the text is too long to be looked through, or a rule failed on it.
        """
        if len(text) > MAX_CHARACTERS:
            raise RedactionError(
                "A text is too long to be redacted, so it is not used.", mend="Send or store it in parts."
            )
        try:
            return self._without(text, self._scanner.spans(_masked(text)))
        except (ValueError, IndexError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
            raise RedactionError(
                "A text could not be redacted, so it is not used.", mend="Report the rule that failed."
            ) from error

    def alias(self, name: str) -> str:
        """Return what stands for a name wherever it must not be kept: a keyed hash of 16 hexadecimal digits."""
        return hashlib.blake2b(name.encode(), key=self._key[:64], digest_size=8, person=b"alias").hexdigest()

    def _without(self, text: str, spans: list[Span]) -> str:
        if not spans:
            return text
        parts: list[str] = []
        last = 0
        placed = [found.span() for found in PLACED.finditer(text)] if PLACEHOLDER in text else []
        for start, end, name in (piece for span in spans for piece in _outside(text, span, placed)):
            parts += (text[last:start], f"{PLACEHOLDER}{name}:{self._hash(text[start:end])}]")
            last = end
        return "".join([*parts, text[last:]])

    def _hash(self, secret: str) -> str:
        return hashlib.blake2b(secret.encode("utf-8", "replace"), key=self._key[:64], digest_size=2).hexdigest()


def _outside(text: str, span: Span, placed: list[tuple[int, int]]) -> Iterator[Span]:
    """Yield what of a stretch is not a placeholder already."""
    start, end, name = span
    for first, last in placed:
        if last <= start or first >= end:
            continue
        if _worth(text[start:first]):
            yield start, first, name
        start = max(start, last)
    if start < end and (_worth(text[start:end]) or (start, end) == span[:2]):
        yield start, end, name


def _masked(text: str) -> str:
    """Return the text with an empty bracket for every placeholder, which no rule takes for a value."""
    return PLACED.sub(lambda found: f"[{'_' * (len(found.group()) - 2)}]", text) if PLACEHOLDER in text else text


def _worth(rest: str) -> bool:
    return sum(map(str.isalnum, rest)) >= _LEAST_REST


class ProcessRedactor:
    """The one redactor of a process: that of the installation's settings, from when they are known.

    Whoever has no redactor handed in uses this one: the log, errors of the command line. It is made when it is first
    needed, and where that fails the text is not used.
    """

    def __init__(self) -> None:
        """Begin with the product's own rules, for the time before settings are read."""
        self._first = Redactor()
        self._made: list[Callable[[], Callable[[str], str]]] = []

    def use(self, made: Callable[[], Callable[[str], str]]) -> Callable[[], None]:
        """From now on use what `made` returns; call what is returned to go back to what was used before."""
        self._made.append(made)

        def undo() -> None:
            if made in self._made:
                self._made.remove(made)

        return undo

    def __call__(self, text: str) -> str:
        """Return the text without secrets.

        Raises:
            RedactionError: it could not be looked through.
        """
        return (self._made[-1]() if self._made else self._first)(text)


redact = ProcessRedactor()
"""What redacts in this process; in one that has read no settings placeholders are linked within the process only."""
