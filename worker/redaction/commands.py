"""Secrets on command lines and in the small files that tools read their passwords from."""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, at_anchor
from worker.redaction.values import Form, is_secret, is_stand_in

_VALUE = (
    r"\\?(?:\"(?P<v>[^\"\n]{2,300})\"|'(?P<v2>[^'\n]{2,300})'|(?P<v3>[^\s\"'`,;)\]}<>|&-][^\s\"'`;)\]}<>|&]{2,300}+))"
)
_LINE = r"(?:[^\n;]|\\\n){0,400}?"


def _value(found: re.Match[str]) -> str:
    return found["v"] or found["v2"] or found["v3"] or ""


def _given(found: re.Match[str]) -> bool:
    value = _value(found)
    return is_secret(value, Form.SURE if len(value) > 3 else Form.TIGHT, password=True)


_FLAG = re.compile(r"(?:^|[^\w.-])-{1,2}[\w.-]*$")


def _flagged(found: re.Match[str]) -> bool:
    value = _value(found)
    if value.startswith(("{", "[")):  # JSON, such as the key of a row; what it holds is looked through by itself
        return False
    if not _FLAG.search(found.string[max(0, found.start() - 40) : found.start() + 1]):
        return False
    return is_secret(value, Form.SURE, password="pass" in found.group().lower() or "pw" in found.group().lower())


def _user_pass(found: re.Match[str]) -> bool:
    return not is_stand_in(_value(found)) and not is_stand_in(_value(found).rpartition(":")[2])


def _tool(name: str, tools: str, flags: str, between: str = r"[ =]{1,4}", accept=_given) -> Rule:  # type: ignore[no-untyped-def]
    """Return a rule for `TOOL … FLAG VALUE` on one line, or on lines that a backslash joins."""
    names = tools.split("|")
    pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w]){_LINE}\s(?:{flags}){between}{_VALUE}"
    return at_anchor(name, tuple(n.lower() for n in names), pattern, accept)


_NAMES = (
    r"pass(?:word|wd|phrase|code|in|out)?|pwd|pw|secret|token|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|auth[_-]?key|private[_-]?key|"
    r"account[_-]?key|(?:src|dest)?storepass|(?:src|dest)?keypass|authtoken|auth[_-]?token|bearer[_-]?token|client[_-]?secret|sas[_-]?token|credentials?|key"
)

