"""Secrets known by what holds them: URLs, headers, cookies, connection strings, signed links, webhook addresses."""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.values import Form, is_random, is_secret, is_stand_in

_WORD = re.compile(r"[a-z]{1,19}|[A-Z][a-z]{1,18}|[a-z]{1,15}[-_][a-z]{1,15}|[A-Za-z_]{1,30}(?:\.[A-Za-z_]{1,30}){1,6}")
_SCHEMES = r"bearer|basic|token|apikey|api-key|digest|negotiate|ntlm|key|hawk|aws4-hmac-sha256|sso-key|splunk|genie?key|klaviyo-api-key"


def _credential(found: re.Match[str]) -> bool:
    """Accept what follows a scheme such as `Bearer`, unless it is a word of a sentence or a stand-in."""
    value = found["v"].rstrip(".,;)")
    return not is_stand_in(value) and _WORD.fullmatch(value) is None and len(value) >= 6


def _told(found: re.Match[str]) -> bool:
    """Accept a value that is no stand-in."""
    return not is_stand_in(found["v"]) and found["v"].lower() not in {
        "password",
        "pass",
        "pwd",
        "secret",
        "token",
        "port",
    }


def _url_password(found: re.Match[str]) -> bool:
    return _told(found) and not (found["v"].isdigit() and len(found["v"]) <= 5 and "/" in found.group())


_COOKIE_ATTRIBUTES = frozenset(
    "path domain expires max-age samesite secure httponly priority partitioned version".split()
)
_SHORTEST_COOKIE = 8


def _cookies(found: re.Match[str]) -> bool:
    """Accept cookies, unless none of them could be one of a session: `theme=dark; Path=/`."""
    pairs = (part.partition("=") for part in found["v"].split(";"))
    values = [value.strip() for name, _, value in pairs if name.strip().lower() not in _COOKIE_ATTRIBUTES]
    return any(len(value) >= _SHORTEST_COOKIE and not is_stand_in(value) for value in values)


def _dsn(found: re.Match[str]) -> bool:
    """Accept what stands between a user and a host, but not the names in brackets of a log: `[Renewer:ops@db-1:9000]`."""
    if found["v"].isalpha() and preceding(found, 1) == "[":
        return False
    return is_secret(found["v"], Form.SURE, password=True) or found["v"].lower() in {"secret", "admin"}


def _signature(found: re.Match[str]) -> bool:
    return not is_stand_in(found["v"]) and any(c.isdigit() or c.isupper() for c in found["v"])


def _machine_made(found: re.Match[str]) -> bool:
    return is_random(found["v"], 12) and not is_stand_in(found["v"])


_Q = r"\\?[\"'`]?"
_QUERY = (
    "token access_token auth_token refresh_token id_token api_key apikey api-key key secret client_secret password passwd pwd pass "
    "signature sig auth code session sessionid session_id sid jwt x-amz-security-token x-amz-signature x-amz-credential "
    "x-goog-signature x-goog-credential awsaccesskeyid x-oss-signature ossaccesskeyid assertion saml samlresponse hmac "
    "subscription-key ticket private_token job_token deploy_token credential accesskey access_key otp magic reset_token "
    "confirmation_token invite hash verify"
).split()
_LOOSE_QUERY = frozenset("key code hash sid auth verify invite ticket credential".split())


def _parameter(found: re.Match[str]) -> bool:
    value = found["v"]
    if is_stand_in(value) or value.isdigit() and len(value) < 8:
        return False
    if found["name"].lower() in _LOOSE_QUERY:
        return is_random(value, 16)
    password = found["name"].lower() in {"password", "passwd", "pwd", "pass"}
    return is_secret(value, Form.TIGHT, password=password)


