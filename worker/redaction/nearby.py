"""Passwords that a sentence tells: the word for one, some words of any language, and further on what can only be it.

The further a value stands from its name, the more it must look like one: right behind a copula or a colon it has to
differ from a word; elsewhere on the line it has to be unmistakable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule
from worker.redaction.values import Form, changes, is_grouped, is_secret, is_stand_in, kinds

_ENGLISH = (
    "password", "passwd", "passphrase", "passcode", "pass phrase", "pwd ", "pw ", "pass for", "credentials", "creds", "login", "log in", "logon",
    "sign in", "secret word", "unlock", " use ", "pin code", "authenticate",
)  # fmt: skip
_FOREIGN = """
passwort kennwort losungswort wachtwoord senha palavra-passe contraseña contrasena clave mot~de~passe mdp parola heslo hasło haslo lösenord
losenord passord adgangskode kodeord salasana jelszó jelszo şifre sifre parool lozinka geslo parolă slaptažodis mật~khẩu mat~khau kata~sandi
пароль пароля паролем парола лозинка κωδικός סיסמה סיסמא كلمة~المرور كلمة~السر 密码 密碼 口令 暗証番号 パスワード 비밀번호 암호 पासवर्ड รหัสผ่าน
""".split()
_WORDS = tuple(dict.fromkeys(word.replace("~", " ") for word in _FOREIGN))
_ANCHORS = tuple(dict.fromkeys(word.encode("ascii", "replace").decode().lower() for word in _WORDS))
_FOREIGN_WORD = re.compile("|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))), re.IGNORECASE)
_REACH = 140
_TOKEN = re.compile(r"[^\s\"'`“”„«»<>()\[\]{},;|、，。「」]{5,80}")
_COPULA = re.compile(
    r"(?:(?<![=:])[:：=]|(?:^|\s)[-–—]>?|\b(?:is|are|was|were|be|now|ist|lautet|war|heißt|est|es|son|era|é|è|är|er|jest|je|to|on|yra|adalah|là|είναι|это)|是|为|為|は|는|은|이)"
    r"[ \t]*[\"'`«„“「(*]{0,3}$",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?:是|为|為|は|는|은|이|[:：=])+")
_TRAIL = ".,:;?)*です입니다。"
_SIGNS = frozenset("!#$%^*@&?~+")
_ID = re.compile(
    r"(?:\b|_)(?:id|ids|uid|uuid|hash|digest|trace\w*|span|request|req\w*|correlation|commit|rev|revision|build|image|pod|node|host|at|version|in|from|by|on|of|ref|file|path|url|key|name)[\"'`]?\s{0,2}[:=#/]?\s{0,2}[\"'`(]?$",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(
    r".*(?:://|^@|@[\w-]+\.\w|=|\$\{|^\$[A-Za-z_(]|%[sdvq]\b|&&|\+\+|^[\w.+-]+@[a-z][\w.-]*:?$|^[@#][\w-]+$|^#?\d[\d.,:%+-]*$|%[0-9A-F]{2}|\.\w{2,4}$|^/|^~|^-|\*$|^\d+[a-z%]{0,3}$|\\[nrt]).*"
)
_LAST_WORD = re.compile(
    r"(?<![^\s\"'`(:])(?P<v>[^\s\"'`()<>,;]{7,64})[\"'`]?[ ]{1,2}(?:is|was|ist|est|es|è|é)[ ](?:the|our|my|your|das|le|la|el|il|o|a|still the)[ ](?:[\w'-]{1,20}[ ]){0,3}$"
)


def unmistakable(value: str) -> bool:
    """Tell whether a word can hardly be anything but a password, wherever it stands in a sentence."""
    if len(value) < 7 or is_stand_in(value) or _NO_PASSWORD.match(value) or not any(map(str.isalpha, value)):
        return False
    if is_grouped(value):
        return True
    digits = sum(map(str.isdigit, value))
    if not digits:
        return False
    if any(c in _SIGNS for c in value) and is_secret(value, Form.LOOSE, password=True):
        return True
    plain = value.replace("_", "").replace("-", "")
    return plain.isalnum() and len(value) >= 10 and digits >= 2 and kinds(plain) >= 3 and changes(value) >= 0.3


def is_passphrase(value: str) -> bool:
    """Tell whether a value is three words or more, none of them short: `copper-lantern-window`."""
    words = re.split(r"[-_.]", value)
    return len(words) >= 3 and min(map(len, words)) >= 4 and all(map(str.isalpha, words)) and len(value) <= 60


def _told(value: str) -> bool:
    if _NO_PASSWORD.match(value) or is_stand_in(value):
        return False
    return (
        is_secret(value, Form.LOOSE, password=True)
        or is_passphrase(value)
        or _capital_and_number(value)
        or _drawn_group(value)
    )


def _capital_and_number(value: str) -> bool:
    return re.fullmatch(r"[A-Za-z]{4,20}\d{1,4}[!?$#.*]?", value) is not None and kinds(value) >= 3


def _drawn_group(value: str) -> bool:
    """Tell whether one of three groups or more has letters between its digits, as in `stsgv-lgqmz-unx8a0`."""
    return value.count("-") >= 2 and re.search(r"\d[a-z]+\d", value) is not None and value.replace("-", "").isalnum()


def _candidates(text: str, start: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    """Yield words, and of each whether it stands right behind something like `is` or `:`."""
    for token in _TOKEN.finditer(text, start, stop):
        first, last = token.span()
        glued = _GLUED.match(text, first, last)
        first = glued.end() if glued else first
        last -= len(text[first:last]) - len(text[first:last].rstrip(_TRAIL))
        if last - first >= 5:
            yield first, last, bool(glued) or _COPULA.search(text[max(start, first - 12) : first]) is not None


def _after(text: str, start: int, *, loosely: bool) -> Iterator[tuple[int, int]]:
    stop = text.find("\n", start, start + _REACH)
    stop = stop if stop >= 0 else min(len(text), start + _REACH)
    for first, last, told in _candidates(text, start, stop):
        value = text[first:last]
        if told and loosely and _told(value):
            yield first, last
            return
        if unmistakable(value) and not _ID.search(text[max(start, first - 24) : first]):
            yield first, last
            return


_LESS = re.compile(
    r"\w*[ _-]?(?:less|polic\w+|rotation|rotat\w+|reset\w*|expir\w+|manager|length|hash\w*|file|count|age)\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"pass(?:word|wd|phrase|code| phrase)|secret word|pwd |pw |pin code", re.IGNORECASE)
_WORD_END = re.compile(r"\w*")


def _english(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the password that a sentence of English tells, before its name or after it."""
    named = _PASSWORD.match(text, at)
    if named:
        before = text[max(0, at - 110) : at]
        found = _LAST_WORD.search(before[before.rfind("\n") + 1 :])
        if found and (unmistakable(found["v"]) or _told(found["v"])):
            shift = at - len(before) + before.rfind("\n") + 1
            yield found.start("v") + shift, found.end("v") + shift
    word_end = named.end() if named else _WORD_END.match(text, at + 1).end()  # type: ignore[union-attr]
    if not _LESS.match(text, word_end):
        yield from _after(text, word_end, loosely=named is not None)


def _foreign(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield what follows the word for a password in another language; an anchor has `?` for letters beyond ASCII."""
    found = _FOREIGN_WORD.match(text, at)
    if found:
        yield from _after(text, found.end(), loosely=True)


NEARBY: tuple[Rule, ...] = (
    Rule("password", _ENGLISH, _english),
    Rule("password", _ANCHORS, _foreign),
)
