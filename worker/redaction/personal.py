"""Personal data: card numbers and IBANs, checked by their sums; e-mail addresses and phone numbers where settings ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.classes import number_shapes
from worker.redaction.rule import Rule, preceding

_CARD = re.compile(
    r"(?<![\w.+/@-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{3})?|\d{4}[ -]\d{6}[ -]\d{5})(?![\w+/-]|\.\d)"
)
_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|3[068]\d{12}|62\d{14,17}"
)
_NUMBERED = re.compile(
    r"(?:id|trace|span|seq|offset|ts|time|timestamp|lsn|txn?|xid|epoch|nanos|ns|bytes|number|no|count|uid|build|job|run|version)\\?[\"']?\s?[=:#]?\s?\\?[\"']?$",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9+/_=-])[A-Z]{2}\d{2}(?:[A-Z0-9]{10,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9+/_=-])"
)
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24}(?![\w@])"
)
_PHONE = re.compile(r"(?<![\w.+-])\+(?:\d[ ().-]{0,2}){8,14}\d(?![\w])")


def cards_and_ibans(text: str, lowered_not: bytes, policy: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Yield card numbers and IBANs; `lowered_not` is the text in ASCII, place for place."""
    for kind, start in number_shapes(lowered_not):
        found = (_CARD if kind == "card" else _IBAN).match(text, start)
        if kind in policy and found and (_is_card(found) if kind == "card" else _is_iban(found.group())):
            yield found.start(), found.end(), kind


def _is_card(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found.group())
    if not _ISSUERS.fullmatch(digits) or len(set(digits)) < 2:
        return False
    if digits == found.group() and _NUMBERED.search(preceding(found, 16)):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _mail(text: str, at: int) -> Iterator[tuple[int, int]]:
    for found in _MAIL.finditer(text, max(0, at - 64), min(len(text), at + 190)):
        if found.start() <= at < found.end():
            yield found.span()


def _phone(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = _PHONE.match(text, at)
    if found:
        yield found.span()


PERSONAL = {"email": Rule("email", ("@",), _mail), "phone": Rule("phone", ("+",), _phone)}
