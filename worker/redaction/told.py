"""Secrets that people and tools tell without a sign between: prose, tables, commands of old tools, other languages.

What stands there proves less than `password=…` does, so the value has to look the more like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.keyed import names_a_place
from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.values import Form, is_given_password, is_grouped, is_random, is_secret, is_stand_in, kinds

_PASS = r"pass(?:word|wd|phrase|code)|pwd|pw"
_END = ".,;:!?)*"


def likely_password(value: str) -> bool:
    """Tell whether a word of a sentence is a password: digits or signs within letters, and no name of a thing."""
    plain = value.strip("\"'`“”*").rstrip(_END)
    if len(plain) < 7 or plain.startswith("-") or not is_secret(plain, Form.LOOSE, password=True):
        return False
    if re.search(r"sha-?\d|md5|bcrypt|argon|scram|://|^\w+\(|\.\w{2,4}$|^v?\d[\d.,-]*$", plain, re.IGNORECASE):
        return False
    return is_grouped(plain) or (any(map(str.isdigit, plain)) and kinds(plain) >= 3)


def _key(value: str) -> bool:
    return is_random(value, 20) and kinds(value.replace("_", "").replace("-", "")) >= 3


def _quoted_or_password(found: re.Match[str]) -> bool:
    if found["quote"]:
        value = found["v"]
        return len(value) >= 7 and any(map(str.isdigit, value)) and is_secret(value, Form.TIGHT, password=True)
    return likely_password(found["v"])


_SPOKEN = (
    rf"(?:{_PASS})s?(?:[ \t]+(?:is|was|of|for|to|:|=))?[ \t]+(?P<quote>[\"'`“(]{{1,2}})?(?P<v>[^\s\"'`“”<>()]{{7,100}})"
)
_OTHERS = (
    "senha", "wachtwoord", "heslo", "parola", "salasana", "adgangskode", "sifre", "passord", "passwrd", "pasword",
    "passowrd", "passwort", "mot de passe",
)  # fmt: skip
_FOREIGN = re.compile(
    r"(?:парол[ьяею]м?|密码|密碼|口令|パスワード|비밀번호|암호|hasło|lösenord|jelszó|şifre|κωδικός|סיסמה|كلمة المرور|كلمة السر)\s{0,2}$",
    re.IGNORECASE,
)
_FOREIGN_VALUE = re.compile(r".[ \t]?[:=–—-]?[ \t]{0,3}[\"'«„“]?(?P<v>[^\s\"'«»“”<>]{5,100})", re.DOTALL)


def _foreign(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield what follows the word for a password in a script that is not ASCII; an anchor sees `?` for such letters."""
    if not _FOREIGN.search(text, max(0, at - 20), at + 1):
        return
    found = _FOREIGN_VALUE.match(text, at)
    if found and is_secret(found["v"], Form.LOOSE, password=True):
        yield found.span("v")


_CELL = re.compile(
    r"[ \t*`_\"']*(?:[\w.-]{0,20}[ _.-])?(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|api[ _-]?key|key)[ \t*`_\"']*",
    re.IGNORECASE,
)
_REACH = 3000
_ROWS = 40


_HEADING = re.compile(r"[ \t\"']*[\w .-]{1,30}[ \t\"']*")


def _separator(text: str, start: int, stop: int) -> str:
    """Return what stands between the cells of a heading: of Markdown, or of values with commas, tabs or semicolons."""
    if text.count("|", start, stop) >= 2:
        return "" if "|" in text[max(0, text.rfind("\n", 0, max(start - 1, 0))) : start] else "|"
    line = text[start:stop].rstrip("\r")
    for sign in "\t;,":
        if sign in line and all(map(_HEADING.fullmatch, line.split(sign))):
            return sign
    return ""


