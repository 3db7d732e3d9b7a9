"""Passwords that a sentence tells: the word for one, some words of any language, and further on what can only be it.

The further a value stands from its name, the more it must look like one: right behind a copula or a colon it has to
differ from a word; elsewhere on the line it has to be unmistakable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule, at_anchor
from worker.redaction.values import Form, changes, is_grouped, is_secret, is_stand_in, kinds

_ENGLISH = (
    "password", "passwd", "passphrase", "passcode", "pass phrase", "pwd ", "pwd?", "pw ", "pass for", "credentials", "creds", "login", "log in", "logon",
    "sign in", "secret word", "unlock", " use ", "pin code", "authenticate", "user ", "user:", "u: ", "usr ", "usr:", "username",
)  # fmt: skip
_FOREIGN = """
passwort kennwort losungswort wachtwoord senha palavra-passe contraseña contrasena clave mot~de~passe mdp parola zugangsdaten anmeldedaten identifiants credenciales credenziali inloggegevens heslo hasło haslo lösenord
losenord passord adgangskode kodeord salasana jelszó jelszo şifre sifre parool lozinka geslo parolă slaptažodis mật~khẩu mat~khau kata~sandi
пароль пароля паролем парола лозинка κωδικός סיסמה סיסמא كلمة~المرور كلمة~السر 密码 密碼 口令 暗証番号 パスワード 비밀번호 비번 암호 पासवर्ड รหัสผ่าน
""".split()
_WORDS = tuple(dict.fromkeys(word.replace("~", " ") for word in _FOREIGN))
_ANCHORS = tuple(dict.fromkeys(word.encode("ascii", "replace").decode().lower() for word in _WORDS))
_FOREIGN_WORD = re.compile("|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))), re.IGNORECASE)
_REACH = 140
_TOKEN = re.compile(r"[^\s\"'`“”„«»<>()\[\]{},;|、，。「」]{5,80}")
_COPULA = re.compile(
    r"(?:(?<![=:])[:：=]|[→⇒➜／…]|(?:^|\s)[-–—]>?|(?:'s|’s|\bit’?s)|\b(?:is|being|reads|are|was|were|be|now|ist|lautet|war|heißt|est|es|son|era|é|è|är|er|jest|je|to|on|yra|adalah|là|είναι|это)|是|为|為|は|는|은|이)"
    r"[ \t]*[\"'`«„“「(*]{0,3}$",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"[\w/.#-]")
_GLUED = re.compile(r"(?:是|为|為|は|는|은|이|[:：=→⇒➜／…])+")
_TRAIL = ".,:;?)*です입니다。"
_SIGNS = frozenset("!#$%^*@&?~+")
_ID = re.compile(
    r"(?:\b|_)(?:id|ids|uid|uuid|hash|digest|trace\w*|span|request|req\w*|correlation|commit|rev|revision|build|image|pod|node|host|at|version|in|from|by|on|of|ref|file|path|url|key|name)[\"'`]?\s{0,2}[:=#/]?\s{0,2}[\"'`(]?$",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(
    r".*(?:://|^@|@[\w-]+\.\w|=|\$\{|^\$\(|^\$\w+$|%[sdvq]\b|&&|\+\+|^[\w.+-]+@[a-z][\w.-]*:?$|^[@#][\w-]+$|^#?\d[\d.,:%+-]*$|%[0-9A-F]{2}|\.\w{2,4}$|^/|^~|^-|^(?:issues?|pr|pull|ticket|bug|fix|fixes|mr|gh|case|build|job|run|step|rule|task|item|line|note)#\d+|^arn:|^(?:aws[\w-]*)?:[a-z0-9-]+:|^\d?:\?|#L\d|^[a-z][a-z/-]*@(?:v?\d[\d.]*|latest|next)$|^-|\*$|^\d+[a-z%]{0,3}$|\\[nrt]).*"
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
    words = re.split(r"[-.]", value)
    return len(words) >= 3 and min(map(len, words)) >= 4 and all(map(str.isalpha, words)) and len(value) <= 60


_CAMEL = re.compile(r"(?:[A-Z][a-z]+){2,}")
"""The name of a product or a thing: `ElasticSearch`, `CrashLoopBackOff`."""


def is_told_password(value: str) -> bool:
    """Tell whether a word that stands where a sentence tells a password is one."""
    if _NO_PASSWORD.match(value) or is_stand_in(value) or _CAMEL.fullmatch(value):
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
        if first == start and _WORD_BEFORE.match(text, max(0, start - 1)):
            continue  # the word began before the stretch that is looked at
        if last - first >= 5 and text[first:last].isascii():
            yield first, last, bool(glued) or _COPULA.search(text[max(start, first - 12) : first]) is not None


def _after(text: str, start: int, *, loosely: bool) -> Iterator[tuple[int, int]]:
    stop = text.find("\n", start, start + _REACH)
    stop = stop if stop >= 0 else min(len(text), start + _REACH)
    for first, last, told in _candidates(text, start, stop):
        value = text[first:last]
        if told and loosely and is_told_password(value):
            yield first, last
            return
        if unmistakable(value) and not _ID.search(text[max(start, first - 24) : first]):
            yield first, last
            return


_LESS = re.compile(
    r"[ _-]?(?:less|polic\w{1,9}|rotation|rotat\w{1,9}|reset\w{0,9}|expir\w{1,9}|manager|length|hash\w{0,9}|file|count|age)\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"pass(?:word|wd|phrase|code| phrase)|secret word|pwd(?=[^\x00-\x7f])|pwd |pw |pin code", re.IGNORECASE
)
_WORD_END = re.compile(r"\w{0,20}")
_WITH = re.compile(r"\b(?:with|using|and|,)[ ](?:the[ ]|a[ ]|as[ ])?(?:\w{1,12}[ ])?$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[ \t]+[\"'`]?(?P<v>[^\s\"'`()<>,;]{7,64})")
_PHRASE = re.compile(
    r"[ \t]+(?:(?!is |was )[\w'-]{1,20}[ \t]+){0,4}?(?:is|was|:|=)[ \t]*(?P<q>[\"'`“]?)(?P<v>[A-Za-z0-9]{3,12}(?:[ ][A-Za-z0-9]{3,12}){2,9})(?(q)[\"'`”]?)(?=[.\"'`”]|[ ]*(?:\n|$))",
    re.IGNORECASE,
)
_SMALL_WORDS = re.compile(
    r"\b(?:the|not|for|too|and|wrong|required|invalid|set|used|was|has|but|from|with|stored|in|unknown|missing|correct[ ]and|same|kept|only|never|read)\b",
    re.IGNORECASE,
)
_USER_AND = re.compile(
    r"(?:u|user|usr|username)(?:[ ]?[:=][ ]?|[ ])[\"'`]?[\w.@-]{2,40}[\"'`]?,?[ ]{1,3}(?:and )?(?:p|pw|pass|pwd|password)(?:[ ]?[:=][ ]?|[ ])[\"'`]?(?P<v>[^\s\"'`,;()<>]{6,64})",
    re.IGNORECASE,
)
_USER_SLASH = re.compile(
    r"\w{0,20}[ ]?(?:details|data|are|is)?[ ]?[:(=>-]{1,2}[ ]?[(\"'`]?[A-Za-z][\w.@-]{1,40}[ ]?(?:/|:|\|)[ ]?(?P<v>[^\s\"'`,;()<>/]{5,64})",
    re.IGNORECASE,
)


def _before(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the password that stands before its name: `tr0ub4dor is the admin password`."""
    start = max(text.rfind("\n", max(0, at - 110), at) + 1, at - 110, 0)
    found = _LAST_WORD.search(text[start:at])
    if found and (unmistakable(found["v"]) or is_told_password(found["v"])):
        yield found.start("v") + start, found.end("v") + start
        return
    for first, last, _ in _candidates(text, max(start, at - 60), at):
        value = text[first:last]
        if (is_grouped(value) or any(c in _SIGNS for c in value[:-1])) and unmistakable(value):
            yield first, last


