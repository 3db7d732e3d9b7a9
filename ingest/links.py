"""Links that open a document where its readers keep it."""

from __future__ import annotations

from pathlib import PurePosixPath
from string import Formatter
from urllib.parse import quote, urlsplit

from domain.errors import BadSettings

_PLACEHOLDERS = ("path", "stem", "commit")
_MEND = 'Write it like "https://wiki.example.com/{path}"; {path}, {stem} and {commit} are filled in.'


def check(template: str) -> None:
    """Refuse a template that would not make web links; an empty one makes none.

    Raises BadSettings.
    """
    if not template:
        return
    try:
        fields = [(field, form, turn) for _, field, form, turn in Formatter().parse(template) if field is not None]
        site = urlsplit(template)
    except ValueError as error:
        raise BadSettings("A source's link cannot be understood.", mend=_MEND) from error
    if site.scheme not in ("http", "https") or not site.hostname or any(mark in site.netloc for mark in "{}@"):
        raise BadSettings("A source's link is no plain http or https address.", mend=_MEND)
    if any(field not in _PLACEHOLDERS or form or turn for field, form, turn in fields):
        raise BadSettings("A source's link has a placeholder that is not known.", mend=_MEND)
    if any(character.isspace() or not character.isprintable() or character in '<>|"' for character in template):
        raise BadSettings("A source's link holds characters that no address may hold.", mend=_MEND)


def link_of(template: str, path: str, commit: str) -> str:
    """Return the link to the document at `path`, or "" without a template.

    `{stem}` is the path without its suffix. Where the commit is not known it is `HEAD`.
    """
    if not template:
        return ""
    stem = str(PurePosixPath(path).with_suffix(""))
    return template.format(path=quote(path), stem=quote(stem), commit=commit or "HEAD")