def _table(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the cells under a heading such as `password`, in a table of Markdown or in comma-separated values."""
    start = text.rfind("\n", max(0, at - 300), at) + 1
    stop = text.find("\n", at, at + 300)
    sign = _separator(text, start, stop) if stop >= 0 else ""
    if not sign:
        return
    column = text.count(sign, start, at)
    if not _CELL.fullmatch(text[start:stop].split(sign)[column].rstrip("\r")):
        return
    for _ in range(_ROWS):
        start, stop = stop + 1, text.find("\n", stop + 1, stop + _REACH)
        stop = stop if stop >= 0 else min(len(text), start + _REACH)
        cells = text[start:stop].split(sign)
        if len(cells) <= max(column, 1):
            return
        first = start + sum(len(cell) + 1 for cell in cells[:column])
        cell = cells[column].strip(" \t`*\"'\r")
        if cell and is_secret(cell, Form.LOOSE, password=True) and not re.fullmatch(r"[A-Za-z ._-]+", cell):
            begin = first + cells[column].index(cell)
            yield begin, begin + len(cell)


_INSERT = re.compile(
    r"insert\s+into\s+[\w.`\"\[\]]{1,100}\s{0,4}\((?P<names>[^()]{1,400})\)\s{0,4}values\s{0,4}\((?P<values>[^()\n]{1,800})\)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\s*(?:'((?:[^'\\]|''|\\.)*)'|\"([^\"]*)\"|([^,]*))\s*(?:,|$)")


def _inserted(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the values of columns such as `password` in an INSERT."""
    found = _INSERT.match(text, at)
    if not found:
        return
    place = found.start("values")
    for name in found["names"].split(","):
        value = _VALUE.match(text, place, found.end("values"))
        if not value:
            return
        group = next((number for number in (1, 2, 3) if value[number]), 0)
        if group and _CELL.fullmatch(name.strip()) and is_secret(value[group], Form.SURE, password=True):
            yield value.span(group)
        place = value.end()


_LICENSE = re.compile(r"(?<![0-9A-Za-z])(?:(?:eu|us|gov)\d\dx{1,2})?[0-9a-f]{30,36}(?:FFFF)?NRAL")


def _license(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = _LICENSE.search(text, max(0, at - 46), at + 8)
    if found:
        yield found.span()


def _line_start(found: re.Match[str]) -> bool:
    before = preceding(found, 6)
    return found.group().startswith("PASS") and (not before or before[-1] == "\n" or before.endswith(("> ", "C: ")))


TOLD: tuple[Rule, ...] = (
    at_anchor("password", ("pass", "pwd ", "pw "), _SPOKEN, _quoted_or_password),
    at_anchor("password", _OTHERS, rf"(?:{'|'.join(_OTHERS)})[\"']?[ \t]?(?:[:=]|ist|est|es|é)[ \t]{{0,3}}[\"']?(?P<v>[^\s\"'<>]{{5,100}})", lambda f: is_secret(f["v"], Form.LOOSE, password=True)),
    Rule("password", ("?:", "?=", "? :", "? =", "? "), _foreign),
    at_anchor("secret", ("api key", "api token", "access key", "access token", "secret key", "auth token"), r"\w{3,6}[ ](?:key|token)[ \t]*[(\"'`]{1,3}(?P<v>[\w.+/=-]{16,200})", lambda f: is_random(f["v"], 16)),
    at_anchor("secret", ("secret ", "token ", "key "), r"(?:secret|token|key)[ \t]+[\"'`(]{0,2}(?P<v>[\w+=-]{20,200})(?![\w./@:])", lambda f: _key(f["v"]) and not names_a_place(preceding(f, 24))),
    at_anchor("secret", ("key material",), r"key material[^\n:=]{0,20}[:=][ \t]{0,3}(?P<v>[0-9a-fA-F]{32,512})"),
    at_anchor("seed-phrase", ("seed phrase", "mnemonic", "recovery phrase", "seed words", "paper key", "backup phrase", "secret phrase"), r"(?:seed phrase|mnemonic|recovery phrase|seed words|paper key|backup phrase|secret phrase)(?: is| was)?[\s:=\"'`-]{1,6}(?P<v>(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})"),
    at_anchor("otp", ("totp", "otp ", "2fa", "mfa"), r"(?:totp|otp|2fa|mfa)[ _-](?:seed|secret|key)(?: is| was)?[\s:=\"'`]{1,4}(?P<v>(?-i:[A-Z2-7]{16,64}))"),
    at_anchor("otp", ("recovery code", "backup code", "scratch code"), r"\w{6,8} codes?(?: are| is)?[\s:=\"'`]{1,4}(?P<v>(?:[a-z0-9]{4,10}-[a-z0-9]{4,10}[\s,]{0,3}){1,20})", lambda f: any(map(str.isdigit, f["v"]))),
    Rule("table-password", ("password", "passwd", "passphrase", "secret", "token", "api key", "api_key", "pwd"), _table),
    Rule("sql-password", ("insert into",), _inserted),
    Rule("newrelic-key", ("NRAL",), _license, token=True),
    at_anchor("teams-webhook", ("incomingwebhook/",), r"incomingwebhook/(?P<v>[0-9a-f]{32}(?:/[0-9a-f-]{8,36})?)"),
    at_anchor("digest-response", ("digest username",), r"digest username=[^\n]{0,600}?\bresponse=\\?\"(?P<v>[0-9a-f]{32,64})"),
    at_anchor("terraform-secret", ("secret_string", "secret_binary", "secret_data", "private_key_pem", "master_password"), r"\w{8,20}\\?\"?\s{0,20}[=:]\s{0,4}(?:\(sensitive value\)|\"[^\"\n]{0,200}\"|null)?\s{0,4}(?:->\s{0,4})?\\?\"(?P<v>[^\"\n\\]{4,2000})", is_given_password),
    at_anchor("terraform-secret", ("random_password", "random_string"), r"random_\w{6,8}\"[^{}]{0,80}\{[^{}]{0,1500}?\"?\bresult\"?\s{0,10}[=:]\s{0,4}\"(?P<v>[^\"\n]{4,300})", is_given_password),
    at_anchor("cisco-password", ("password ", "secret ", "key-string ", "key "), r"(?:password|secret|key-string|key)[ ](?:[05789]|md5|encrypted)[ ]{1,2}(?P<v>[^\s\"']{6,200})", lambda f: is_random(f["v"], 6)),
    at_anchor("snmp-community", ("snmp-server community", "snmp community", "rocommunity ", "rwcommunity "), r"(?:snmp(?:-server)? community|r[ow]community)[ :=]{1,3}[\"']?(?P<v>[^\s\"']{4,100})", lambda f: f["v"].lower() not in {"string", "public", "private", "strings", "name"} and not is_stand_in(f["v"])),
    at_anchor("login-password", ("htpasswd",), r"htpasswd[ ](?:-[a-zA-Z]+[ ]){0,3}?-[a-zA-Z]*b[a-zA-Z]*[ ](?:-[a-zA-Z]+[ ]){0,3}(?:[^\s-]\S{0,120}[ ]){1,2}(?P<v>[^\s\"'|>&-][^\s\"'|>&]{2,100})(?=\s|$)", is_given_password),
    at_anchor("login-password", ("openssl ",), r"openssl[ ][^\n;|]{0,200}?[ ]-(?:k|K|passin|passout|pass)[ ](?:pass:)?(?P<v>[^\s\"'|;]{4,200})", lambda f: not f["v"].startswith(("file:", "env:", "stdin", "fd:", "/", "-")) and is_secret(f["v"], Form.SURE, password=True)),
    at_anchor("login-password", ("-u ",), r"-u[ ][^\s-]\S{0,60}[ ]{1,3}-p[ ]?(?P<v>[^\s\"'-][^\s\"']{5,100})", lambda f: not f["v"].isdigit() and ":" not in f["v"] and is_secret(f["v"], Form.SURE, password=True) and any(map(str.isdigit, f["v"]))),
    at_anchor("login-password", ("pass ",), r"PASS[ ](?P<v>[^\s\"']{5,100})[ \t]*(?=\r?\n|$)", lambda f: _line_start(f) and is_secret(f["v"], Form.LOOSE, password=True)),
)  # fmt: skip
