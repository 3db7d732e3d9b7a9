"""Secrets that what stands around them gives away: the name after the value, the link's path, the vault's own command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.nearby import is_told_password
from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.told import likely_password
from worker.redaction.values import UUID, Form, is_given_password, is_random, is_secret, is_stand_in, kinds

_NAMED_AFTER = re.compile(
    r"(?<![\w+/=.-])(?P<v>[A-Za-z0-9+/_-]{20,200}={0,2})[\"'`]?[ ]{1,2}(?:\(|is (?:the|our|my|your) |as (?:the |our )?)"
    r"[\"'`]?[A-Za-z_]{0,40}(?:key|token|secret|password)\b",
    re.IGNORECASE,
)
_REACH = 260


def _named_after(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield a value that is followed by its name: `f3a9… (HEX_API_KEY)`, `… as AccountKey`."""
    start = max(text.rfind("\n", max(0, at - _REACH), at) + 1, at - _REACH, 0)
    for found in _NAMED_AFTER.finditer(text, start, min(len(text), at + 60)):
        if found.end("v") <= at and is_random(found["v"], 20) and not re.match(r"sha\d|[0-9a-f]{7,12}$", found["v"]):
            yield found.span("v")


def _drawn(found: re.Match[str]) -> bool:
    return is_random(found["v"], 20) and not is_stand_in(found["v"])


def _loosely(found: re.Match[str]) -> bool:
    return is_secret(found["v"].rstrip(".,;:!?)"), Form.LOOSE, password=True)


_ORACLE = re.compile(r"(?<![\w/.:-])[A-Za-z][\w$#]{1,30}/(?P<v>[^\s@/\"':]{6,60})@(?=ORCL|XE|//)")


