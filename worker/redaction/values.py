"""How the value of a secret is told from a stand-in for one, from a word, and from code that only names it."""

from __future__ import annotations

import math
import re
from collections import Counter
from enum import Enum
from itertools import pairwise

_STAND_IN = re.compile(
    r"""
        \$[A-Za-z_]\w*\$?[;,'")}\]]* | \$[{(\[].* | \$\d | \$$       # $PASSWORD ${TOKEN} $(command) $1
      | [A-Za-z_]\w*[:=]\$\w.* | (?-i:\?[A-Z_]{3,}).* | [-=+?]\$.*  # payload:$body, the end of ${TOKEN:?TOKEN is not set}
      | (?-i:\$[A-Z_][A-Z0-9_]{3,})(?:https?:|\W).* | \^.*\$              # "$TOKEN" "http…" joined; a regular expression
      | [*_]{1,2}\(.*
      | %\(?\w*\)?[sdv%]?%? | %\{.*                                   # %s %(password)s %PASSWORD% %{token}
      | <[^<>]*>? | \{\{.* | \{[\w.:-]*\} | \{% .* | @\{.* | \#\{.*   # <password> {{ token }} {password} #{token}
      | \[[^\[\]]*\]? | \(.*\)? | `.*                                 # [password] (none) `command`
      | [*&!][A-Za-z_][\w-]* | [|>][-+]?                              # YAML anchors, tags and blocks
      | @[-./].* | @\w+\.\w{2,5} | @\w+\.\w+\(.*                                      # @/run/secrets/db
      | [xX*.•_…#?=~+-]+ | (?:[xX]{2,}+[-_.]?)++ | (.)\1*               # xxxx ....
      | your(?:[-_. ]?[a-z]++)*+
      | (?:my|the|a|an|some|any|this|that|new|old|example|sample|dummy|fake|test|insert|enter|put|use|replace|add|foo)(?:[-_. ][a-z]++)*+
      | [a-z_ -]{0,40}?(?:change[-_]?(?:me|it|this)|placeholder|redacted|masked|hidden|sanitized|scrubbed|example|your[-_])[\w!.-]*
      | (?:repl?ace|insert|put|enter|fill|set)[-_ ]?(?:me|this|it|in|with|here)?[-_a-z ]*
      | arn:aws[\w-]*:\S+ | todo|tbd|n/?a|none|null|nil|undefined|unset|true|false|yes|no|on|off|empty|missing
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"EXAMPLE|1234567890abcdef1234|(?i:example|placeholder|changeme|your[-_]|x{6,}|redacted|<|\.\.\.$)"
)
_WORDS_OF_OPS = """
string str text varchar char bytes byte object type int integer number bool boolean optional required mandatory password
passwd pass secret secrets token tokens key keys user username login account credential credentials creds auth invalid
expired expires expiry missing incorrect wrong rejected revoked refreshed valid created deleted updated rotated removed
unauthorized unauthenticated forbidden failed failure fails error errors denied disabled enabled default unknown file
files env environment vault prompt input output stdin stdout read write readonly kubernetes opaque generic bearer basic
digest hash hashed bcrypt scrypt argon argon2 argon2id sha256 sha512 scram-sha-256 scram-sha-512 md5 hmac plain plaintext cleartext
encrypted decrypted protected sensitive hidden masked redacted omitted blank must should cannot can will was were has have had is are
not found present absent exists mounted loaded stored changed reset set unset used unused stale rotating rotation
issued refresh access api client server service manual manually auto automatic external internal local remote sealed
unsealed locked unlocked accepted verified unverified mismatch mismatched match matched matches matching correct
expiring renewal renewed request requests response header headers cookie session value values field fields name names and or
for from with without the this that these those check checked checking see ask contact rotate update create delete
retry retrying timeout timed pending unavailable available ok success successful succeeded authentication authorization
same different strong weak short long empty null none true false undefined nil never always only once twice again
1password bitwarden lastpass sha1sum sha224sum sha384sum sha256sum sha512sum md5sum publickey keyboard-interactive bypass passthrough provider manager store keychain keyring awssecretsmanager secretsmanager secretkeyref configmapkeyref
""".split()
_OPS = frozenset(_WORDS_OF_OPS)
_CODE = re.compile(
    r"[A-Za-z_][\w.:>$-]*[(\[].*|(?:[A-Za-z_]\w*(?:\.|->|::))+[A-Za-z_]\w*|\.{0,2}/[\w./:-]+|~/.*|[A-Za-z]:\\.*"
    r"|(?:https?|file|s3|gs|vault|ssm|op|env|arn|secret|projects|secretsmanager)(?::|://|/).*|[a-z_]+=.*|//.*",
)
_SHOWN_OBJECT = re.compile(
    r"(?:[a-z]\w*\.)*[A-Z]\w*\{[0-9a-f]{3,16}.*|[A-Z]\w*@[0-9a-f]{7,8}|(?:[a-z]\w*\.)+[A-Z][\w$]*@[0-9a-f]{5,8}"
    r"|[\w./~@$-]+\.(?:key|pem|crt|cer|p12|pfx|jks|json|ya?ml|txt|conf|cfg|ini|env|pub|asc|gpg|kubeconfig|log|md|py|go|js|ts|sh)"
    r"|[A-Za-z]{2,30}(?:,[A-Za-z]{2,30}){1,9}|\w{1,40}:(?:true|false|string|int)|[a-z][\w./-]*\$[{(]\w.*",
)
"""What Java prints of an object (`Token{78af589`, `Credentials@1b6d3586`), the name of a file, a list of words, a name in part."""
_MEASURE = re.compile(
    r"v?\d+(?:\.\d+){1,3}(?:[-+][\w.]+)?|\d+(?:\.\d+)?\s?(?:ms|s|m|h|d|w|min|sec|hours?|days?|weeks?|%|[kmgt]i?b?|bytes|chars?|x)"
    r"|\d{4}-\d\d-\d\d(?:[T ].*)?|\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?|\d+/\d+|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|0x[0-9a-f]+|\d+ms|1st|2nd|3rd|\d+th",
    re.IGNORECASE,
)
_NAME = re.compile(r"_?[a-z][a-z0-9]*(?:[-_./:][a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+-?v?\d{1,2}")
_WORD = re.compile(r"[A-Za-z]+(?:[-_.'][A-Za-z]+)*")
_TWO_WORDS = re.compile(r"[A-Z]?[a-z]+[-/][A-Z]?[a-z]+")
UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
"""The shape of a UUID, as a pattern."""

_UUID = re.compile(UUID)
_MAIL = re.compile(r"[\w.+-]{1,64}@(?:[a-z][a-z0-9-]*\.){1,5}[a-z]{2,12}")
_HOST = re.compile(r"(?:[a-z0-9-]+\.){1,6}(?:com|net|org|io|dev|local|internal|svc|example|cloud)(?::\d+)?(?:/.*)?")


class Form(Enum):
    """How surely the place of a value says that it is one."""

    SURE = "after a flag or within quotes beside such a name"
    TIGHT = "name=value"
    LOOSE = "name: value, or prose"


def is_stand_in(value: str) -> bool:
    """Tell whether a value only stands where a secret would: a variable, a placeholder, a row of stars."""
    plain = value.strip().strip("\"'")
    return not plain or _STAND_IN.fullmatch(plain) is not None


def is_example(value: str) -> bool:
    """Tell whether a token is one that vendors print in their manuals, or a mere pattern of one."""
    return _EXAMPLE.search(value) is not None or len(set(value[-16:])) < 5


def entropy(value: str) -> float:
    """Return Shannon's entropy in bits a character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def kinds(value: str) -> int:
    """Return how many of these a value holds: small letters, capitals, digits, signs."""
    return (
        any(c.islower() for c in value)
        + any(c.isupper() for c in value)
        + any(c.isdigit() for c in value)
        + any(not c.isalnum() for c in value)
    )


def is_random(value: str, least: int = 16) -> bool:
    """Tell whether a value looks drawn by a machine: long enough, letters and digits mixed, few repeats."""
    if len(value) < least or _NAME.fullmatch(value) is not None:
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if digits < 2 or letters < 2:
        return len(value) >= 16 and changes(value) >= 0.4 and entropy(value) >= 3.3
    return entropy(value) >= min(3.0, math.log2(len(value)) - 0.7)


def is_uuid(value: str) -> bool:
    """Tell whether a value has the shape of a UUID."""
    return _UUID.fullmatch(value) is not None


def changes(value: str) -> float:
    """Return how often, of all places, a character is of another class than the one before it."""
    classes = [0 if c.isdigit() else 1 if c.isupper() else 2 if c.islower() else 3 for c in value]
    return sum(a != b for a, b in pairwise(classes)) / len(value)


def _after_a_placeholder(plain: str) -> str:
    """Return what follows a placeholder, as rules see one: it may still be a secret; what stands before it is not."""
    return plain.rpartition("]")[2] if plain.startswith("[____") else ""


def _is_something_else(plain: str, tail: str) -> bool:
    """Tell whether a value is a stand-in, a word of the trade, a measure, or code."""
    if (
        len(tail) < 3
        or is_stand_in(plain)
        or all(word in _OPS for word in tail.lower().split())
        or _MEASURE.fullmatch(tail)
        or _SHOWN_OBJECT.fullmatch(tail)
    ):
        return True
    if re.match(r"[a-z][a-z0-9+.-]{1,20}://", plain):
        return True
    if _CODE.fullmatch(plain) is None:
        return False
    return len(plain) < 20 or changes(plain) < 0.4 or plain[0] in "/~." or "://" in plain


def _trimmed(value: str) -> str:
    """Return a value without the quotes, brackets and signs of the text that it stands in."""
    plain = value.strip().strip("\"'`").rstrip("\\&")
    return plain.rstrip("]") if "[" not in plain else plain


def is_secret(value: str, form: Form, *, password: bool) -> bool:
    """Tell whether the value beside a name such as `password` or `api_key` is a secret.

    A password may be a word; a token or a key is not. The looser the form it stands in, the more it must look it.
    """
    plain = _trimmed(value)
    plain = _after_a_placeholder(plain) if "[____" in plain else plain
    tail = plain.rstrip(".,;:!?)" if "{" in plain else ".,;:!?)}")
    if _is_something_else(plain, tail):
        return False
    if plain.isdigit():
        return len(plain) >= (4 if form is not Form.LOOSE else 6) if password else len(plain) >= 14
    if _UUID.fullmatch(tail):
        return True
    if _HOST.fullmatch(tail) or not password and (is_example(plain) or _MAIL.fullmatch(tail)):
        return False
    if password:
        return _is_password(tail, form)
    if _NAME.fullmatch(tail) and _drawn_name(tail.rpartition(":")[2]):
        return True
    if _NAME.fullmatch(tail) or _WORD.fullmatch(tail):
        return (form is Form.SURE and len(tail) >= 16 and kinds(tail) >= 3) or drawn_letters(tail)
    return _mixed(tail) and len(tail) >= (6 if form is Form.SURE else 8)


def _drawn_name(value: str) -> bool:
    """Tell whether what might be the name of a thing is too random for one: digits from its first part on, or long."""
    digits = sum(map(str.isdigit, value))
    first = re.split(r"[-_./:]", value)[0]
    if len(value) < 18 or digits < 4 or ":" in value or "/" in value:
        return False
    return (len(value) >= 32 and digits >= 5 and changes(value) >= 0.3) or (
        changes(first) >= 0.3 and sum(map(str.isdigit, first)) >= 2
    )


def drawn_letters(value: str) -> bool:
    """Tell whether a word has its capitals where chance puts them: `yXWNwtPTKwGfVWgXzzMy`, not `getSecretFromVault`."""
    if len(value) < 16 or kinds(value) < 2 or not value.isalpha() or not re.search(r"[A-Z]{2}", value):
        return False
    changed, vowels = changes(value), sum(c in "aeiouAEIOU" for c in value) / len(value)
    return changed >= 0.4 or (changed >= 0.2 and (vowels < 0.22 or len(re.findall(r"[A-Z]{2,}", value)) >= 3))


def _is_password(value: str, form: Form) -> bool:
    if form is Form.LOOSE:
        if _NAME.fullmatch(value) or _TWO_WORDS.fullmatch(value):
            return is_grouped(value)
        return is_grouped(value) or _mixed(value) and len(value) >= 5
    if _WORD.fullmatch(value):
        return len(value) >= (4 if form is Form.SURE else 6)
    return True


def is_grouped(value: str) -> bool:
    """Tell whether a value is drawn in groups of one length, as password managers do: `k3d9x-mm2p7-q8z1t`."""
    groups = value.split("-")
    sizes = set(map(len, groups))
    if len(groups) < 3 or max(sizes) - min(sizes) > 1 or not 4 <= max(sizes) <= 8:
        return False
    mixed = sum(any(map(str.isdigit, each)) and any(map(str.isalpha, each)) for each in groups)
    return mixed >= 2 and all(map(str.isalnum, groups))


def _mixed(value: str) -> bool:
    """Tell whether a value holds what a word does not: a digit, a sign, capitals inside."""
    if any(not c.isalpha() and c not in "-_. /'" for c in value):
        return any(c.isalnum() for c in value)
    return any(c.isupper() for c in value[1:]) and any(c.islower() for c in value) and len(value) >= 12


def is_given_password(found: re.Match[str]) -> bool:
    """Tell whether a match's value `v` is a password that is given, where nothing else would stand."""
    return not is_stand_in(found["v"]) and is_secret(found["v"], Form.SURE, password=True)
