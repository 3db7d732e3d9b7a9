"""Add a case to a file of cases: the file's other content, its comments among it, stays byte for byte."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from domain.alert import Alert
from golden_queries.cases import BadCase, Case, read

_ENTRY = re.compile(r"^( *)- ", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./()%+_-]*")


def row_of(alert: Alert, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case as it is written: the alert's words, and what is said of it; what is empty is left out.

    `id`, `expected` and, where it is there, an empty `past` are always written: empty means something.
    """
    asked: dict[str, Any] = {"labels": dict(alert.labels)}
    if alert.annotations:
        asked["annotations"] = dict(alert.annotations)
    kept = {key: value for key, value in said.items() if value or key in ("expected", "past") and value is not None}
    return {"id": kept.pop("id"), "alert": asked, **kept}


def free_id(wish: str, taken: Collection[str]) -> str:
    """Return an id that no case has, from the words of a wish: OrdersDbDown becomes orders-db-down."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", wish)
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "case"
    if plain not in taken:
        return plain
    number = 2
    while f"{plain}-{number}" in taken:
        number += 1
    return f"{plain}-{number}"


def file_for(expected: Sequence[str], cases: Iterable[Case], folder: Path) -> Path:
    """Return the file that a case belongs to: where the most cases expect the same document, else one of its folder.

    Where there is neither, it is a new file in `folder`, named after the document's folder.
    """
    wanted, folders = set(expected), {doc.rsplit("/", 1)[0] for doc in expected}
    best: dict[Path, tuple[int, int]] = {}
    for case in cases:
        same = len(wanted & set(case.expected))
        near = sum(doc.rsplit("/", 1)[0] in folders for doc in case.expected)
        file = _file_of(case)
        before = best.get(file, (0, 0))
        best[file] = (before[0] + same, before[1] + near)
    fitting = [file for file, score in best.items() if score > (0, 0)]
    if fitting:
        return max(fitting, key=lambda file: (best[file], str(file)))
    name = expected[0].rsplit("/", 1)[0].rsplit("/", 1)[-1] if expected else "unanswerable"
    return folder / f"{name}.yaml"


def append(file: Path, row: Mapping[str, Any]) -> Case:
    """Write a case behind the others of a file, or begin the file, and return it as it is read again.

    The file is written whole or stays as it was.

    Raises:
        BadCase: the file is no list of cases that can be added to, or the case is wrong.
    """
    before = read(file) if file.exists() and file.read_text(encoding="utf-8").strip() else ()
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    beside = file.with_name(f".{file.stem}.new{file.suffix}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(_longer(text, row, json_lines=file.suffix == ".jsonl"), encoding="utf-8")
        after = _checked(beside, file, before)
        os.replace(beside, file)
    except OSError as error:
        raise BadCase(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return after


def _checked(beside: Path, file: Path, before: tuple[Case, ...]) -> Case:
    """Return the last case of the new file, after seeing that it is the only difference."""
    try:
        after = read(beside)
    except BadCase as error:
        told = str(error).replace(str(beside), str(file))
        raise BadCase(f"The case was not added: {told}") from error
    if [case.id for case in after[:-1]] != [case.id for case in before]:
        raise BadCase(f"{file}: nothing can be added behind its last line.", mend="Add the case by hand.")
    return replace(after[-1], origin=after[-1].origin.replace(str(beside), str(file)))


def _longer(text: str, row: Mapping[str, Any], *, json_lines: bool) -> str:
    """Return the text of a file with one more case."""
    start = text if not text or text.endswith("\n") else f"{text}\n"
    if json_lines:
        return f"{start}{json.dumps(row, ensure_ascii=False)}\n"
    found = _ENTRY.search(text)
    indent = found[1] if found else ""
    lines = (f"{indent}{'  ' if number else '- '}{line}\n" for number, line in enumerate(_lines(row)))
    return f"{start}{chr(10) if start.strip() else ''}{''.join(lines)}"


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield a case as people write it: a line for each key, and two more for the alert."""
    for key, value in row.items():
        if key == "alert":
            yield "alert:"
            yield from (f"  {name}: {_flow(part)}" for name, part in value.items())
        else:
            yield f"{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """Return a value in YAML's flow style, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _file_of(case: Case) -> Path:
    """Return the file that a case is written in."""
    return Path(re.sub(r", (?:case|line) \d+$", "", case.origin))