def _phrase(text: str, end: int, name: str) -> Iterator[tuple[int, int]]:
    """Yield a passphrase of several words; that of a password must hold a digit."""
    found = _PHRASE.match(text, end)
    if not found or _SMALL_WORDS.search(found["v"]):
        return
    if (
        any(map(str.isdigit, found["v"]))
        and found["q"]
        or "phrase" in name.lower()
        and (found["q"] or found["v"].count(" ") >= 3)
    ):
        yield found.span("v")


def _pair(text: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the second of two that stand together: `user ops, pass …`, `login details: ops / …`."""
    for pattern, start in ((_USER_AND, at), (_USER_SLASH, end)):
        found = pattern.match(text, start)
        value = found["v"].rstrip(_TRAIL) if found else ""
        if found and " arn:" in found.group().lower():
            continue
        if found and is_told_password(value) and (any(map(str.isdigit, value)) or " / " in found.group()):
            yield found.start("v"), found.start("v") + len(value)


def _english(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the password that a sentence of English tells, before its name or after it."""
    named = _PASSWORD.match(text, at)
    end = named.end() if named else _WORD_END.match(text, at + 1).end()  # type: ignore[union-attr]
    if named:
        yield from _before(text, at)
        yield from _phrase(text, end, named.group())
        following = _NEXT_WORD.match(text, named.end() - named.group().endswith(" "))
        if following and _WITH.search(text[max(0, at - 30) : at]) and is_told_password(following["v"].rstrip(_TRAIL)):
            yield following.span("v")
            return
    else:
        yield from _pair(text, at, end)
        if text[at] in "uU":
            return
    if not _LESS.match(text, end):
        yield from _after(text, end, loosely=named is not None)


def _foreign(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield what follows the word for a password in another language; an anchor has `?` for letters beyond ASCII."""
    found = _FOREIGN_WORD.match(text, at)
    if found:
        yield from _pair(text, found.end(), found.end())
        yield from _after(text, found.end(), loosely=True)


_GIVEN_TO_TYPE = (
    r"(?:password|passphrase|passcode|pwd|pw)(?:[ ](?:prompt|field|box|screen))?,?[ ](?:please[ ])?(?:enter|type(?:[ ]in)?|use|try|put|send|give|supply|it'?s)[ ]+"
    r"[\"'`“]?(?P<v>[^\s\"'`“”()<>,;]{6,80})"
)
_WITH_A_USER = (
    r"(?:log[ ]?[io]n|sign[ ]?in|log[ ]on|connect|authenticate|ssh|rdp|vnc|ftp|winrm)\b[^\n:/]{0,50}?[ ](?:with|as|using|via)[ ]+[\"'`(]?"
    r"[A-Za-z][\w.@\\-]{1,40}[ ]?[/:|][ ]?(?P<v>[^\s\"'`,;()<>/]{6,64})"
)
_USED_FOR = r"use[ ]+[\"'`“]?(?P<v>[^\s\"'`“”()<>,;]{6,80})[\"'`”]?[ ](?:for|as|on|with)[ ][^\n.,;]{0,30}?\b(?:account|login|user|password|passphrase|pw)\b"
_WIRELESS = r"wi-?fi|wlan|ssid"


def _typed(found: re.Match[str]) -> bool:
    value = found["v"].rstrip(_TRAIL)
    return is_told_password(value) and not re.fullmatch(r"[\w-]+:\d{1,5}|[\w.-]+\.\w{2,6}", value)


NEARBY: tuple[Rule, ...] = (
    Rule("password", _ENGLISH, _english),
    Rule("password", _ANCHORS, _foreign),
    at_anchor("password", ("password", "passphrase", "passcode", "pwd", "pw"), _GIVEN_TO_TYPE, _typed),
    at_anchor(
        "password",
        ("log", "sign", "connect", "authenticate", "ssh", "rdp", "vnc", "ftp", "winrm"),
        _WITH_A_USER,
        _typed,
    ),
    at_anchor("password", ("use ",), _USED_FOR, _typed),
    at_anchor(
        "password",
        ("wifi", "wi-fi", "wlan"),
        rf"(?:{_WIRELESS})[\w ]{{0,24}}(?:[:=]| is)[ ]?(?:[\w-]{{2,32}}[ ]?/[ ]?)?[\"'`]?(?P<v>[^\s\"'`,;()<>]{{8,63}})",
        _typed,
    ),
)
