"""Secrets known by their name: `password=…`, `"api_key": "…"`, `name: DB_PASSWORD` with its `value:` beside it, prose.

A name alone proves nothing: runbooks are full of `token: string`, `secret: my-tls` and `password=$PASSWORD`. So the
value has to look like one, the more so the looser the form it stands in.
"""

from __future__ import annotations

import re
from itertools import product

from worker.redaction.nearby import unmistakable
from worker.redaction.rule import Rule, at_anchor, preceding
from worker.redaction.values import Form, is_random, is_secret, is_stand_in, is_uuid, kinds

_PASS = r"p[a4@][s$5]{2}(?:w[o0*]?r?d?|phrase|code|wort|key)?|pwd|pswd|psw|p/w|psswo?r?d|pa{1,2}s{1,3}w(?:or?|ro?|r)?s?d|pw|contrase[nñ]a|mot de passe|kennwort|requirepass|masterauth|psk|wpa_passphrase"
_BEFORE_KEY = "api access account private auth encryption encrypt signing sign master shared secret service storage license deploy hmac subscription app application client consumer integration webhook session primary secondary ssh crypt cipher jwt token project write ingest server aws publishable routing admin cookie csrf seal unseal backup wallet aes fernet django flask laravel merchant bot recovery provisioning ingestion intake agent sas function developer live prod vault web enc dec decrypt decryption crypto jwe jws saml oauth".split()
_KEYS = rf"(?:{'|'.join(_BEFORE_KEY)})[_. -]?key"
_OTHER = (
    r"s[e3]cret|t[o0]ken|credentials?|creds|connection[_-]?string|app[_-]?secret|shared[_-]?access[_-]?signature|_auth|authkey|pin(?:[_-]?code)?|otp|"
    r"mnemonic|seed[ _-]phrase|bindpw|cookie[_-]secret|signature|pat|salt|dsn"
)
_NAME = rf"{_KEYS}|{_PASS}|{_OTHER}"

NAME_ANCHORS = (
    "pass", "p4ss", "p@ss", "pa$$", "pa5", "pat=", "pat:", "pat =", "pat\"", "pat'", "_pat", "_salt", "salt=", "salt:", "salt'", "salt\"", "pswd", "psw", "p/w", "psswd", "psswrd", "psswor", "pasw", "paasw", "s3cret", "t0ken", "pwd", "pw", "contrase", "mot de passe", "kennwort", "psk", "secret", "token", "credential", "creds", "connection_string", "connectionstring",
    "connection-string", "_auth", "masterauth", "mnemonic", "seed phrase", "bindpw", "authkey", "pin",
    *("".join(parts) for parts in product(_BEFORE_KEY, ("", "_", "-", " ", "."), ("key",))),
)  # fmt: skip

