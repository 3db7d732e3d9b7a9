"""Keys that only the name of a vendor or of a variable announces: `acme_key = …`, `using key=…`, `acme token …`.

`key` names far more places than secrets, so the value has to look drawn by a machine, and the words before it must
not say that it is a key to look something up with.
"""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.values import changes, drawn_letters, is_example, is_random, is_stand_in, is_uuid, kinds

_PLACES = (
    r"(?-i:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?:cache|primary|foreign|sort|partition|routing|object|row|idempoten\w{1,3}|dedup\w{0,10}|group\w{0,3}|host|pub|public|index|lookup|map|hash|range|"
    r"cluster|s3|gcs|blob|state|lock|metric|label|reg|registry|mon|tur|don|hoc|joc|whis|kms|cmk|etcd|redis|memcached?|kv|config|translation|i18n|message|msg|event|"
    r"transaction|order|customer|shard|bucket|file|upload|artifact|build|correlation|request|session|job|task|trace|span|commit|image|blob|node|peer|"
    r"gpg|pgp|rsa|ecdsa|ed25519|dsa|apt|rpm|trust\w{0,3}|known|verif\w{0,10}|fingerprint|dnssec|dkim|ds|zone|ksk|zsk|vapid|wireguard|wg|hot|any|unique|natural|composite|"
    r"tenant|websocket|entity|record|document|doc|item|topic|consumer|issue|ticket|alert|incident|silence|ssh|binding|resource|sync|page|next|continue|site|field|column|flag|feature|experiment|variant|setting|locale|lang|theme|link|lease)"
)
_LOOKED_UP = re.compile(rf"{_PLACES}[_. -]?$", re.IGNORECASE)
_LOOKED_UP_KEY = re.compile(rf"{_PLACES}[_. -]?keys?[\"'`]?\s{{0,2}}[:=]?\s{{0,2}}[\"'`]?$", re.IGNORECASE)
PAGES = r"continu\w*|resum\w*|sync|next\w*|page\w*|paging|pagination|cursor|fencing|scroll|delta|skip|stream|watch"
"""What goes on from where it was, by a token that is no secret."""

HASHES = r"checksum|digest|hash|sha\d{1,3}"
"""What a text comes to, under the name of the text."""

_PAGED = re.compile(
    rf"(?:{PAGES})[_. -]?$"
    rf"|(?:{HASHES})[/_.-]$",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"[A-Za-z][\w.-]{0,40}$")
_GIVEN = re.compile(
    r"(?:using|with|api|auth|my|our|vendor|invalid|bad|wrong|incorrect|revoked|expired|leaked)[ ]$", re.IGNORECASE
)
_HEX = re.compile(r"[0-9a-f]{24,128}")
_ANY_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_WORDS = re.compile(r"(?:^|[._/-])[a-z]{4,}(?=$|[._/-])|[A-Z][a-z]{3,}[A-Z][a-z]{3,}")
_PUBLIC = re.compile(r"AAAA[BCDE]3|AAAAE2|MI[IGHC]|sha\d|ssh-|LS0t", re.IGNORECASE)


def looked_up(before: str) -> bool:
    """Tell whether a text ends with the name of a key that something is looked up with: `partition key=`."""
    return _LOOKED_UP_KEY.search(before) is not None


def names_a_place(before: str) -> bool:
    """Tell whether what stands before `key` or `token` says that it finds something: `partition_`, `next_page_`."""
    return _LOOKED_UP.search(before) is not None or _PAGED.search(before) is not None


def _drawn(value: str, least: int) -> bool:
    """Tell whether a value is drawn from more than hexadecimal digits, and made of no words."""
    if len(value) < least or _ANY_HEX.fullmatch(value) or is_uuid(value) or _PUBLIC.match(value):
        return False
    if is_stand_in(value) or is_example(value) or _WORDS.search(value):
        return False
    if drawn_letters(value):
        return True
    digits = sum(map(str.isdigit, value))
    return digits >= 2 and digits < len(value) * 0.8 and is_random(value, least) and changes(value) >= 0.2


def _keyed(found: re.Match[str]) -> bool:
    """Accept the value of a key that belongs to something: `acme_key`, `acmeKey`, `Using Key`."""
    value, before = found["v"], preceding(found, 42)
    if _LOOKED_UP.search(before):
        return False
    attached = _ATTACHED.search(before) is not None and (not before[-1:].isalpha() or not found.group()[0].islower())
    given = _GIVEN.search(before) is not None
    if before[-1:].isalpha() and not attached:
        return False
    if _HEX.fullmatch(value):
        return (attached or given) and kinds(value) == 2 and not is_example(value)
    if value.count("/") and changes(value) < 0.35:
        return False
    return _drawn(value, 16 if attached else 20)


def _strongly(found: re.Match[str]) -> bool:
    """Accept what stands in quotes behind a name that is now and then that of a secret."""
    before = preceding(found, 42)
    return not _LOOKED_UP.search(before) and kinds(found["v"]) >= 3 and _drawn(found["v"], 20)


def _spoken(found: re.Match[str]) -> bool:
    """Accept what follows `secret`, `token` or `key` with a blank between."""
    before = preceding(found, 42)
    if names_a_place(before) or before[-1:].isalpha() and found.group()[0].islower():
        return False
    value = found["v"].partition("_")[2] if re.match(r"[a-z]{1,3}_", found["v"]) else found["v"]
    return (
        value.isalnum()
        and sum(map(str.isdigit, value)) >= 3
        and changes(value) >= (0.2 if len(value) >= 32 else 0.3)
        and _drawn(value, 20)
    )


_Q = r"\\{0,2}[\"'`]?"
_TO = r"\s{0,4}(?::=|=>|={1,3}|!={1,2}|:)\s{0,4}"

KEYED: tuple[Rule, ...] = (
    at_anchor("secret", ("key=", "key =", "key:", "key :", "key\"", "key'", "key\\\"", "key`", "key1", "key2", "key3"),
        rf"key\d{{0,2}}{_Q}{_TO}{_Q}(?P<v>[A-Za-z0-9+/=_.~-]{{16,2000}}+)(?![\w:@(\[{{])", _keyed),
    at_anchor("secret", ("api", "auth", "access", "private", "cipher", "hmac", "webhook", "license"),
        rf"(?:api|auth(?:entication|orization)?|access|private|cipher|hmac|webhook|license)\\{{0,2}}[\"']?{_TO}\\{{0,2}}[\"'](?P<v>[A-Za-z0-9+/=_~-]{{20,600}}+)\\{{0,2}}[\"']", _strongly),
    at_anchor("secret", ("key (",), r"key \([^()\n]{0,60}?(?:token|secret|passw\w+|api_?key|session)[^()\n]{0,60}\)=\((?P<v>[^()\s]{12,300})\)", lambda f: is_random(f["v"], 12)),
    at_anchor("secret", ("secret ", "token ", "key ", "secret: ", "token: "), r"(?:secret|token|key)(?:[ \t]+is)?:?[ \t]+[\"'`(]?(?P<v>[A-Za-z0-9_]{20,300}+)(?![\w./:@(\[{-])", _spoken),
)  # fmt: skip
