"""The documents in a folder, and their bytes as text."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from domain.errors import BadDocument
from domain.snapshot import Problem
from ingest.formats import PAGES_OF_HTML, SUFFIXES

MAX_BYTES = 2 * 1024 * 1024
"""A longer file is reported and left out: it is no runbook."""

_SKIPPED = frozenset({"node_modules", "__pycache__"})
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?\bcharset|\?xml\b[^>]{0,100}?\bencoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I
)
_OF_PAGES = re.compile(r"utf-8$|iso8859|cp125|cp866|koi8|mac|big5|gb|euc|shift_jis|iso2022_jp")
"""Python's names of the encodings that the Encoding standard knows; one that shows other words to others is not."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""Unicode's control characters, but for the white space among them."""

_FIRST_BYTES = 1024
"""Where a page of HTML declares its encoding (HTML standard, 13.2.3.2)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a source: where it is, and its path in the source with `/` between the names."""

    file: Path
    path: str


def find(root: Path, exclude: tuple[str, ...], problems: list[Problem]) -> list[Found]:
    """Return the documents under a folder, by path, and report what was passed over in `problems`.

    Hidden folders and files are not looked at; a link is followed only to a file within the folder. `exclude` holds
    shell patterns for a whole path or a file's name.
    """
    found = [each for each in _walk(root, problems) if not _excluded(each.path, exclude)]
    return sorted(found, key=lambda each: each.path)


def _walk(root: Path, problems: list[Problem]) -> Iterator[Found]:
    """Yield the files that may be read."""
    home = root.resolve()

    def unreadable(error: OSError) -> None:
        where = os.path.relpath(str(error.filename), root)
        problems.append(Problem(_shown(where), "the folder cannot be read"))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in folders:
            if (here / name).is_symlink():
                problems.append(Problem(_shown(_relative(here / name, root)), "a link to a folder is not followed"))
        for name in names:
            file = here / name
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            path = _relative(file, root)
            reason = _refusal(file, path, home)
            if reason:
                problems.append(Problem(_shown(path), reason))
            else:
                yield Found(file, path)


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def _refusal(file: Path, path: str, home: Path) -> str:
    """Return why a file may not be read, or ""."""
    if any(unicodedata.category(character) in _UNSAFE for character in path):
        return "its name holds characters that cannot be shown; rename it"
    try:
        target = file.resolve(strict=True)
    except (OSError, RuntimeError):
        return "the link leads nowhere or round in a circle"
    if not target.is_relative_to(home):
        return "the link leads out of the source's folder and is not followed"
    return "" if target.is_file() else "it is no regular file"


def _shown(path: str) -> str:
    """Return a path that can be printed on one line."""
    return "".join("\ufffd" if unicodedata.category(character) in _UNSAFE else character for character in path)


def _excluded(path: str, patterns: tuple[str, ...]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(path, pattern) or fnmatchcase(name, pattern) for pattern in patterns)


def text_of(file: Path) -> tuple[str, str]:
    """Return a file's text, without its byte order mark, and what is to be reported of its encoding, or "".

    UTF-8 is expected; UTF-16 is known by its mark, what a page of HTML declares is believed, anything else is read as
    Windows-1252. NUL, which no database
    stores, becomes U+FFFD. Raises BadDocument when it cannot be read, is too long or is not text.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadDocument("The file cannot be read.", reason="unreadable", mend="Check its permissions.") from error
    if len(data) > MAX_BYTES:
        raise BadDocument(
            f"The file is longer than {MAX_BYTES // 1024 // 1024} MiB.", reason="too-large", mend="Split it."
        )
    text, note = _declared(data, file) or _decoded(data)
    odd = len(_CONTROLS.findall(text[:65536]))
    if odd * 50 > len(text[:65536]):
        raise BadDocument("The file is not text.", reason="not-text", mend="Exclude it, or save it as UTF-8.")
    return text.replace("\0", "\ufffd"), note


def _declared(data: bytes, file: Path) -> tuple[str, str] | None:
    """Return a page of HTML as it says that it is encoded; None where it says nothing, or nothing that holds."""
    said = _DECLARED.search(data[:_FIRST_BYTES]) if file.suffix.lower() in PAGES_OF_HTML else None
    if said is None or any(data.startswith(mark) for mark, _ in _BOMS):
        return None
    try:
        name = codecs.lookup(said[1].decode()).name
        encoding = "cp1252" if name in ("iso8859-1", "ascii") else name
        return (data.decode(encoding), "") if _OF_PAGES.match(encoding) else None
    except (LookupError, ValueError):
        return None


def _decoded(data: bytes) -> tuple[str, str]:
    """Return the text that bytes mean, and a note when they are not UTF-8."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                break
            return text, "" if encoding == "utf-8" else "it is UTF-16; save it as UTF-8"
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "it is not UTF-8 and was read as Windows-1252; save it as UTF-8"