_SEP = (
    r"(?:(?:[ \t]{0,3}:[ \t]{0,3}[\w.\[\]<>|]{1,24}(?=[ \t]{0,9}:?=)|[ \t]+(?:string|str|text|const))?[ \t]{0,40}(?::=|=>|->|<-|!={1,2}|={1,3}|:{1,2}=?|\?=|\|\|=?)"
    r"|(?<=[\"'\]])[ \t]{0,3},|[ \t]{0,40}\|(?!\|))"
)
_ASSIGNMENT = (
    rf"(?P<name>{_NAME})(?P<rest>[A-Za-z0-9_.-]{{0,28}}+)(?P<close>(?:\\{{0,3}}[\"'`]|&quot;|\*\*|\]|\)){{0,3}})(?P<sep>{_SEP})(?P<gap>(?:\*\*)?[ \t]{{0,40}}(?:[!&][\w!]{{1,20}}[ \t]{{1,4}})?(?:\r?\n[ \t]{{1,40}}(?=[>|]))?(?:(?:[>|][-+]?|\\)?\r?\n[ \t]{{0,40}}(?:-[ ])?)?)"
    r"(?P<quote>\\{0,3}[\"'`]|&quot;|[uUbBfFrRN][\"']|@\"|\*\*)?"
    r"(?P<v>(?(quote)(?:[^\"'`\\\r\n&]|(?<!\\)\\(?![\"'\\])|\\\\(?![\"'])|&(?!quot)|(?<=\w)['](?=\w)){1,600}+|[^\s\"'`,;<>{}\\]{1,600}+))"
)
_REST_OF_OTHER_THINGS = re.compile(
    r"[\w.-]*?(?:names?|refs?|files?|file_?name|paths?|dirs?|types?|counts?|ur[il]s?|ttl|len(?:gth)?|expir\w*|polic\w*|limits?|"
    r"rotation|rotat\w*|age|manager|versions?|errors?|status|hints?|fields?|headers?|format|class|selector|mount\w*|volumes?|"
    r"provider|endpoint|issuer|keys?ref|reset\w*|required|enabled|disabled|budget|usage|per\w*|max\w*|min\w*|total|rate|s|bucket\w*|"
    r"lifetime|duration|seconds|secs|ms|bytes|size|index|offset|id|ids|_?key_?id|arn|alias|owner|scope|audience|algorithm|algo|alg|method|"
    r"mechanism|mode|store\w*|source|location|review\w*|request\w*|auth\w*|change\w*|check\w*|prompt|attempts?|retries|failures?|policy|sync|"
    r"metadata|namespace|template|engine|backend|controller|operator|group|role|user\w*|account|service|host|port|server|db|date|time\w*|at|on|since|until|"
    r"valid\w*|verif\w*|hash_?algo\w*|encod\w*|length|strength|complexity|history|label|description|title|state|phase|kind|action|event|agent|api|"
    r"import|export|rules?|list|map|set|tags?|cache\w*|pool|table|column|data|output|input|exporter|job|task|worker|pod|url|lock\w*|wait|hits|misses|ratio|window|"
    r"less|ing|ed|age|ive|ion|port|through|by|over|book|out|phrase_file|accessor|id_hash|fingerprint|sha\d*|checksum|digest|thumbprint)",
    re.IGNORECASE,
)
_BEFORE_OTHER_THINGS = re.compile(
    r"(?-i:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?:next|page|paging|pagination|continu\w*|cursor|resume|sync|fencing|lock|cancel\w*|max|min|num|total|prompt|completion|input|output|"
    r"cached|reasoning|context|stop|bos|eos|pad|unk|special|public|partition|primary|sort|foreign|object|row|cache|idempotency|dedup|group|"
    r"count|used|remaining|without|lost|forgot\w*|reset|change|wrong|invalid|missing|bad|unknown|no such)[_. -]?$"
    r"|(?:by|com|tres|sur|over|under|non|im)$",
    re.IGNORECASE,
)
_WHOSE = re.compile(
    r"[_.-](?:user\w*|account|(?:\w+)?service|server|db|api|agent|host|pod|job|worker|role|group|app|controller)$",
    re.IGNORECASE,
)
_OF_A_PASSWORD = re.compile(
    r"(?:checksum|digest|hash|sha\d{1,3})[/_. -]$|(?:hashed|without|lost|forgot\w{0,4}|reset|change|wrong|invalid|missing|bad|unknown|no such)[_. -]?$|(?:by|com|tres|sur|over|under|non|im)$",
    re.IGNORECASE,
)
"""What before `password` or `secret` says that none follows; `cache_secret` is one, `cache_token` is not."""
_ACCOUNT = re.compile(r":\d{12}:$")
"""What stands in an ARN before the name of a secret."""
_VENDOR_KEY = 32
_RESULT = re.compile(r"(?:\A|\n|---[ ]|[\])] )[ \t]*$")
"""What stands before the word with which a test runner says that a test passed: `--- PASS: TestWrite/slow`."""
_ROW = re.compile(r"[ \t>]{0,20}\|")
_KEY_OF_MORE = re.compile(r"\\{0,3}[\"'][ ]?:")
"""What follows a string that names the next value of an object: `{"key": "password", "action": …`."""
_PLAIN_LINE = re.compile(r"[ \t]*(?:[-*>|#] ?)?[\w.-]*")
_FOLDS = ("|", ">")
_ENDS = re.compile(r"[ \t]*(?:#.*)?(?:\r?\n|$)")
_PASSWORD = re.compile(rf"(?:{_PASS}|bindpw|pin|otp)", re.IGNORECASE)
_CURLY = re.compile(r"[{(\[]")