CONTAINERS: tuple[Rule, ...] = (
    at_anchor(
        "authorization",
        ("authorization", "proxy-auth", "x-amz-security-token", "x-vault-token", "x-auth", "private-token", "job-token"),
        r"(?:proxy-)?(?:authorization|auth|x-amz-security-token|x-vault-token|x-auth-(?:token|key)|x-auth-\w{1,20}|private-token|job-token)"
        rf"(?:\\?[\"'`\])])?\s{{0,4}}(?:[:=,]|=>){{1,2}}\s{{0,4}}{_Q}[bf]?{_Q}(?:(?:{_SCHEMES})\\?\s{{1,4}})?"
        r"(?P<v>[^\s\"'`,;\\]{6,6000}+(?:, ?\w{2,20}=[^\s,;\\]{4,400}+)*)",
        _credential,
    ),
    at_anchor(
        "api-key-header",
        ("x-api-key", "x-apikey", "apikey:", "api-key:", "dd-api-key", "dd-application-key", "x-rapidapi-key", "x-goog-api-key",
         "ocp-apim-subscription-key", "x-functions-key", "x-ms-", "x-gitlab-token", "x-shopify-access-token", "x-csrf-token",
         "x-xsrf-token", "x-session", "x-access-token", "x-token", "x-secret", "x-webhook-secret", "x-hub-signature", "x-insert-key",
         "x-license-key", "x-figma-token", "x-honeycomb-team", "x-postmark-server-token", "x-redmine-api-key", "x-master-key"),
        rf"[\w-]{{5,40}}?{_Q}\s{{0,3}}[:=]\s{{0,3}}{_Q}(?P<v>(?!application/|\d{{1,12}}\b|sha256=)[^\s\"'`,;\\]{{8,2000}}+)",
        lambda found: _credential(found) and not found.group().lower().startswith(("x-ms-req", "x-ms-ver", "x-ms-date", "x-ms-client", "x-ms-corr", "x-ms-rout", "x-session-aff")),
    ),
    at_anchor("bearer", ("bearer",), r"bearer(?:\s|%20|\+|=|:){1,4}[\"'`]?(?P<v>[A-Za-z0-9._~+/=|:-]{10,6000}+)", _credential),
    at_anchor("basic", ("basic",), r"(?<!\w)Basic(?:\s|%20|:){1,4}(?P<v>[A-Za-z0-9+/_-]{8,2000}+={0,2})(?![\w])", lambda f: _credential(f) and (f["v"].endswith("=") or is_random(f["v"], 12) or len(f["v"]) % 4 == 0 and any(c.isupper() for c in f["v"][1:]))),
    at_anchor(
        "cookie", ("cookie",),
        r"cookies?\\?[\"'`]?\s{0,2}[:=]\s{0,2}\\?[\"'`]?(?P<v>[\w.%-]{1,80}=(?![<$*{])[^\r\n\"'`\\]{3,6000}+)", _cookies,
    ),
    at_anchor(
        "session", ("sessionid", "jsessionid", "phpsessid", "session_id", "session-id", "asp.net_sessionid", "connect.sid", "session=", "sid=", "csrftoken", "_session"),
        rf"(?:sessionid|jsessionid|phpsessid|session[_-]id|asp\.net_sessionid|connect\.sid|session|(?<![a-z])sid|csrftoken|_session){_Q}[ ]?[:=][ ]?{_Q}(?P<v>[A-Za-z0-9._%:+/=~-]{{16,600}}+)",
        lambda f: is_random(f["v"], 16) and not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]{1,16}", f["v"]) and not re.search(r"(?:tls|ssl|quic)[_. -]?$", preceding(f, 6), re.IGNORECASE),
    ),
    at_anchor("url-password", ("://",), r"://[^\s:/@?#\"'<>`]{0,200}+:(?P<v>[^\s\"'<>`]{1,300}?)@(?=[A-Za-z0-9_.\[${<-]{1,253}(?:[:/?,\s\"'`\])};]|$))(?![^\s/\"'<>`]{1,200}@)", _url_password),
    at_anchor("url-token", ("://",), r"://(?P<v>[A-Za-z0-9_.~%-]{16,300}+)@(?=[\w.-]+)", lambda f: is_random(f["v"], 16) and "%40" not in f["v"]),
    at_anchor("dsn-password", ("@tcp(", "@unix(", "@udp(", "@/"), r"$^"),
    at_anchor(
        "webhook-url", ("hooks.slack.com", "hooks.slack-gov.com"),
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<v>[\w/@+.-]{12,300}+)", _told,
    ),
    at_anchor("webhook-url", ("discord",), r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(?P<v>[\w/-]{20,200}+)", _told),
    at_anchor("webhook-url", ("webhook.office.com", "office.com/webhook"), r"(?:webhook\.)?office\.com/webhook(?:b2)?/(?P<v>[\w/@.-]{20,400}+)", _told),
    at_anchor("webhook-url", ("logic.azure.com", "powerplatform.com"), r"[\w.]{5,40}(?::443)?/[\w/%.-]{4,300}\?[^\s\"']{0,300}?sig=(?P<v>[\w%-]{16,120}+)", _told),
    at_anchor("webhook-url", ("chat.googleapis.com",), r"chat\.googleapis\.com/v1/spaces/[\w-]{1,60}/messages\?(?P<v>[^\s\"'<>]{20,500}+)", _told),
    at_anchor("webhook-url", ("events.pagerduty.com", "api.opsgenie.com", "outlook.office", "hooks.zapier.com", "hook.integromat", "maker.ifttt.com",
        "hc-ping.com", "api.telegram.org/bot", "ingest.sentry.io", "hook.eu", "hook.us", "chat.zulip", "hooks.chime.aws", "oapi.dingtalk.com", "qyapi.weixin", "open.feishu.cn", "open.larksuite.com"),
        r"[\w.-]{5,60}(?:/bot)?[^\s\"'<>?]{0,80}?(?:/(?=[^\s/]*\d)|bot|key/|=)(?P<v>[\w:@-]{18,300}+)", lambda f: is_random(f["v"], 18)),
    at_anchor(
        "signature", tuple(f"{mark}{name}=" for name in _QUERY for mark in ("?", "&", "#")) + tuple(f";{name}=" for name in ("sig", "signature")),
        rf"[?&;#](?P<name>{'|'.join(sorted(_QUERY, key=len, reverse=True))})=(?P<v>[^\s&#\"'<>`\\;,)\]}}]{{4,3000}}+)", _parameter,
    ),
    at_anchor("sas", ("sharedaccesssignature",), r"sharedaccesssignature[ =]+(?P<v>(?:s[vrietpgk]|sr|sig|se|skn|spr)=[^\s\"';,]{10,800}+)", _told),
    at_anchor("otp", ("otpauth://", "otpauth-migration"), r"otpauth(?:-migration)?://[^\s\"'?]{1,200}\?[^\s\"']{0,200}?(?:secret|data)=(?P<v>[A-Za-z0-9%+/=]{8,800}+)", _told),
    at_anchor("xml-password", ("<password", "<passwd", "<pwd", "<secret", "<token", "<apikey", "<api_key", "<passphrase", "<privatekey", "<accesskey", "<secretkey", "<clientsecret"),
        r"<[\w:.-]{3,40}(?:\s[^<>]{0,200})?>\s{0,20}(?:<!\[CDATA\[)?(?P<v>[^<>\s][^<>]{2,400}?)(?:\]\]>)?\s{0,20}</", lambda f: _told(f) and is_secret(f["v"], Form.SURE, password=True)),
)  # fmt: skip

