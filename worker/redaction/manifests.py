"""Secrets in Kubernetes manifests: whatever stands under `data` of a Secret, and the keys of a kubeconfig."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule, at_anchor
from worker.redaction.values import is_stand_in

_REACH = 4000
_KIND = re.compile(r"kind\\?[\"']?\s{0,3}:\s{0,3}\\?[\"']?Secret(?:List)?\b\\?[\"']?", re.IGNORECASE)
_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?:- )?(?:data|stringData):[ \t]*\r?\n", re.MULTILINE)
_LINE = re.compile(
    r"(?P<indent>[ \t]+)(?P<key>[\w.-]{1,253}|\"[^\"\n]{1,253}\"):[ \t]*(?:!!binary )?"
    r"(?:[|>][-+]?[ \t]*(?P<folded>(?:\r?\n(?P=indent)[ \t]+[^\r\n]+|\r?\n[ \t]*$)+)|[\"']?(?P<v>[^\r\n\"']*)[\"']?)[ \t]*(?:\r?\n|$)"
)
_JSON = re.compile(r"\\{0,3}[\"'](?:data|stringData)\\{0,3}[\"']\s{0,4}:\s{0,4}\{(?P<body>[^{}]{0,6000})\}")
_MEMBER = re.compile(r"\\{0,3}[\"'][\w.-]{1,253}\\{0,3}[\"']\s{0,4}:\s{0,4}\\{0,3}[\"'](?P<v>[^\"'\\]{4,6000})")
_NEXT_DOCUMENT = re.compile(r"^---", re.MULTILINE)
_PUBLIC = re.compile(r"\s*LS0tLS1CRUdJTiBDRVJU")


def _secret(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield every value under `data` and `stringData` of the Secret that an anchor names."""
    if not _KIND.match(text, at):
        return
    start, stop = _document(text, at)
    for block in _BLOCK.finditer(text, start, stop):
        yield from _values(text, block, stop)
    for found in _JSON.finditer(text, start, stop):
        for member in _MEMBER.finditer(found["body"]):
            if not is_stand_in(member["v"]) and not _PUBLIC.match(member["v"]):
                yield member.start("v") + found.start("body"), member.end("v") + found.start("body")


def _document(text: str, at: int) -> tuple[int, int]:
    """Return where the document around a place begins and ends."""
    start, stop = max(0, at - _REACH), min(len(text), at + _REACH)
    for mark in _NEXT_DOCUMENT.finditer(text, start, at):
        start = mark.end()
    following = _NEXT_DOCUMENT.search(text, at, stop)
    return start, following.start() if following else stop


def _values(text: str, block: re.Match[str], stop: int) -> Iterator[tuple[int, int]]:
    position, outer = block.end(), len(block["indent"].expandtabs())
    while line := _LINE.match(text, position, stop):
        if len(line["indent"].expandtabs()) <= outer:
            return
        group = "folded" if line["folded"] else "v"
        value = line[group] or ""
        if len(value.strip()) >= 4 and not is_stand_in(value) and not _PUBLIC.match(value):
            shift = len(value) - len(value.lstrip())
            yield line.start(group) + shift, line.start(group) + len(value.rstrip())
        position = line.end()


MANIFESTS: tuple[Rule, ...] = (
    Rule("k8s-secret", ("kind: secret", 'kind":"secret', 'kind": "secret', 'kind\\":\\"secret', 'kind\\": \\"secret', "kind:secret"), _secret),
    at_anchor(
        "kubeconfig-key",
        ("client-key-data", "client_key_data", "tls.key", "id_rsa", "id_ed25519", "ssh-privatekey", ".dockerconfigjson", ".dockercfg"),
        r"(?:client[-_]key[-_]data|tls\.key|id_rsa|id_ed25519|ssh-privatekey|\.dockerconfigjson|\.dockercfg)\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?P<v>[A-Za-z0-9+/=]{20,60000}+)",
    ),
)  # fmt: skip
