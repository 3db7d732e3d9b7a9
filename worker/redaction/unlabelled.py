"""Secrets that nothing names: long runs of letters and digits that look drawn by a machine.

Most such runs in an operator's text are ids, digests and public keys. So a run is taken only where its line speaks of
secrets, or where it has the shape of one and nothing around it says that it is something else.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from operator import ne

from worker.redaction.classes import KINDS, runs
from worker.redaction.keyed import HASHES, PAGES, looked_up
from worker.redaction.values import UUID, entropy, is_example, is_random, kinds

LEAST = 20
_HEX = re.compile(r"(?:0x)?[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(rf".*{UUID}.*")
_PUBLIC = re.compile(
    r"AAAA[BCDE]3|AAAAE2|MI[IGHC]|LS0t|iVBOR|R0lGOD|/9j/|H4sI|UEsDB|PHN2|PD94|JVBER|UklGR|Qk0|AAAB|d09G|T1RUT|sha\d|KUBE|data|mQ[EIGM]|ag-|arn|MFkwEwYH|MFYwEAYH|MHYwEAYH|MIGbMBAGB|MCowBQYDK2V|MEkwEwYH|(?:ed25519|cv25519|rsa\d{4}|dsa\d{4}|nistp\d{3})/"
)
_OTHER = re.compile(
    r"(?:\b|_|(?-i:(?<=[a-z])(?=I[dD])))(?:id|kids?|jti|accessor|fsid|(?:client|app|tenant|user|device|object|account|cluster|instance|volume)id|ids|uid|uuid|guid|hash|sha-?\d*|digest|checksum|fingerprint|etag|trace\w*|span|request|req|correlation|commit|rev|revision|build|image|cert\w*|"
    r"public|pubkey|ssh-\w+|ecdsa\S*|integrity|nonce|cursor|continue\w*|next\w*|page\w*|base64,|data|kid|cluster|modulus|csr|ca|crt|x-amz\S*|cf-ray|ray|key-?id|"
    r"layer|overlay|blob|snapshot|object|resource|file|path|url|href|src|spf|dkim|txt|cname|signature of|thumbprint|spki|pin-sha256|md5|crc|seed|node|peer|block|ref|version|name|session|message|msg|event|known_hosts|host key|csp|script|style)"
    r"[\"'`]?\s{0,2}[:=/,>(-]{0,2}\s{0,2}[\"'`(<\[]?$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"secret|token|\bkey|api.?key|cred|passw|\bpwd?\b|\bauth|leak|rotat|revok|expos|login|log in|bearer|paste|compromis|\bpat\b",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"(?:public|host|primary|foreign|partition|cache|sort|object)[ _-]?keys?", re.IGNORECASE)
_LABEL = re.compile(r"([A-Za-z][\w./-]*)[\"'`]?\s{0,2}[:=]\s{0,2}[\"'`]?$")
_NEUTRAL = frozenset(
    "value val v data str string content body payload text output result stdout stdin msg message line env arg argv x y foo this it".split()
)
"""Labels that say nothing of what they name; any other says that it is no secret, where the line speaks of none."""
_OF_ALL = re.compile(r"public[ _-]?key|fingerprint|known_hosts", re.IGNORECASE)
_RIGHT_BEFORE = re.compile(
    r"(?:secret|token|password|passwd|pwd|credentials?|(?:api|access|secret|private|signing|encryption|master|auth|license|account|deploy|storage|service|routing|integration|admin|ingest|write|server|app|application|client|webhook|hmac|shared)[ _-]?key)s?"
    r"(?:[ \t]+\(?(?:value|was|is|reads|equals|of|string|now|to|hex|base64|b64|encoded|->|→|=)\)?)?[ \t:=\"'`(]{1,4}$",
    re.IGNORECASE,
)
_A_PLACE = re.compile(
    rf"(?:(?:{PAGES})[_. -]?tokens?|hashed_\w{{3,10}}|(?:{HASHES})[/_.-][\w.-]{{1,40}})[\"'`]?\s{{0,2}}[:=]?\s{{0,2}}[\"'`]?$",
    re.IGNORECASE,
)
"""What before a run says that it is a token for a place in a list, which is no secret."""
_DISCORD = re.compile(r"(?<![\w.-])[MNO][A-Za-z\d_-]{22,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w.-])")


_OKTA_SIZE = 42
_REACH = 160
_EARLIER = re.compile(r"(?:[A-Za-z0-9+/_-]{20,80}[,; ]{1,2}){1,4}$")
"""Runs that stand before one in a list: what is said of the first is said of all."""


Runs = list[tuple[int, int]]


def long_runs(plain: bytes) -> Runs:
    """Return the runs that are looked at; `plain` is a text in ASCII, place for place."""
    return list(runs(plain, LEAST))


def unlabelled(text: str, plain: bytes, found_runs: Runs) -> Iterator[tuple[int, int, str]]:
    """Yield the runs that are taken for secrets."""
    if not found_runs:
        return
    classes = plain.translate(KINDS)
    for start, end in found_runs:
        found = _DISCORD.match(text, start) if text[start] in "MNO" and end < len(text) and text[end] == "." else None
        if found:
            yield start, found.end(), "discord-token"
        elif end - start == _OKTA_SIZE and text.startswith("00", start) and _three_kinds(classes, start, end):
            yield start, end, "okta-token"
        elif end - start <= 512 and _is_secret(text, start, end, classes):
            yield start, _with_padding(text, end), "high-entropy"


def _three_kinds(classes: bytes, start: int, end: int) -> bool:
    return all(classes.count(kind, start + 2, end) for kind in (b"U", b"l", b"d"))


def _with_padding(text: str, end: int) -> int:
    return end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip("="))


def _is_secret(text: str, start: int, end: int, classes: bytes) -> bool:
    capitals, digits, signs = (classes.count(kind, start, end) for kind in (b"U", b"d", b"s"))
    small = end - start - capitals - digits - signs
    if digits > (end - start) * 0.8 or signs > 4 + (end - start) // 8:
        return False
    before = text[max(0, start - 40) : start]
    near = before[-16:].lower()
    if "key" in near and looked_up(before):
        return False
    if text[start] == "/" and text.count("/", start, end) >= 2:
        return False
    if any(word in near for word in ("token", "hashed", "secret")) and _A_PLACE.search(before):
        return False
    if not capitals or not small or not digits:
        return _named_hex(text[start:end], before)
    if (
        _PUBLIC.match(text, start, end)
        or before[-1:] in _INSIDE_A_PATH
        or not _drawn(text[start:end], classes[start:end])
    ):
        return False
    if (
        _OTHER.search(_EARLIER.sub("", text[max(0, start - _REACH) : start]))
        or _UUID.fullmatch(text, start, end)
        or is_example(text[start:end])
    ):
        return False
    return _spoken_of(text, start, end)


def _named_hex(value: str, before: str) -> bool:
    """Tell whether what stands right before says that a run of one case, such as a digest, is a secret."""
    near = before.lower()
    if not any(word in near for word in ("secret", "token", "passw", "pwd", "cred", "key")) or _UUID.fullmatch(value):
        return False
    return len(value) >= 24 and _HEX.fullmatch(value) is not None and _RIGHT_BEFORE.search(before) is not None


def _spoken_of(text: str, start: int, end: int) -> bool:
    """Tell whether the line speaks of secrets near a run; if it does not, the run must look it all the more."""
    line = text.rfind("\n", max(0, start - 200), start) + 1 or max(0, start - 200)
    stop = text.find("\n", end, end + 80)
    before, after = text[line:start], text[end : stop if stop >= 0 else end + 80]
    if _RIGHT_BEFORE.search(before[-40:]):
        return True
    if after[:1] and after[0] in _INSIDE_A_PATH:
        return False
    if _OF_ALL.search(before) and "private" not in before.lower():
        return False
    if _NAMED.search(_NO_SECRET.sub(" ", before)) or _NAMED.search(_NO_SECRET.sub(" ", after)):
        return end - start >= 24
    if sum(map(str.isdigit, text[start:end])) < 3:
        return False
    value, name = text[start:end], _LABEL.search(before)
    if name and name[1].lower() not in _NEUTRAL:
        return False
    return (
        36 <= len(value) < 60
        and min(sum(map(str.isupper, value)), sum(map(str.islower, value))) >= 6
        and entropy(value) >= 4.3
    )


_INSIDE_A_PATH = frozenset("/.:@(")


def _drawn(value: str, classes: bytes) -> bool:
    """Tell whether letters and digits change places as often as chance would have it."""
    changes = sum(map(ne, classes, classes[1:]))
    return changes / len(value) >= 0.38 and classes.count(b"s") <= 1 + len(value) // 12 and entropy(value) >= 3.6


def decodable(text: str, found_runs: Runs) -> Iterator[tuple[int, int, str]]:
    """Yield the runs that are base64 or hex of readable text, with that text."""
    for start, end in found_runs:
        if end - start <= 20_000 and text[start] not in "/+-_":
            decoded = _decoded(text[start:end])
            if decoded:
                yield start, _with_padding(text, end), decoded


_SPOKEN_OF = re.compile(r"(?:passw\w{0,4}|secrets?|creds?|credentials?|token|pwd)\b[^\n]{0,24}$", re.IGNORECASE)


def is_told(text: str, start: int, inside: str) -> bool:
    """Tell whether the words before a run say that what it decodes to is a password."""
    if not 8 <= len(inside) <= 64 or not inside.isprintable() or " " in inside or not is_random(inside, 8):
        return False
    return kinds(inside) >= 3 and _SPOKEN_OF.search(text[max(0, start - 40) : start]) is not None


def _decoded(value: str) -> str:
    try:
        if value[0] in "234567" and value[2] in "234567" and _HEX.fullmatch(value):
            return _readable(bytes.fromhex(value)) if len(value) % 2 == 0 else ""
        if not _readable(base64.b64decode(value[:8].translate(_STANDARD), validate=True)):
            return ""
        whole = value[: len(value) // 4 * 4] if len(value) % 4 == 1 else value + "=" * (-len(value) % 4)
        return _readable(base64.b64decode(whole.translate(_STANDARD), validate=True))
    except (ValueError, binascii.Error):
        return ""


_STANDARD = str.maketrans("-_", "+/")
_UNREADABLE = re.compile(rb"[^\t\n\r -~]")


def _readable(raw: bytes) -> str:
    return "" if _UNREADABLE.search(raw) else raw.decode("ascii")