_PARTS = r"(?:user\s?id|uid|user|username|data source|server|host|database|initial catalog|dbname|port|driver|trusted_connection|provider)"

CONNECTIONS: tuple[Rule, ...] = (
    at_anchor("connection-string", ("password=", "pwd=", "password =", "pwd ="),
        r"(?:password|pwd)\s?=\s?(?:\"(?P<v>[^\"\r\n]{2,200})\"|'(?P<v2>[^'\r\n]{2,200})'|\{(?P<v3>[^{}\r\n]{2,200})\})", lambda f: is_secret(f["v"] or f["v2"] or f["v3"], Form.SURE, password=True)),
    at_anchor("connection-string", (";password=", ";pwd=", "; password=", "; pwd=", ";passwd="),
        r";\s?(?:password|pwd|passwd)\s?=\s?(?P<v>(?!/[a-z]|~)[^;\s\"'][^;\r\n\"']{1,200}?)(?=;|[\"'\r\n`]|\s|$)", _told),
    at_anchor("connection-string", ("accountkey=", "sharedaccesskey=", "sharedsecretvalue="), r"\w{10,20}=(?P<v>[A-Za-z0-9+/=%]{16,200}+)", _told),
    at_anchor("jdbc-password", ("jdbc:",), r"jdbc:[^\s\"'<>]{3,300}?(?:[?&;:]|/)(?:password|pwd|passwd)=(?P<v>[^\s&;\"'<>`]{2,200}+)", _told),
    at_anchor("jdbc-password", ("jdbc:oracle",), r"jdbc:oracle:\w+:[\w.-]{1,60}/(?P<v>[^\s@\"']{2,100}+)@", _told),
)  # fmt: skip

_DRIVER = re.compile(
    r"(?<![\w/.-])[\w.%-]{1,64}:(?P<v>[^\s:@/\"'`<>()]{3,100})@(?=(?:tcp|unix|udp)\(|[\w.-]{1,80}:\d{2,5}\b|\d{1,3}(?:\.\d{1,3}){3}\b|/\w)"
)


def _driver_password(text: str, at: int):  # type: ignore[no-untyped-def]
    for found in _DRIVER.finditer(text, max(0, at - 170), at + 100):
        if found.start() <= at < found.end() + 2 and _dsn(found):
            yield found.span("v")


DRIVERS = (Rule("dsn-password", ("@",), _driver_password),)
