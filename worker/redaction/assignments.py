"""Secrets known by their name: `password=…`, `"api_key": "…"`, `name: DB_PASSWORD` with its `value:` beside it.

A name alone proves nothing: runbooks are full of `token: string`, `secret: my-tls` and `password=$PASSWORD`. So the
value has to look like one, the more so the looser the form it stands in.
"""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, is_stand_in

_NAME = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|"
    r"auth[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|shared[_-]?key|credentials?|connection[_-]?string"
)
_KEYWORDS = ("pass", "pwd", "secret", "token", "key", "credential", "connection")

_ASSIGNMENT = re.compile(
    rf"(?P<name>(?:{_NAME}))(?P<rest>[A-Za-z0-9_-]{{0,24}}+)(?P<close>\\?[\"'\]]{{0,2}})[ \t]{{0,3}}"
    r"(?P<sep>:=|=>|==?|:)[ \t]{0,3}"
    r"(?P<quote>\\?[\"'])?(?P<value>(?(quote)[^\"'\\\r\n]{1,400}+|[^\s\"'`,;&)}\]\\]{1,400}+))",
    re.IGNORECASE,
)
_FLAG = re.compile(
    rf"(?<![\w-])--?(?:[a-z]{{1,20}}-){{0,2}}(?:{_NAME})[ \t]{{1,3}}"
    r"[\"']?(?P<value>[^\s\"'`,;)\]}-][^\s\"'`,;)\]}]{3,200}+)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"\bname[\"']?\s{{0,3}}:\s{{0,3}}[\"']?[\w.-]{{0,60}}?(?:{_NAME})[\"']?[ \t]{{0,3}},?"
    r"\s{1,60}[\"']?value[\"']?\s{0,3}:\s{0,3}[\"']?(?P<value>[^\s\"',}]{4,400}+)",
    re.IGNORECASE,
)

_REST_OF_OTHER_THINGS = re.compile(
    r"[\w-]*(?:names?|refs?|files?|paths?|dirs?|ids?|types?|counts?|ur[il]s?|ttl|len(?:gth)?|expir\w*|polic\w*|limits?|"
    r"rotation|age|manager|versions?|errors?|status|hints?|fields?|headers?|format|class|selector|mount\w*|volumes?|"
    r"provider|endpoint|issuer|keys?ref|reset|required|enabled|budget|usage|per\w*|max|min|total|rate|s)",
    re.IGNORECASE,
)
_OTHER_WORD = re.compile(
    r"string|str|text|varchar|bytes|object|type|int|integer|number|bool|boolean|optional|required|password|passwd|"
    r"secret|token|invalid|expired|missing|incorrect|wrong|rejected|revoked|refreshed|valid|created|deleted|updated|"
    r"rotated|unauthorized|forbidden|failed|failure|error|denied|disabled|enabled|default|unknown|file|env|environment|"
    r"vault|prompt|input|stdin|read|write|readonly|kubernetes|opaque|generic|bearer|basic|hash|hashed|bcrypt|sha256",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Za-z]+(?:[-_./][A-Za-z]+)*\.?")
_CODE = re.compile(r"[A-Za-z_][\w.]*[(\[].*|(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*|/[\w./-]+|https?://.*")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")


def _mixed(value: str) -> bool:
    """Tell whether a value holds something that words do not: a digit, a symbol, capitals inside."""
    if any(not character.isalpha() and character not in "-_. /" for character in value):
        return True
    return any(character.isupper() for character in value[1:]) and any(character.islower() for character in value)


def _secret_value(value: str, name: str, *, strict: bool) -> bool:
    """Tell whether a value beside such a name is a secret; `strict` where words and references are common."""
    plain = value.strip().rstrip(".")
    if len(plain) < 4 or is_stand_in(plain) or _OTHER_WORD.fullmatch(plain) or _CODE.fullmatch(plain):
        return False
    if plain.isdigit():
        return "pass" in name or "pwd" in name or len(plain) >= 10
    if _WORDS.fullmatch(plain):
        return _mixed(plain) and len(plain) >= 12 if strict else len(plain) >= 6 and " " not in plain
    return not (strict and _PLAIN_NAME.fullmatch(plain)) and _mixed(plain)


def _assigned(found: re.Match[str]) -> bool:
    rest = found["rest"]
    if rest and _REST_OF_OTHER_THINGS.fullmatch(rest):
        return False
    value = found["value"]
    loose = found["sep"] == ":" and found["quote"] is None
    if " " in value and not any(character.isdigit() for character in value):
        return False
    return _secret_value(value, found["name"].lower(), strict=loose)


def _given(found: re.Match[str]) -> bool:
    return _secret_value(found["value"], "pass", strict=True)


ASSIGNMENTS: tuple[Rule, ...] = (
    Rule("named-value", _KEYWORDS, _PAIR, "value", _given),
    Rule("password-flag", ("-pass", "-token", "-secret", "-api", "-key"), _FLAG, "value", _given),
    Rule("secret", _KEYWORDS, _ASSIGNMENT, "value", _assigned),
)
