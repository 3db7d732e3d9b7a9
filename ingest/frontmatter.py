"""Front matter: the YAML (`---`) or TOML (`+++`) block that may open a document.

It says who may read the document, so it is read strictly: a document whose front matter cannot be understood is left
out, and an `allow` that cannot be understood means nobody. Scalars are taken as text, so that a group named `on`,
a date that does not exist or an endless number are what they look like.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

import yaml

from domain.access import Readers
from domain.errors import BadDocument
from ingest.dates import day

MAX_CHARACTERS = 64 * 1024
"""Longer front matter is refused: it is no front matter."""

Value = str | tuple[str, ...] | None
"""A text, a list of texts, or None for anything else."""

_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*+")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_CLOSING = {"---": ("---", "..."), "+++": ("+++",)}
_KEY = re.compile(r"""["']?[A-Za-z_][\w .-]*["']?[ \t]*:""")
_ALLOW = re.compile(r"""["']?allow["']?[ \t]*[:=]""", re.IGNORECASE)
_GROUP = re.compile(r"[^\s,\x00-\x1f\x7f]{1,100}")
_NESTED = frozenset({"extra", "params"})
"""Tables in which Zola and Hugo want a site's own keys."""

_UNREADABLE_ALLOW = "its `allow` cannot be understood, so nobody may read it; write a list of groups"
_MEND = "Mend it or remove it; a line of dashes that is no front matter can be written `***`."


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a document says of itself.

    `written` is its `date`. `allow` is None where it names no readers. `problems` are reasons in words.
    """

    title: str = ""
    written: date | None = None
    reviewed: date | None = None
    allow: Readers | None = None
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def body_offset(text: str) -> int:
    """Return where the body begins: behind the front matter and its closing line, or 0 where there is none."""
    return _span(text)[2]


def parse(text: str) -> FrontMatter:
    """Read the front matter of a document; an empty one where there is none.

    Raises BadDocument when there is front matter that cannot be understood.
    """
    start, end, body = _span(text)
    opening = text[start - 3 : start] if start else ""
    if not body:
        _refuse_unclosed(text)
        return FrontMatter()
    if end - start > MAX_CHARACTERS:
        raise BadDocument("Its front matter is too long.", reason="front-matter", mend=_MEND)
    inside = text[start:end]
    pairs = list(_toml(inside) if opening == "+++" else _yaml(inside))
    return _understood(pairs)


def _span(text: str) -> tuple[int, int, int]:
    """Return where the front matter's inside begins and ends and where the body begins; zeros where there is none.

    Blank lines before it are passed over: a stray one must not turn `allow` into prose.
    """
    blank = _BLANK_LINES.match(text)
    opening = _LINE.match(text, blank.end() if blank else 0)
    closing = _CLOSING.get(opening[1].rstrip(" \t")) if opening else None
    if opening is None or closing is None:
        return 0, 0, 0
    start = opening.start() + 3
    for line in _LINE.finditer(text, opening.end()):
        if line[1].rstrip(" \t") in closing:
            return start, line.start(), line.end()
    return 0, 0, 0


def _refuse_unclosed(text: str) -> None:
    """Refuse a document whose front matter is opened and never closed: a key follows, or an `allow` soon after."""
    found = (line[1].strip() for line in _LINE.finditer(text.lstrip()[:MAX_CHARACTERS]))
    lines = list(islice((line for line in found if line), 20))
    if not lines or lines[0] not in _CLOSING:
        return
    if lines[0] == "+++" or _KEY.match("".join(lines[1:2])) or any(_ALLOW.match(line) for line in lines):
        raise BadDocument("Its front matter is never closed.", reason="front-matter", mend=_MEND)


def _yaml(inside: str) -> Iterator[tuple[str, Value]]:
    """Yield the pairs of YAML front matter. Nodes are looked at, not built: aliases cannot grow, tags do nothing."""
    try:
        node = yaml.compose(inside, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadDocument("Its YAML front matter cannot be read.", reason="front-matter", mend=_MEND) from error
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise BadDocument("Its front matter is not a list of keys.", reason="front-matter", mend=_MEND)
    for key, value in node.value:
        name = key.value.casefold() if isinstance(key, yaml.ScalarNode) else ""
        if name in _NESTED and isinstance(value, yaml.MappingNode):
            yield from ((str(inner.value).casefold(), _of_node(item)) for inner, item in value.value)
        else:
            yield name, _of_node(value)


def _of_node(node: yaml.Node) -> Value:
    """Return what a YAML node says."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return tuple(str(item.value) for item in node.value)
    return None


def _toml(inside: str) -> Iterator[tuple[str, Value]]:
    """Yield the pairs of TOML front matter."""
    try:
        table = tomllib.loads(inside.replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError) as error:
        raise BadDocument("Its TOML front matter cannot be read.", reason="front-matter", mend=_MEND) from error
    for key, value in table.items():
        if key.casefold() in _NESTED and isinstance(value, dict):
            yield from ((inner.casefold(), _of_toml(item)) for inner, item in value.items())
        else:
            yield key.casefold(), _of_toml(value)


def _of_toml(value: object) -> Value:
    """Return what a TOML value says."""
    if isinstance(value, list):
        return tuple(str(item) for item in value) if all(isinstance(item, str | int) for item in value) else None
    return None if isinstance(value, dict) else str(value)


def _understood(pairs: list[tuple[str, Value]]) -> FrontMatter:
    """Make sense of the keys that are ours; the others are left alone."""
    said = dict(pairs)
    problems: list[str] = []
    allow = _groups(said["allow"]) if "allow" in said else None
    if "allow" in said and (allow is None or Counter(name for name, _ in pairs)["allow"] > 1):
        allow = frozenset()
        problems.append(_UNREADABLE_ALLOW)
    written = _day(said, ("date",), problems)
    reviewed = _day(said, ("reviewed", "last_reviewed"), problems)
    title = said.get("title")
    return FrontMatter(
        title=" ".join(title.split()) if isinstance(title, str) else "",
        written=written,
        reviewed=reviewed,
        allow=allow,
        services=_names(said.get("services")) or _names(said.get("service")),
        tags=_names(said.get("tags")),
        problems=tuple(problems),
    )


def _day(said: dict[str, Value], names: tuple[str, ...], problems: list[str]) -> date | None:
    """Return the day that the first of these keys gives; what is there and is none is a problem."""
    value = next((said[name] for name in names if said.get(name)), None)
    found = day(value) if isinstance(value, str) else None
    if value and not found:
        problems.append(f"its `{names[0]}` is no date; write it as 2026-01-31")
    return found


def _groups(value: Value) -> Readers | None:
    """Return the groups that an `allow` names, or None when it cannot be understood."""
    words = [word.strip() for word in value.split(",")] if isinstance(value, str) else value
    if words is None or not all(_GROUP.fullmatch(word.strip()) for word in words):
        return None
    return frozenset(word.strip() for word in words)


def _names(value: Value) -> tuple[str, ...]:
    """Return the names in a list, or in a text with commas between them."""
    words = value.split(",") if isinstance(value, str) else value or ()
    return tuple(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