def _oracle(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = _ORACLE.search(text, max(0, at - 110), at + 6)
    if found and is_secret(found["v"], Form.SURE, password=True):
        yield found.span("v")


_AZDO = re.compile(r"(?<![\w])[A-Za-z0-9]{70,80}AZDO[A-Za-z0-9]{4}(?![\w])")


def _azdo(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = _AZDO.search(text, max(0, at - 82), at + 10)
    if found:
        yield found.span()


_PASS = r"pass(?:word|wd|phrase|code)|pwd|pw"
_V = r"[\"']?(?P<v>[^\s\"']{4,300})"

AROUND: tuple[Rule, ...] = (
    Rule("secret", ("_key)", "_token)", "_secret)", "_password)", " is the ", " is our ", " is my ", "as accountkey", "as the "), _named_after),
    at_anchor("vendor-key", ("geniekey", "oauth ", "scaleway secret", "secret key "), rf"(?:geniekey|oauth|scaleway secret key|secret key)[ :=]{{1,3}}(?P<v>{UUID})(?![\w-])"),
    Rule("azure-devops-token", ("AZDO",), _azdo, token=True),
    at_anchor("azure-devops-token", ("azure devops", "dev.azure.com", "visualstudio.com"), r"(?:azure devops|dev\.azure\.com|visualstudio\.com)[^\n]{0,80}?(?<![\w/])(?P<v>[a-z2-7]{52}|[a-z0-9]{52})(?![\w])"),
    at_anchor("webhook-url", ("webhook/send?key=",), rf"webhook/send\?key=(?P<v>{UUID})"),
    at_anchor("webhook-url", ("hooks/catch/",), r"hooks/catch/(?P<v>\d{4,12}/[A-Za-z0-9]{6,40})"),
    at_anchor("link-token", ("/login/", "/invite/", "/reset/", "/magic/", "/verify/", "/confirm/", "/join/", "/unsubscribe/"), r"/\w{4,11}/(?P<v>[A-Za-z0-9_-]{24,200})(?![\w.-])", lambda f: is_random(f["v"], 24) and kinds(f["v"].replace("_", "").replace("-", "")) >= 3),
    at_anchor("vault-command", ("ssm put-parameter", "create-secret", "put-secret-value", "update-secret", "keyvault secret set"), rf"[\w -]{{8,24}}[^\n;]{{0,300}}?--(?:value|secret-string)[ =]{_V}", is_given_password),
    at_anchor("vault-command", ("gcloud secrets", "sudo -s"), rf"(?:gcloud secrets|sudo -S)[^\n;]{{0,200}}?<<<[ ]{{0,2}}{_V}", is_given_password),
    at_anchor("vault-command", ("mc alias set", "mc config host add"), rf"mc[ ][\w ]{{8,18}}[ ]\S{{1,60}}[ ]https?://\S{{3,200}}[ ]\S{{2,60}}[ ]{_V}", is_given_password),
    at_anchor("kubeconfig-key", ("kubeconfig",), r"kubeconfig[_A-Za-z0-9]{0,20}[ ]?[:=][ ]?[\"']?(?P<v>[A-Za-z0-9+/=]{100,60000}+)"),
    at_anchor("password", ("use ", "with "), rf"(?:use|with)[ ]+[\"'`]?(?P<v>[^\s\"'`]{{7,100}})[\"'`]?[ ]+as[ ](?:the[ ]|a[ ]|your[ ])?(?:{_PASS})\b", _loosely),
    at_anchor("password", ("pass", "pwd ", "pw "), rf"(?:{_PASS})[^\n]{{0,40}}?[ ](?:changed|rotated|reset|moved)?[ ]?from[ ][\"'`]?(?P<v>[^\s\"'`]{{6,100}})[\"'`]?[ ]to[ ][\"'`]?(?P<v2>[^\s\"'`]{{6,100}})", lambda f: is_told_password(f["v"]) or is_told_password(f["v2"]) or likely_password(f["v2"])),
    at_anchor("password", ("pass", "pwd ", "pw "), rf"(?:{_PASS})[ ](?:for|of)[ ][\w.@'\"-]{{1,60}}?[\"']?[ ]?[:=][ ]{{0,3}}[\"']?(?P<v>[^\s\"'<>]{{5,100}})", _loosely),
    at_anchor("password", ("pass", "pwd", "pw"), rf"(?:{_PASS})[ ]?\.{{2,40}}[ ]?:[ ]{{0,3}}(?P<v>[^\s\"'<>]{{5,100}})", _loosely),
    at_anchor("password", ("pass", "pwd"), rf"(?:{_PASS})[ ]?[:=][ ]?%[qvs][ ][\"']?(?P<v>[^\s\"']{{6,100}})", is_given_password),
    at_anchor("password", ("su -", "ssh ", "sudo "), r"(?:su -|ssh|sudo)[^\n#]{0,80}[ ]#[ ]{0,2}(?P<v>[^\s]{8,100})[ \t]*(?=\r?\n|$)", lambda f: likely_password(f["v"])),
    Rule("oracle-password", ("@orcl", "@xe", "@//"), _oracle),
    at_anchor("door-code", ("door code", "alarm code", "alarm pin", "gate code", "safe code", "access code", "entry code", "lock code"), r"\w{4,6} (?:code|pin)(?: is)?[ :=#]{1,4}(?P<v>\d{4,10})(?!\d)"),
    at_anchor("login-password", ("\"-p\"", "\"--pass", "\"-a\"", "\"-pass"), r"\"-{1,2}(?:p|a|pass(?:word|wd)?)\"[ ]a\d{1,2}=\"(?P<v>[^\"\n]{4,200})\"", is_given_password),
    at_anchor("vendor-key", ("-t ", " auth "), rf"(?:-t|[ ]auth)[ ]{{1,2}}(?P<v>{UUID})(?![\w-])"),
    at_anchor("webhook-url", ("sumologic.com/receiver",), r"sumologic\.com/receiver/v\d/http/(?P<v>[A-Za-z0-9+/_=-]{40,200}+)"),
    at_anchor("recovery-key", ("bitlocker", "recovery key"), r"(?:bitlocker|recovery key)[^\n]{0,40}?(?P<v>(?:\d{6}-){7}\d{6})"),
    at_anchor("license-key", ("license key", "licence key", "product key", "serial key", "activation key"), r"\w{6,10} key(?: is)?[ :=]{1,3}[\"'`]?(?P<v>(?-i:[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){3,7}))"),
    at_anchor("secret", ("secret for ", "token for ", "key for "), r"(?:secret|token|key) for [\w.@-]{1,40}[ ]?[:=][ ]{0,3}[\"'`]?(?P<v>[A-Za-z0-9+/=_.-]{20,300})", _drawn),
    at_anchor("secret", ("key ",), r"key[ ](?P<v>[0-9a-f]{64})(?![0-9a-f])", lambda f: re.search(r"nonce|aes|cipher|encrypt|hmac|iv\b", preceding(f, 80), re.IGNORECASE) is not None),
)  # fmt: skip
