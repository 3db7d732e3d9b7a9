"""What in a sentence reads like a command: that is the documents' to give, and nobody else's."""

from __future__ import annotations

import re

_CODE = re.compile(r"`([^`\n]+)`")
_SYNTAX = re.compile(r"[|<>;&]\s*\S|\$[({A-Za-z]|^[./~][\w./-]+/")
_TOOLS = (
    "sudo|kubectl|curl|wget|rm|dd|nc|ncat|bash|zsh|psql|mysql|mongo|redis-cli|docker|systemctl|chmod|chown|helm|aws|gcloud"
    r"|az|ssh|scp|git|python3?|perl|ruby|node|eval|exec|powershell|terraform|ansible\S*|killall|pkill|mkfs\S*|shutdown"
    "|iptables|crontab|base64|env|export|openssl|vault|etcdctl|kill"
)
_VERBS = (
    "get|delete|apply|exec|run|scale|drain|rollout|patch|edit|create|restart|stop|start|push|reset|rm|drop|operator"
)
_COMMAND = re.compile(
    rf"(?:\$\(|\$ )?\b(?:{_TOOLS}) (?:-|\S*[/=|$<>]|(?:{_VERBS}) )[^.,;]*"
    r"|\S+ (?:\||\|\||&&|>>?|<<?) \S+[^.,;]*|\S*\$[({]\S*[^.,;]*"
)


def commands_said(text: str) -> list[str]:
    """Return code of several words or with shell syntax, and prose that names a tool with its arguments."""
    code = [part for part in _CODE.findall(text) if len(part.split()) > 1 or _SYNTAX.search(part)]
    return code + [found.strip(" .,;:") for found in _COMMAND.findall(_CODE.sub(" ", text))]