def _boundary(found: re.Match[str]) -> bool:
    """Tell whether the name begins where a name may begin: not `compass`, `bypass`, `spin`, `kpw`."""
    before = preceding(found, 24)
    name = found["name"].lower()
    sure = name not in {"pass", "pw"} and (_PASSWORD.fullmatch(name) or name == "secret")
    if (_OF_A_PASSWORD if sure else _BEFORE_OTHER_THINGS).search(before) or _ACCOUNT.search(before):
        return False
    if _of_a_database(name, found["v"]) or found["name"] == "PASS" and _RESULT.search(before):
        return False
    if name == "pass" and found["name"].isupper() and before[-2:].isupper() and before[-1:].isalpha():
        return is_random(found["v"], 8)  # MYSQLPASS, but not COMPASS
    if name in {"pass", "pw", "pin", "otp", "pat", "salt", "dsn", "psk", "signature", "key"} or name.startswith("pin"):
        return not before[-1:].isalpha() or before[-1:].islower() and found["name"][0].isupper()
    return True


def _assigned(found: re.Match[str]) -> bool:
    rest, name, value = found["rest"], found["name"].lower(), found["v"]
    if _names_another_thing(found) or not _boundary(found) or _goes_on(found):
        return False
    if rest.lower().strip("_-.") in {"key", "keys"} and not is_random(value, 8):
        return False
    form = _form(found)
    password = _PASSWORD.fullmatch(name) is not None
    if name in {"salt", "signature", "dsn", "pat", "pin", "otp"} and not (
        is_random(value, 8) or (name in {"pin", "otp"} and value.isdigit())
    ):
        return False
    if " " in value.strip() and not _phrase(value, form, password):
        return False
    if form is Form.LOOSE and found["gap"].strip()[:1] in _FOLDS:
        form = Form.TIGHT
    if form is Form.LOOSE and "\n" in found["gap"] and not is_random(value, 8):
        return False
    if form is Form.LOOSE and password and _whole_line(found):
        form = Form.TIGHT
    return is_secret(value, form, password=password)


def _names_another_thing(found: re.Match[str]) -> bool:
    rest, name = found["rest"], found["name"].lower()
    if name in {"pass", "p4ss", "p@ss", "pa$$", "pin"} and rest[:1].isalpha():
        return True
    return bool(rest) and _REST_OF_OTHER_THINGS.fullmatch(rest) is not None and not _of_a_user(found)


def _of_a_database(name: str, value: str) -> bool:
    """Tell whether a primary or routing key is one of a database or a queue: no vendor's key has such a length."""
    if not name.startswith(("primary", "secondary", "routing")):
        return False
    return len(value) != _VENDOR_KEY and not value.endswith("=") and not (len(value) >= 40 and kinds(value) >= 3)


def _of_a_user(found: re.Match[str]) -> bool:
    """Accept `api_key_orders_service = "…"`: whose it is, where the value leaves no doubt."""
    return (
        _WHOSE.search(found["rest"]) is not None
        and _form(found) is not Form.LOOSE
        and is_random(found["v"], 12)
        and kinds(found["v"]) >= 3
    )


def _goes_on(found: re.Match[str]) -> bool:
    """Tell whether a value is but the name of what follows (`"action": …`, `Token{…}`), or of what it is piped to."""
    if found["sep"].strip() == "|" and not _ROW.match(found.string, found.string.rfind("\n", 0, found.start()) + 1):
        return True
    if found["quote"]:
        return "," in found["sep"] and _KEY_OF_MORE.match(found.string, found.end()) is not None
    return found.string[found.end() : found.end() + 1] == "{" and found["v"][:1].isupper() and found["v"].isalnum()


def _form(found: re.Match[str]) -> Form:
    if found["quote"] and found["quote"] != "`":
        return Form.SURE
    return Form.TIGHT if found["sep"].strip().endswith("=") else Form.LOOSE


