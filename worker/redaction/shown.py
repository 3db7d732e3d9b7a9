"""Secrets that a command prints, that code hands over, or that a page shows: the place of the value gives it away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.keyed import names_a_place
from worker.redaction.nearby import unmistakable
from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.values import UUID, Form, is_given_password, is_random, is_secret, is_stand_in, kinds

_NAME = r"pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|api[ _-]?key|(?:access|secret|private|account)[ _-]?key|credentials?"


def _mixed(found: re.Match[str]) -> bool:
    return is_given_password(found) and any(not c.isalpha() and c not in "-_. " for c in found["v"])


_PRINTS = re.compile(
    r"""
      vault[ ](?:kv[ ]get|read)[^\n]{0,120}-field[ =]?[^\n]{0,120} | op[ ](?:read|item[ ]get)[^\n]{1,160} | (?:pass|gopass)[ ](?:show[ ])?[\w./-]{2,80}
    | pwgen\b[^\n]{0,60} | openssl[ ]rand[^\n]{0,60} | (?:kubectl|oc)[ ][^\n]{0,120}secrets?[^\n]{0,160}(?:base64[ ]-+[dD]\w*|jsonpath[^\n]{1,80}|template[^\n]{1,80})
    | (?:cat|type|less|head|tail|more|bat)[ ][^\n|]{0,100}(?:passw?\w*|secret\w*|token\w*|\.key|credential\w*|pw|api[_-]?key)[^\n|\s]{0,20}
    | az[ ]keyvault[ ]secret[ ]show[^\n]{0,200} | az[ ]account[ ]get-access-token[^\n]{0,100} | gcloud[ ]secrets[ ]versions[ ]access[^\n]{0,160} | gcloud[ ]auth[ ][\w -]*print-\w+-token[^\n]{0,80}
    | aws[ ](?:ssm[ ]get-parameter|secretsmanager[ ](?:get-secret-value|get-random-password)|ecr[ ]get-login-password)[^\n]{0,200} | gh[ ]auth[ ]token[^\n]{0,40}
    | bw[ ]get[ ]\w+[^\n]{0,80} | lpass[ ]show[^\n]{0,80} | secret-tool[ ]lookup[^\n]{0,80} | doppler[ ]secrets[ ]get[^\n]{0,80} | security[ ]find-[^\n]{0,120} | chamber[ ]read[^\n]{0,80}
    | kubectl[ ]create[ ]token[^\n]{0,80} | (?:echo|printenv|printf)[ ][\"']?\$?\{?\w*(?:PASS|SECRET|TOKEN|API_KEY|ACCESS_KEY)\w*\}?[\"']? | heroku[ ]auth:token[^\n]{0,20} | consul[ ]kv[ ]get[^\n]{0,80}
    | ansible-vault[ ](?:view|decrypt)[^\n]{0,80} | sops[ ]-+d[^\n]{0,80} | terraform[ ]output[ ]-raw[^\n]{0,80} | wg[ ]genkey[^\n]{0,40} | uuidgen[^\n]{0,10}\#[^\n]{0,20}(?:pass|secret|token)[^\n]{0,20}
    """,
    re.VERBOSE,
)  # fmt: skip
_PRINTED = re.compile(
    r"[ \t]*\r?\n[ \t]{0,8}(?:[{\s]{0,12}[\"']?(?:SecretString|value|Value|password|token)[\"']?\s?:\s?)?[\"']?(?P<v>[^\s\"'$#>{}]{6,500})[\"']?,?[ \t]*(?:\r?\n|$)"
)


def _printed(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the one word on the line below a command that prints a secret."""
    command = _PRINTS.match(text, at)
    end = text.find("\n", at, at + 400)
    found = _PRINTED.match(text, end) if command and end >= 0 else None
    if found and is_given_password(found) and not re.fullmatch(r"[A-Z]?[a-z]+:?|[A-Z]+:?", found["v"]):
        yield found.span("v")


_WRITTEN = (
    r"(?:echo|printf)[ ](?:-[neE]{1,3}[ ])?(?:[\"']?%s(?:\\n)?[\"']?[ ])?(?P<q>[\"'])?(?P<v>[^\s\"'|$\\><]{5,300})(?:\\n)?(?(q)[\"'])[ ]{0,3}"
    rf"(?:\|[^\n|]{{0,100}}?(?:{_NAME}|vault|age\b|gpg|htpasswd|ssh-add|wpa_passphrase|login)|>>?[ ]{{0,2}}[^\s|;]{{0,100}}?(?:{_NAME}|\.netrc|\.pgpass|\.key|htpasswd))"
)
_USER = r"[\"'][\w.@\\/+-]{1,60}[\"']"
_CALL = (
    r"(?:basic_?auth\w*|auth|authenticate|log_?[io]n|sign_?in|networkcredential|credentials?|usernamepassword\w*|plainauth|"
    rf"passwordauthentication|set_?credentials|login_user|http_basic)\s?[=:]?\s?\(?\s{{0,3}}[\[(]\s{{0,3}}(?:{_USER},\s{{0,3}}){{1,2}}b?[\"'](?P<v>[^\"'\n]{{5,200}})[\"']"
)


def _flags(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield every password of one command for SNMP."""
    stop = text.find("\n", at, at + 300)
    for found in re.compile(r"\s-[AXc]\s{1,3}[\"']?(?P<v>[^\s\"']{3,100})").finditer(
        text, at, stop if stop >= 0 else at + 300
    ):
        if is_given_password(found):
            yield found.span("v")


_ENV_AFTER = re.compile(r"(?<![\w+/=.-])(?P<v>[A-Za-z0-9+/_=-]{16,200})[\"'`]?[ ]{1,2}\(?[A-Z][A-Z0-9_]{1,40}$")


def _named_after(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield a value that the name of its variable follows: `8Cab… TRAVIS_TOKEN`."""
    found = _ENV_AFTER.search(text, max(0, at - 250), at)
    if found and is_random(found["v"], 16) and "\n" not in found.group():
        yield found.span("v")


_TAGGED = re.compile(r"(?P<name>\w{3,12})>\s{0,20}(?:<!\[CDATA\[)?(?P<v>[^<>\s\]]{4,400})(?:\]\]>)?\s{0,20}</")
_OPENED = re.compile(r"<(?P<name>[\w:.-]{0,40})$")


def _tagged(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield what stands in an element whose name ends with such a word: `<dbPass>…</dbPass>`."""
    found, opened = _TAGGED.match(text, at), _OPENED.search(text, max(0, at - 42), at)
    if not found or not opened:
        return
    password = found["name"].lower().startswith("p")
    if found["name"].lower() == "key" and not opened["name"] and not is_random(found["v"], 32):
        return
    if not is_stand_in(found["v"]) and is_secret(found["v"], Form.SURE, password=password):
        yield found.span("v")


def _stands_beside(found: re.Match[str]) -> bool:
    before, value = preceding(found, 1), found["v"]
    if before.isalpha() and not (before.islower() and found.group()[0].isupper()):
        return False
    if found["q"]:
        return _mixed(found) and is_secret(value, Form.TIGHT, password=True)
    return unmistakable(value) or (is_random(value, 10) and sum(map(str.isdigit, value)) >= 2 and value.isalnum())


def _fcm(text: str, at: int) -> Iterator[tuple[int, int]]:
    found = re.compile(r"AAAA[\w-]{7}:APA91b[\w-]{100,200}").match(text, max(0, at - 11))
    if found:
        yield found.span()


def _env_key(found: re.Match[str]) -> bool:
    before = preceding(found, 12)
    other = re.search(
        r"(?:PUBLIC|CACHE|PRIMARY|FOREIGN|SORT|PARTITION|ROUTING|OBJECT|ROW|IDEMPOTENCY|GROUP|HOST)$", before
    )
    return before[-1:].isupper() and not other and is_random(found["v"], 24) and not re.fullmatch(UUID, found["v"])


SHOWN: tuple[Rule, ...] = (
    Rule("printed-secret", ("vault ", "op ", "pass ", "gopass ", "pwgen", "openssl rand", "kubectl ", "oc ", "cat ", "type ", "less ", "head ", "tail ", "bat ", "az ", "gcloud ", "aws ", "gh auth",
        "bw get", "lpass ", "secret-tool", "doppler ", "security find", "chamber ", "echo ", "printenv ", "heroku auth", "consul kv", "ansible-vault", "sops -", "terraform output", "wg genkey"), _printed),
    at_anchor("login-password", ("echo ", "printf "), _WRITTEN, lambda f: not is_stand_in(f["v"]) and not re.fullmatch(r"[A-Z]?[a-z]+|[A-Z_]+", f["v"]) and is_given_password(f)),
    at_anchor("login-password", ("read -s", "read -r"), r"read[ ][^\n<]{0,60}<<<[ ]{0,2}[\"']?(?P<v>[^\s\"'$]{5,200})", is_given_password),
    at_anchor("login-password", ("net use",), r"net use[ ](?:\w:[ ]{1,3})?\S{1,100}[ ]{1,3}(?P<v>[^\s\"'/*\\]\S{3,100})[ ]{1,3}/user", is_given_password),
    Rule("login-password", ("snmpwalk", "snmpget", "snmpset", "snmptrap", "snmpbulk"), _flags),
    at_anchor("login-password", ("login ",), r"(?-i:LOGIN|login)[ ][\w.@+-]{1,60}[ ][\"']?(?P<v>[^\s\"']{6,100})[\"']?[ \t]*(?=\r?\n|$)", lambda f: _mixed(f) and (is_random(f["v"], 8) or kinds(f["v"]) >= 3)),
    at_anchor("login-password", ("auth", "login", "log_in", "sign", "credential", "usernamepassword", "http_basic"), _CALL, _mixed),
    at_anchor("sql-password", ("pgp_sym_", "aes_encrypt", "aes_decrypt", "encryptbypassphrase", "decryptbypassphrase"), r"\w{10,22}\([^()\n]{1,200}?(?:,\s{0,3}|(?<=\())N?'(?P<v>[^'\n]{4,200})'", is_given_password),
    at_anchor("env-token", ("_token ", "_key ", "_secret ", "_password ", "_pat "), rf"_(?-i:TOKEN|KEY|SECRET|PASSWORD|PAT)[ \t]{{1,4}}[\"'(]?(?P<v>{UUID}|[A-Za-z0-9_+/=.-]{{16,300}})(?![\w/])", lambda f: is_random(f["v"], 16) and not names_a_place(preceding(f, 24))),
    Rule("xml-password", ("password>", "passwd>", "pass>", "pwd>", "passphrase>", "secret>", "token>", "key>", "credential>", "credentials>"), _tagged),
    at_anchor("secret", ("pass[", "pwd[", "password[", "passphrase[", "secret[", "token[", "key["), r"\w{3,10}\[(?P<v>[^\[\]\s\"'$(]{6,300})\]", lambda f: is_random(f["v"], 8) or re.fullmatch(UUID, f["v"]) is not None or ("pass" in f.group() and _mixed(f) and len(f["v"]) >= 8)),
    at_anchor("password", ("pass ", "pass\t", "pwd ", "pwd\t", "passwd ", "passwd\t", "_pw ", "password ", "password\t"), r"_?p\w{1,7}[ \t]{1,8}(?P<q>[\"'])?(?P<v>[^\s\"'=:/.,;()\[\]{}<>]{6,100})(?(q)[\"']|(?![\w./:=]))", _stands_beside),
    at_anchor("secret", ("_token ", "_secret ", "_key ", "_token\t", "_secret\t", "_key\t", "secret\t", "token\t", "key\t", "secret \"", "token \"", "key \"", "secretkey ", "apikey ", "authtoken "),
        rf"\w{{3,9}}[ \t]{{1,8}}[\"']?(?P<v>{UUID}|[A-Za-z0-9+/_-]{{20,300}}={{0,2}})(?![\w./:-])", lambda f: (is_random(f["v"], 20) or re.fullmatch(UUID, f["v"]) is not None) and not names_a_place(preceding(f, 24))),
    Rule("secret", ("_token", "_api_key", "_secret", "_key", "_password", "_pat"), _named_after),
    at_anchor("secret", ("_key",), r"(?-i:_KEY)[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<v>[A-Za-z0-9+/_-]{24,300}={0,2})(?![\w./:])", _env_key),
    at_anchor("secret-id", ("secret_id", "secret-id", "secretid", "secret id"), rf"secret[_ -]?id[\"']?\s{{0,3}}[=:]?\s{{0,3}}[\"']?(?P<v>{UUID})"),
    at_anchor("acl-token", ("agent-token ", "agent token "), rf"agent[- ]token[ ]\w{{1,20}}[ ](?P<v>{UUID})"),
    at_anchor("login-password", ("--auth ", "--auth="), r"--auth[ =][\"']?[\w.@-]{1,60}:(?P<v>[^\s\"']{4,200})", is_given_password),
    at_anchor("login-password", (" /p:", " /pass:", " /password:", " /pwd:", " -pass:"), r"[ ][/-]p\w{0,7}:(?P<v>[^\s\"']{5,200})", is_given_password),
    at_anchor("login-password", ("<(echo ", "<(printf "), r"<\(\w{4,6}[ ](?:-n[ ])?[\"']?(?P<v>[^\s\"')$]{6,200})", _mixed),
    at_anchor("redis-password", ("auth ",), r"(?<![\w-])(?-i:AUTH)[ ](?P<v>[^\s\"']{8,200})", lambda f: is_random(f["v"], 8) and is_secret(f["v"], Form.LOOSE, password=True)),
    at_anchor("shared-key", ("psk ",), r"psk[ ][\"'](?P<v>[^\"'\n]{4,200})[\"']", is_given_password),
    at_anchor("mailgun-key", ("mailgun",), r"mailgun[^\n]{0,60}?(?<![\w-])(?P<v>[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})(?![\w-])"),
    at_anchor("telegram-token", ("bot",), r"bot(?P<v>\d{8,10}:[\w-]{34,36})(?![\w-])"),
    Rule("fcm-key", (":APA91b",), _fcm, token=True),
    at_anchor("secret", ("api key ", "api token ", "access token ", "auth token ", "secret key "), rf"\w{{3,6}}[ ]\w{{3,5}}[ ](?:is[ ])?[\"'`(]?(?P<v>{UUID})"),
    at_anchor("login-password", ("ssh-keygen",), r"ssh-keygen[ ][^\n;]{0,160}?[ ]?-[NP][ ]{0,2}[\"']?(?P<v>[^\s\"']{5,100})", is_given_password),
    at_anchor("login-password", ("ftp>",), r"ftp>[ ]?user[ ][\w.@-]{1,60}[ ](?P<v>[^\s\"']{5,100})", is_given_password),
    at_anchor("secret", ("jwt.encode(", "jwt.sign(", "jwt.verify(", "jwt.decode(", "hmac.new(", "createhmac(", "fernet("), r"\w{3,10}[.\w]{0,8}\([^\"'\n]{0,60}(?:[\"'][\w-]{2,10}[\"'],\s{0,3})?b?[\"'](?P<v>[^\"'\n]{8,200})[\"']", lambda f: is_random(f["v"], 8)),
    at_anchor("license-key", ("license", "licence", "serial", "activation"), r"\w{6,10}[\w ]{0,12}[\"']?[ ]?[:=]\s{0,3}[\"']?(?P<v>(?-i:[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){3,7}))(?![\w-])"),
    at_anchor("pin", ("puk ", "puk:", "puk="), r"puk[ :=]{1,3}(?P<v>\d{8})(?!\d)"),
    at_anchor("one-time-code", ("otp ", "totp ", "2fa ", "mfa "), r"(?-i:OTP|TOTP|2FA|MFA)[ ](?:code[ ])?(?:is[ ])?(?P<v>\d{6,8})(?![\w.:-])"),
    at_anchor("digest-response", ("response=",), r"response=[\"']?(?P<v>[0-9a-f]{32,64})\b(?=[^\n]{0,300}nonce|(?<=nonce))"),
    at_anchor("webhook-url", ("/hooks/",), r"/hooks/(?P<v>[A-Za-z0-9]{20,80})(?![\w.-])", lambda f: is_random(f["v"], 20)),
    at_anchor("html-password", ("pass", "pwd", "secret", "token", "api key", "api_key", "access key"), rf"(?:{_NAME})\s{{0,3}}:?\s{{0,3}}(?:</?[a-z][^<>]{{0,80}}>\s{{0,10}}){{1,5}}:?\s{{0,3}}(?P<v>[^\s<>]{{5,300}})\s{{0,4}}<", _mixed),
    at_anchor("html-password", ("type=\"password\"", "type='password'", "type=password"), r"type=[\"']?password[\"']?[^<>]{0,200}?\svalue=[\"'](?P<v>[^\"'<>\n]{3,200})[\"']", is_given_password),
    at_anchor("one-time-code", ("one-time code", "one time code", "verification code", "2fa code", "mfa code", "otp code", "otp is", "login code", "security code", "sms code", "one-time passcode", "one-time password", "one-time pin"),
        r"[\w-]{3,12}[ ](?:time[ ])?\w{2,8}[^\d\n]{0,24}?(?P<v>\d{4,8}|\d{3}[ -]\d{3})(?![\w:.-])"),
    at_anchor("otp", ("backup code", "recovery code", "scratch code"), r"\w{6,8} codes?(?: are| is)?[\s:=\"'`]{1,4}(?P<v>(?:\d{6,10}[\s,;]{0,3}){1,20})"),
    at_anchor("password", ("password \"", "password '", "passwd \"", "passwd '", "passphrase \"", "passphrase '"), r"pass\w{2,6}[ ](?P<q>[\"'])(?P<v>[^\s\"']{8,100})(?P=q)", lambda f: is_random(f["v"], 8) and _mixed(f) and is_secret(f["v"], Form.LOOSE, password=True)),
    at_anchor("password", ("password", "passwd", "passphrase"), r"pass\w{2,6}[^\n=\"']{0,80}:[ \t]*\r?\n(?:[ \t]*\r?\n){0,2}[ \t]{0,20}(?P<v>[^\s\"'`]{8,200})[ \t]*(?:\r?\n|$)", lambda f: is_random(f["v"], 10) and is_secret(f["v"], Form.LOOSE, password=True)),
    at_anchor("password", ("password", "passwd", "passphrase"), r"pass\w{2,6}[^\n:=\"']{8,80}:[ ]{1,2}(?P<v>[^\s\"']{8,80})[ \t]*(?=\r?\n|$)", lambda f: is_random(f["v"], 10) and _mixed(f)),
    at_anchor("secret", ("secret ", "s3cret ", "t0ken "), r"(?:s3cret|t0ken|secret)[ ](?P<v>[A-Za-z0-9_+/=-]{16,300})(?![\w./:])", lambda f: is_random(f["v"], 16) and any(map(str.isupper, f["v"])) and not names_a_place(preceding(f, 24))),
)  # fmt: skip
