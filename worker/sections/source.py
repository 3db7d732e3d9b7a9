"""The settings of sources, and what all tables of the settings share."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from domain.document import Kind, SendToModel
from ingest.git import Origin

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    """Turn "10m" into a time span; leave everything else to pydantic."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)\s*([smhd])", value.strip())):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Section(BaseModel):
    """A table of the settings file: unknown keys are refused, values are never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadersSettings(Section):
    """Who may read some of a source's documents: it narrows the source's `allow` and never widens it."""

    paths: tuple[str, ...] = Field(min_length=1)
    allow: frozenset[str]

    @model_validator(mode="after")
    def _in_the_source(self) -> Self:
        """Refuse a pattern that can match no document: the rule would be believed to hold."""
        for pattern in self.paths:
            if not pattern.strip() or pattern.startswith("/") or ".." in Path(pattern).parts:
                raise ValueError("a pattern of `paths` is a path within the source, such as `security/**`")
        return self


class SourceSettings(Section):
    """A folder of documents, here or in a git repository, and who may read them."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    kind: Kind
    path: Path = Field(Path(), description="The folder; with `git`: the folder in the repository, empty for all of it")
    git: str = Field("", description="https://…, ssh://…, user@host:path or a local path; no credentials")
    branch: str = Field("", description="Empty: the repository's own choice")
    allow: frozenset[str] = Field(frozenset(), description="Groups; empty means nobody")
    every: Duration = timedelta(minutes=10)
    link: str = Field("", description='For example "https://wiki.example.com/{path}"')
    send_to_model: SendToModel = SendToModel.LOCAL
    exclude: tuple[str, ...] = ()
    readers: tuple[ReadersSettings, ...] = Field(
        (), description="Tables `[[sources.readers]]` with `paths` and `allow`: they narrow who may read those paths"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        """Refuse a source that is nowhere, and what is no address or no path in it."""
        if not self.git:
            if "path" not in self.model_fields_set or self.branch:
                raise ValueError("a source needs `path`, or `git`, which `branch` belongs to")
            return self
        if self.path.is_absolute() or ".." in self.path.parts:
            raise ValueError("with `git`, `path` is a folder in the repository")
        if not is_local(self.git):
            Origin(self.git, self.branch, Path())
        return self

    def origin(self, data: Path) -> Origin | None:
        """Return the repository, where the source is in one, with our copy of it under the data folder."""
        return Origin(self.git, self.branch, data / "sources" / self.name) if self.git else None


def is_local(address: str) -> bool:
    """Tell whether a repository's address is a path on this machine."""
    return address.startswith((".", "/", "~"))


def anchored(source: SourceSettings, folder: Path) -> SourceSettings:
    """Return a source with absolute paths, from the settings file's folder; one in a repository stays relative."""
    if not source.git:
        return source.model_copy(update={"path": folder / source.path.expanduser()})
    if not is_local(source.git):
        return source
    return source.model_copy(update={"git": str((folder / Path(source.git).expanduser()).resolve())})