def _phrase(value: str, form: Form, password: bool) -> bool:
    """Accept a quoted phrase: with a digit or a sign in it, or, as a seed, many words."""
    return (
        form is Form.SURE
        and (password or len(value) > 20)
        and (any(c.isdigit() for c in value) or value.count(" ") in {11, 23})
    )


def _whole_line(found: re.Match[str]) -> bool:
    """Tell whether a line holds the name and one word, and no more, as in YAML."""
    text, start = found.string, found.string.rfind("\n", 0, found.start()) + 1
    if len(found["v"]) < 8 or _ENDS.match(text, found.end()) is None:
        return False
    return _PLAIN_LINE.fullmatch(text, start, found.start()) is not None


def _paired(found: re.Match[str]) -> bool:
    return is_secret(found["v"], Form.TIGHT, password="pass" in found.group().lower() or "pwd" in found.group().lower())


_TOLD = (
    rf"(?P<name>{_NAME}|passcode|pass phrase|login|root|admin)s?\\?[\"'`*_]{{0,2}}(?P<middle>(?:[ \t]+(?:for|of|on|to|in|at|used|by|here|there|now|currently|still|again|the|our|new|old|temp|temporary|default|initial|admin|root|user|account|db|database|"
    r"server|host|prod|production|staging|dev|[\"'`][\w.@-]{1,40}[\"'`]|[\w.@-]{1,40}(?=[ \t]+(?:is|was|=|:|to|has)\b))){0,7})"
    r"[ \t]*(?:\((?:[^()\n]{1,40})\)[ \t]*)?(?:(?:,?[ \t]+|(?<=[\"'`)*_]),?)(?:is|was|are|will be|became|set to|reset to|changed to|rotated to|updated to|(?:is|was|has been|been|got)[ \t]+(?:now|still|set to|reset to|changed to|rotated to|updated to|just)|equals|to be|to|as|with|ist|est|es)(?![A-Za-z])|[ \t]?[:=]|[ \t][–—-]{1,2}>?|-{1,2}>)[ \t]*:?[ \t]*(?:(?:now|still|just|currently|only|simply|literally|probably|again)[ \t]+)?"
    r"(?P<quote>\\?[\"'`“‘*]{1,2})?(?P<v>[^\s\"'`“”‘’,;<>]{4,200}+)"
)


def _said(found: re.Match[str]) -> bool:
    if not _boundary(found):
        return False
    value = found["v"].rstrip(".,;:!?)*")
    if (
        found["quote"]
        and len(value) >= 5
        and "pass" in found["name"].lower()
        and is_secret(value, Form.TIGHT, password=True)
    ):
        return not re.fullmatch(r"[A-Za-z_.-]+", value) or len(value) >= 8
    password = _PASSWORD.fullmatch(found["name"]) is not None or found["name"].lower() in {
        "creds",
        "credentials",
        "login",
    }
    if found["name"].lower() in {"root", "admin", "login"}:
        return unmistakable(value) and not value.isalnum()
    return is_secret(value, Form.LOOSE, password=password) and (password or is_random(value, 10) or is_uuid(value))


def _beneath(found: re.Match[str]) -> bool:
    """Accept what stands alone on the line below a line that ends with the name."""
    return (
        _boundary(found)
        and (is_random(found["v"], 8) or is_uuid(found["v"]))
        and is_secret(found["v"], Form.LOOSE, password=_PASSWORD.fullmatch(found["name"]) is not None)
    )


_CREDS = (
    r"(?:creds?|credentials?|login|logins|log ?in|sign ?in|authenticate|ssh in|connect|auth|access)[ \t]*(?:for [\w.-]{1,40}|to [\w.-]{1,40}|are|is|as|with|using|via|:|=|-|>){0,4}[ \t:]*"
    r"[\"'`(]?(?P<user>[A-Za-z][\w.@-]{1,40})[ \t]?(?:/|:|\||,? (?:and|with|pw|password|pass)|//)[ \t]?[\"'`]?(?P<v>[^\s\"'`,;()<>/]{5,100})"
)


