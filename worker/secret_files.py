"""Secrets in files of their own: `MIDDLEWATCH_` + path + `_FILE` names the file that holds the value.

A setting of several values, such as tokens, has one on each line. A file that is named must be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr

from domain.errors import BadSettings

SUFFIX = "_FILE"
LOGIN = "login"
"""Marks a setting that is no secret itself but may hold one: a URL with a password."""


def names_of(model: type[BaseModel], prefix: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the environment's name and the path of every setting that is a secret or may hold one."""
    for name, field in model.model_fields.items():
        kind, here = field.annotation, (*path, name)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from names_of(kind, prefix, here)
        elif (
            kind is SecretStr or LOGIN in field.metadata or (get_origin(kind) is tuple and SecretStr in get_args(kind))
        ):
            yield prefix + "__".join(here).upper() + SUFFIX, here


def with_files(content: Mapping[str, Any], environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Return the content of a settings file with the secrets that stand in files of their own, which win over it.

    Raises:
        BadSettings: a file that is named cannot be read.
    """
    merged = dict(content)
    for name, path in names_of(model, "MIDDLEWATCH_"):
        if file := environment.get(name):
            _put(merged, path, _read(name, Path(file)))
    return merged


def _put(content: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    *tables, key = path
    for table in tables:
        content[table] = dict(content.get(table) or {})
        content = content[table]
    content[key] = text.split() if key.endswith("s") else text.strip()


def _read(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"The file {file} that {name} names cannot be read.", mend="Put the secret there, or take the name away."
        ) from error
