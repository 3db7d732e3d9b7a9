"""Private keys and the like: blocks of base64 between two lines, or that only look like the inside of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule
from worker.redaction.values import entropy

_LONGEST = 64_000
_HEAD = re.compile(
    r"-{4,5} ?BEGIN (?P<kind>[A-Z0-9 ]{0,40}(?:PRIVATE KEY|SECRET KEY)(?: BLOCK)?|PGP MESSAGE|OPENVPN STATIC KEY V1) ?-{4,5}",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:[\s\\nrt\"'`,+|>&<#.;()/*-]|\\u000a|&#10;|<br ?/?>|%0A){0,40}+(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset)[^\n\\]{1,120}(?:\n|\\n|\\r){0,4}+\s{0,40})*"
)
_CHUNK = re.compile(r"[A-Za-z0-9+/=%]{2,}")
_FOOT = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,60}-{4,5}", re.IGNORECASE)
_INSIDE = re.compile(r"[A-Za-z0-9+/=]{12,}")
_PUTTY = re.compile(
    r"PuTTY-User-Key-File-\d.{0,2000}?Private-Lines: \d+\r?\n(?P<v>[A-Za-z0-9+/=\s]{40,8000}+)", re.DOTALL
)


def _block(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the whole of a key from its first line to its last; without a last line, as far as it looks like one."""
    head = _HEAD.match(text, at)
    if not head:
        return
    stop = min(len(text), head.end() + _LONGEST)
    foot = _FOOT.search(text, head.end(), min(stop, _next_head(text, head.end(), stop)))
    if foot:
        if _INSIDE.search(text, head.end(), foot.start()):
            yield head.start(), foot.end()
        return
    end = _as_far_as_it_goes(text, head.end(), stop)
    if _INSIDE.search(text, head.end(), end):
        yield head.start(), end


def _next_head(text: str, start: int, stop: int) -> int:
    following = text.find("BEGIN ", start, stop)
    return stop if following < 0 else following


_LINES = re.compile(
    r"(?:[^A-Za-z0-9+/=]{0,24}+(?:n|r|t|u000a)?[A-Za-z0-9+/=]{16,8000}+)++(?:[^A-Za-z0-9+/=]{1,12}n?[A-Za-z0-9+/]{2,80}={1,2})?"
)


def _as_far_as_it_goes(text: str, start: int, stop: int) -> int:
    start = _BODY.match(text, start, stop).end()  # type: ignore[union-attr]
    found = _LINES.match(text, start, stop)
    return found.end() if found else start


_UNHEADED = re.compile(
    r"(?<![A-Za-z0-9+/=-])(?P<v>(?:MI[IGHC][A-Za-z0-9+/]{36,}|b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/]{20,}|lQ[OPHI][A-Za-z0-9+/]{36,}|LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,})[A-Za-z0-9+/]{0,8000}+={0,2}(?:(?:\s{1,20}|\\n|\\r\\n)[A-Za-z0-9+/]{20,8000}+={0,2}){0,120}+(?:(?:\s{1,20}|\\n)[A-Za-z0-9+/]{2,76}={1,2})?)"
)
_PRIVATE = re.compile(
    r"MII[BCEJ][A-Za-z0-9+/]{1,3}IB(?:AAK[BCJ]|ADANBgkq)|MII[CEJ][A-Za-z0-9+/]{2}(?:IBAAKC|QIBADANBgkq|wIBAAKC|AIBAAKC|gIBADANBgkq|gIBAAKC|QIBAAKC|AIBADANBgkq|BAAKCA)|MIG[HTN]AgEAM|MHcCAQEEI|MHQCAQEEI|MIGkAgEBB|MC4CAQAwBQYDK2VwBCIEI|b3BlbnNzaC1rZXktdjE|lQ[OPHI]|LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,24}(?:UFJJVkFURSBLRV|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ|FJJVkFURSBLRVk|cml2YXRl)"
)


def _unheaded(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the inside of a private key that lost its first line: its first bytes say what it is."""
    found = _UNHEADED.match(text, at)
    if found and _PRIVATE.match(found["v"]) and entropy(found["v"][:400]) > 4:
        yield found.span("v")


def _putty(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = _PUTTY.match(text, at, at + 12_000)
    if found:
        yield found.span("v")


KEYS: tuple[Rule, ...] = (
    Rule("private-key", ("-----begin", "---- begin"), _block),
    Rule(
        "private-key",
        ("MII", "MIG", "MHc", "MHQ", "MC4CAQAw", "b3BlbnNzaC1r", "lQO", "lQP", "lQH", "LS0tLS1CRUdJTi"),
        _unheaded,
        token=True,
    ),
    Rule("private-key", ("putty-user-key-file",), _putty),
)