def _creds(found: re.Match[str]) -> bool:
    value = found["v"].rstrip(".,;:!?)")
    return (
        is_secret(value, Form.LOOSE, password=True)
        and any(c.isdigit() for c in value)
        and not re.fullmatch(r"[\w-]+:\d{1,5}|\d+[a-z]{0,2}|.*\.\w{2,4}", value)
    )


_PAIR = (
    rf"(?:name|key|variable|env|label|field)[\"'>]{{0,2}}\s{{0,3}}[:=]\s{{0,3}}\\?[\"']?[\w./-]{{0,60}}?(?:{_NAME})[\w]{{0,10}}\\?[\"']?[ \t]{{0,3}}(?:,/?\s{{0,60}}|/?\s{{1,60}})(?:#[^\n]{{0,120}}\n\s{{0,40}})?-?\s?"
    r"\\?[\"']?(?:value|val|default|content|string_?value)\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?P<v>[^\s\"'<>}]{3,600}+)"
)

ASSIGNMENTS: tuple[Rule, ...] = (
    at_anchor("named-value", ("name:", "name\"", "name'", "name=", "name =", "key=", "key:", "key\"", "key =", "field:", "variable:"), _PAIR, _paired),
    at_anchor("named-value", ("password", "secret", "token", "_key", "key\"", "pass\"", "pwd\"", "api_key", "access_key", "private_key"),
        rf"(?:{_NAME}|_key|key(?=\"))\w{{0,10}}\"?\s{{0,3}}\{{[^{{}}]{{0,300}}?(?:default|value)\s{{0,8}}=\s{{0,4}}\"(?P<v>[^\"\n]{{3,400}})\"", _paired),
    at_anchor("named-value", ("password\">", "secret\">", "token\">", "key\">"), r"\w{3,12}\">\s{0,8}(?:<!\[CDATA\[)?(?P<v>[^<>\s\]]{4,400})(?:\]\]>)?\s{0,8}</", _paired),
    at_anchor("secret", NAME_ANCHORS, _ASSIGNMENT, _assigned),
    at_anchor("secret", (*NAME_ANCHORS, "passcode"), _TOLD, _said),
    at_anchor("secret", ("cred", "login", "log in", "sign in", "ssh in", "authenticate"), _CREDS, _creds),
    at_anchor("secret", NAME_ANCHORS, rf"(?P<name>{_NAME})(?:_[A-Za-z_]{{1,20}})?[ \t*_`:\"'\])]{{0,6}}\r?\n(?:[ \t]{{0,20}}[-=]{{3,40}}[ \t]*\r?\n)?[ \t]{{0,20}}(?:=>[ ])?[\"'`]?(?P<v>[^\s\"'`]{{8,200}})[\"'`]?[ \t]*(?:\r?\n|$)", _beneath),
    at_anchor(
        "secret", ("setpassword", "withpassword", "password(", "token(", "secret(", "apikey(", "api_key(", "credentials(", "access_key(", "key(", "pass(", "passwd(", "pwd("),
        r"\w{3,16}\(\s{0,4}(?:[\"'][\w.@-]{1,60}[\"'],\s{0,4})?[\"'](?P<v>[^\"'\n]{4,400})[\"']\s{0,4}[,)]",
        lambda f: is_secret(f["v"], Form.SURE, password="pass" in f.group().lower() or "pwd(" in f.group().lower()) and not re.fullmatch(r"[A-Z_]+|[a-z_]+", f["v"]),
    ),
    at_anchor(
        "sql-password", ("identified by", "password '", "password \"", "password('", "with password", "identified with"),
        r"(?:identified\s+(?:with\s+\S{1,40}\s+)?(?:by|as)(?:\s+password|\s+values)?|(?:encrypted\s+)?(?:with\s+)?password)\s{0,3}\(?\s{0,3}=?\s{0,3}N?(?P<q>[\"'])(?P<v>(?:[^\"'\n\\]|'')[^\"'\n]{1,200})(?P=q)",
        lambda f: not is_stand_in(f["v"]) and (is_secret(f["v"], Form.SURE, password=True) or f.group().lower().startswith("identified")),
    ),
)  # fmt: skip