COMMANDS: tuple[Rule, ...] = (
    at_anchor(
        "password-flag",
        ("-pass", "-token", "-secret", "-api", "-key", "-pwd", "-pw", "-auth", "-client", "-access", "-bearer", "-storepass", "-srcstore", "-deststore", "-srckey", "-destkey", "-sas", "-cred", "-account", "-private",
         "-admin", "-db", "-root", "-user", "-redis", "-registry", "-docker", "-smtp", "-master", "-service", "-new"),
        rf"-(?:[a-z]{{1,20}}[-._]){{0,3}}(?:[a-z]{{1,20}}(?-i:(?<=[a-z])(?=[A-Z])))?(?:{_NAMES})(?:=|[ \t]{{1,4}}|[ \t]*\\\n[ \t]*|\"?,\s{{0,4}}(?=\"))(?:pass:)?{_VALUE}",
        _flagged,
    ),
    at_anchor("password-flag", ("pass:", "asplaintext"), rf"pass:{_VALUE}", _given),
    at_anchor("password-flag", ("securestring",), rf"securestring\s{{1,3}}(?:-string\s{{1,3}})?{_VALUE}", _given),
    _tool("curl-user", "curl|wget|httpie|xh", r"-u|--user|--proxy-user|-U|-a|--auth", r"[ =]?[\"']?[^\s:\"'$]{1,80}:", _user_pass),
    _tool("mysql-password", "mysql|mysqldump|mysqladmin|mysqlsh|mysqlimport|mariadb|mariadb-dump|mycli|mydumper|xtrabackup", "-p", "", lambda f: _given(f) and not _value(f).startswith("-")),
    _tool("redis-password", "redis-cli|valkey-cli|keydb-cli", "-a|--pass", r"[ =]{0,2}"),
    _tool("login-password", "docker login|podman login|skopeo login|helm registry login|az login|oc login|nerdctl login|buildah login|crane auth login|oras login|cf login|argocd login|vault login|mongo|mongosh|mongodump|mongorestore|cqlsh|nats|influx|ldapsearch|ldapmodify|ldapadd|ldapwhoami|sqlcmd|bcp|isql|mosquitto_pub|mosquitto_sub|ipmitool|smbclient|zip|unzip|rabbitmqadmin|arangosh|snowsql|clickhouse-client|cypher-shell|htpasswd|lftp|ncftp|vsql|hdbsql|kafka-configs|winexe|evil-winrm|rclone|flyway|liquibase|impala-shell|beeline|sshpass|plink|pscp|ansible|restic|tsh|doctl|sqlplus", "-p|-P|--pw|-w|-pw|-y|-password|--password|-x|-H|-pass"),
    at_anchor("login-password", ("sshpass",), rf"sshpass\s{{1,4}}-p[ =]?{_VALUE}", _given),
    at_anchor("login-password", ("7z", "rar"), rf"(?:7za?|rar)\s[^\n;]{{0,200}}?\s-h?p{_VALUE}", _given),
    at_anchor("login-password", ("sqlplus", "rman", "impdp", "expdp", "sqlldr"), r"(?:sqlplus|rman|impdp|expdp|sqlldr)\s[^\n;]{0,100}?[\w$#]{2,30}/(?P<v>[^\s@\"'/]{3,100})@", lambda f: not is_stand_in(f["v"])),
    at_anchor("login-password", ("smbclient", "mount.cifs", "rpcclient", "net rpc"), r"\w{3,10}[^\n;]{0,200}?\s-U\s{0,2}[\"']?[\w\\./-]{1,60}%(?P<v>[^\s\"']{3,100})", lambda f: not is_stand_in(f["v"])),
    at_anchor("login-password", ("add_user", "change_password", "authenticate_user"), rf"\w{{8,18}}\s{{1,3}}[\w.@-]{{1,60}}\s{{1,3}}{_VALUE}", _given),
    at_anchor("login-password", ("chpasswd", "passwd --stdin", "--password-stdin", "kinit", "su -", "sudo -s", "smbpasswd"), "$^"),
    at_anchor("login-password", ("echo ", "printf ", "<<<"), r"(?:echo|printf|<<<)\s{0,2}(?:-[ne]{1,2}\s)?(?P<q>[\"'])?(?:[\w.-]{1,40}:)?(?P<v>[^\s\"'|$\\]{3,200})(?:\\n)?(?(q)[\"'])\s{0,3}\|\s{0,3}(?:sudo\s(?:-\w\s)?)?(?:chpasswd|passwd --stdin|[\w -]{1,40}--password-stdin|kinit|sudo -S|su\b|smbpasswd|docker login|gh auth login|cryptsetup|gpg|openssl|base64 (?:-d|-D|--decode))", lambda f: not is_stand_in(f["v"])),
    at_anchor("login-password", ("chpasswd <<<", "kinit", "passwd <<<"), r"[\w ]{4,30}<<<\s{0,3}[\"']?(?:[\w.-]{1,40}:)?(?P<v>[^\s\"']{3,100})", lambda f: not is_stand_in(f["v"])),
    at_anchor("login-password", ("net use", "net user", "runas"), rf"net use\s[^\n]{{0,120}}?/user:\S{{1,80}}\s{{1,3}}{_VALUE}", _given),
    at_anchor("login-password", ("net user",), rf"net user\s{{1,3}}[\w.-]{{1,40}}\s{{1,3}}{_VALUE}(?=\s)", _given),
    at_anchor("redis-password", ("requirepass", "masterauth", "config set"), rf"(?:config set\s{{1,3}})?(?:requirepass|masterauth)\s{{1,4}}{_VALUE}", _given),
    at_anchor("redis-password", ("auth ",), r"(?<![\w-])AUTH\s(?:\"?(?:default|[a-z][\w-]{1,30})\"?\s)?\"?(?P<v>[^\s\"]{6,200})", lambda f: f.group().startswith(("AUTH", "\"AUTH")) and is_secret(f["v"], Form.LOOSE, password=True)),
    at_anchor("redis-password", ("user ", "setuser"), r"(?:acl setuser|user)\s[\w-]{1,40}\s(?:[\w~*&+@%-]{1,20}\s){0,6}>(?P<v>[^\s>\"']{3,200})", lambda f: not is_stand_in(f["v"])),
    at_anchor("expect-password", ("send \"",), r"send\s\"(?P<v>[^\"\s\\]{4,100})\\r\"", lambda f: is_secret(f["v"], Form.SURE, password=True) and any(c.isdigit() for c in f["v"])),
    at_anchor("netrc-password", ("machine ", "default login"), r"(?:machine\s+\S{1,200}|default)\s+login\s+\S{1,200}\s+password\s+(?P<v>\S{3,300})", lambda f: not is_stand_in(f["v"])),
    at_anchor("login-password", ("login ",), r"login\s+\S{1,80}\s+password\s+(?P<v>\S{3,200})", lambda f: is_secret(f["v"], Form.SURE, password=True)),
    at_anchor("npm-auth", ("_authtoken", "_password", ":_auth"), r"_(?:authToken|password|auth)\s?=\s?[\"']?(?P<v>[A-Za-z0-9+/=_.-]{8,400}+)", lambda f: is_secret(f["v"], Form.TIGHT, password=True)),
    at_anchor("docker-auth", ("\"auth\"", "auth\\\"", "'auth'", "identitytoken"), r"\\?[\"']?(?:auth|identitytoken)\\?[\"']\s{0,3}:\s{0,3}\\?[\"'](?P<v>[A-Za-z0-9+/=_.-]{8,4000})\\?[\"']", lambda f: not is_stand_in(f["v"])),
    at_anchor("password-hash", ("$2a$", "$2b$", "$2y$", "$6$", "$5$", "$1$", "$apr1$", "$argon2", "$y$", "$7$", "$scrypt$", "$pbkdf2"), r"\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{20,60}+|(?:6|5|1|y|7|apr1|scrypt|pbkdf2[\w-]{0,12})\$[^\s:$,'\"]{1,64}\$[./A-Za-z0-9$+=]{8,200}+|argon2(?:id|i|d)\$[^\s:'\"]{20,300}+)"),
    at_anchor("password-hash", ("{ssha", "{sha}", "{sha512", "{crypt}", "{pbkdf2", "{smd5}", "{md5}", "{argon2"), r"\{(?:SSHA\d{0,3}|SHA\d{0,3}|CRYPT|PBKDF2[\w-]{0,10}|S?MD5|ARGON2)\}(?P<v>[A-Za-z0-9+/=$.]{16,300}+)"),
    at_anchor("password-hash", ("pbkdf2_sha", "scram-sha-", "pbkdf2:sha", "scrypt:"), r"(?:pbkdf2[_:]sha\d{1,3}[$:]\d{3,8}\$|scram-sha-\d{1,3}\$\d{3,6}:|scrypt:\d{4,6}:\d:\d\$)(?P<v>[A-Za-z0-9+/=$:_.-]{20,300}+)"),
    at_anchor("password-hash", (":::",), "$^"),
    at_anchor("pgpass-password", (":5432:", ":5433:", ":6432:", ":*:*:", ":3306:"), r":(?:\d{4,5}|\*):[\w.*-]{1,60}:[\w.*-]{1,60}:(?P<v>[^\s:]{3,200})(?=\s|$)", lambda f: not is_stand_in(f["v"]) and not f["v"].isdigit()),
    at_anchor("ansible-vault", ("$ansible_vault;",), r"\$ANSIBLE_VAULT;[\d.]{3,5};AES256(?:;[\w.-]{1,40})?\s{1,20}(?P<v>(?:[0-9a-f]{10,100}\s{0,20}){1,400}+)"),
)  # fmt: skip
