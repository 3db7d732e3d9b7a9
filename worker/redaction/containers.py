"""Secrets known by what holds them: key files, URLs, headers, connection strings, command lines."""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, is_stand_in, no_stand_in

_HEADER = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_FOOTER = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_WORD = re.compile(r"[a-z]{1,19}|[A-Z][a-z]{1,18}")


def _credential(found: re.Match[str]) -> bool:
    """Accept what follows a scheme such as `Bearer`, unless it is a word of a sentence or a stand-in."""
    value = found.group(1)
    return not is_stand_in(value) and _WORD.fullmatch(value.rstrip(".")) is None


def _rule(name: str, keywords: tuple[str, ...], pattern: str, flags: int = 0) -> Rule:
    """Return a rule whose first group is a value that might be a stand-in."""
    return Rule(name, keywords, re.compile(pattern, flags), group=1, accept=no_stand_in)


CONTAINERS: tuple[Rule, ...] = (
    # The body stops at the next dashes, so many headers without a footer cost one pass together.
    Rule(
        "private-key",
        ("private key",),
        re.compile(
            rf"{_HEADER}(?:[^-]|-(?!----))*+{_FOOTER}|{_HEADER}(?:[\s\\nr\"',+|>]{{0,16}}+[A-Za-z0-9+/=]{{16,}}+)++"
        ),
    ),
    Rule(
        "jwt",
        ("eyj",),
        re.compile(
            r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{4,}+\.[A-Za-z0-9_-]*+(?:\.[A-Za-z0-9_-]++){0,2}"
        ),
    ),
    Rule(
        "authorization",
        ("authorization",),
        re.compile(
            r"authorization\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?"
            r"(?:(?:bearer|basic|token|apikey|digest|negotiate|ntlm|key)\s{1,4})?([^\s\"',;\\]{6,4000}+)",
            re.IGNORECASE,
        ),
        group=1,
        accept=_credential,
    ),
    Rule(
        "bearer",
        ("bearer",),
        re.compile(r"\bbearer\s{1,4}([A-Za-z0-9._~+/=-]{12,4000}+)", re.IGNORECASE),
        1,
        _credential,
    ),
    Rule("basic", ("basic",), re.compile(r"\bBasic\s{1,4}([A-Za-z0-9+/]{12,1000}+={0,2})(?![\w-])"), 1, _credential),
    _rule(
        "cookie",
        ("cookie",),
        r"\b(?:set-)?cookie\\?[\"']?\s{0,2}:\s{0,2}\\?[\"']?([^\s=;:\"']{1,80}=(?![<$*{])[^\r\n\"'\\]{4,4000}+)",
        re.IGNORECASE,
    ),
    _rule("url-password", ("://",), r"://[^\s:/@?#\"'<>`]{0,100}+:([^\s@/\"'<>`]{1,200}+)@"),
    _rule("url-token", ("://",), r"://([A-Za-z0-9_-]{20,200}+)@"),
    _rule("dsn-password", ("@tcp(", "@unix("), r"(?<![\w/.-])[\w.-]{1,64}+:([^\s:@/\"']{3,100}+)@(?:tcp|unix)\("),
    _rule(
        "webhook-url",
        ("hooks.slack.com", "discord", "webhook.office.com"),
        r"(?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks"
        r"|webhook\.office\.com/webhookb2)/([\w/@+.-]{20,300}+)",
    ),
    _rule(
        "signature",
        ("sig=", "signature="),
        r"[?&;](?:sig|X-Amz-Signature|X-Goog-Signature|Signature)=([\w%+/=-]{16,800}+)",
    ),
    _rule(
        "curl-user", ("curl",), r"\bcurl\b[^\n|;]{0,300}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]{1,80}+:([^\s\"']{3,200}+)"
    ),
    _rule("mysql-password", ("mysql",), r"\bmysql(?:dump|admin|sh)?\b[^\n|;]{0,200}?\s-p([^\s\"'-][^\s\"']{3,100}+)"),
    _rule("redis-password", ("redis-cli",), r"\bredis-cli\b[^\n|;]{0,200}?\s-a[ =]?[\"']?([^\s\"'-][^\s\"']{3,200}+)"),
    _rule("sshpass", ("sshpass",), r"\bsshpass\s{1,4}-p[ =]?[\"']?([^\s\"']{3,200}+)"),
    _rule("xml-password", ("</",), r"<(?:\w{0,40}?)(?:[Pp]assword|[Ss]ecret|[Tt]oken|[Aa]pi[Kk]ey)>([^<\s]{4,200}+)</"),
)
