"""Golden cases: what they say, and how they are read from YAML and JSONL files.

One case is an alert (or a free question), who asks, and the documents that must be found. The keys are
those that `golden_queries/README.md` lists.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.access import EVERYONE, Audience
from domain.alert import Alert, Status
from domain.errors import BadInput

SUFFIXES = (".yaml", ".yml", ".jsonl")
_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Match(StrEnum):
    """How many of the expected documents must be found."""

    ANY = "any"
    ALL = "all"


class BadCase(BadInput):
    """A golden case, or a file of them, cannot be read; the message names the file and the case."""

    reason = "bad-golden-case"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A case is set aside: it is run and told of, and does not gate up to and including the day `until`.

    `owner` is the role or team that mends it; `why` says what is wrong.
    """

    until: date
    owner: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One golden query. Exactly one of `alert` and `query` is given.

    Without `expected` the case is unanswerable: no runbook may be shown. `past` lists the postmortems that
    "last time" may show; None means that the case does not say. `at` counts documents. `origin` is the
    file and the line or the place in the list. A summary must mention the `facts`, and never what it must not say.
    """

    id: str
    alert: Alert | None
    query: str
    groups: frozenset[str]
    expected: tuple[str, ...]
    match: Match
    at: int
    past: tuple[str, ...] | None
    must: bool
    forbidden: tuple[str, ...]
    tags: tuple[str, ...]
    why: str
    origin: str
    quarantine: Quarantine | None = None
    facts: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()

    def gates(self, today: date) -> bool:
        """Return whether the case counts at the gate: it is not set aside, or was only until before today."""
        return self.quarantine is None or self.quarantine.until < today

    @property
    def audience(self) -> Audience:
        """The audience that the case asks as."""
        return Audience.of(self.groups)

    @property
    def answerable(self) -> bool:
        """Whether there is anything to be found."""
        return bool(self.expected)


class _AlertRow(BaseModel):
    """One element of an Alertmanager webhook's `alerts`; only the labels are needed."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    status: Status = Status.FIRING
    starts_at: AwareDatetime = Field(_UNKNOWN_TIME, alias="startsAt")
    fingerprint: str = ""
    generator_url: str = Field("", alias="generatorURL")

    def alert(self) -> Alert:
        """Return it as the alert that retrieval takes."""
        return Alert(
            self.fingerprint, self.status, self.labels, self.annotations, self.starts_at, link=self.generator_url
        )


class _QuarantineRow(BaseModel):
    """Why a case is set aside, until when, and who mends it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    until: date
    owner: str = Field(min_length=1)
    why: str = Field(min_length=1)


class _Row(BaseModel):
    """One case as it is written; `source` is what public data sets call the origin, and becomes a tag."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    alert: _AlertRow | None = None
    query: str = ""
    groups: tuple[str, ...] = (EVERYONE,)
    expected: tuple[str, ...]
    match: Match = Match.ANY
    at: int = Field(3, ge=1, le=100)
    past: tuple[str, ...] | None = None
    must: bool = False
    forbidden: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    why: str = ""
    source: str = ""
    quarantine: _QuarantineRow | None = None
    facts: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.alert is None) == (not self.query.strip()):
            raise ValueError("give either an alert or a query, and only one of them")
        if both := sorted(set(self.forbidden) & {*self.expected, *(self.past or ())}):
            raise ValueError(f"{both[0]} cannot be both wanted and forbidden")
        return self

    @field_validator("expected", "past", "forbidden")
    @classmethod
    def _names_documents(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            if "/" not in name.strip("/") or name.startswith("/"):
                raise ValueError(f"{name!r} is not SOURCE/relative/path, such as runbooks/storage/VolumeFilling.md")
        return names

    def case(self, origin: str) -> Case:
        """Return the case that this row states."""
        return Case(
            id=self.id,
            alert=self.alert.alert() if self.alert else None,
            query=self.query.strip(),
            groups=frozenset(self.groups),
            expected=self.expected,
            match=self.match,
            at=self.at,
            past=self.past,
            must=self.must,
            forbidden=self.forbidden,
            tags=(*self.tags, self.source) if self.source else self.tags,
            why=self.why,
            origin=origin,
            quarantine=Quarantine(**self.quarantine.model_dump()) if self.quarantine else None,
            facts=self.facts,
            must_not_say=self.must_not_say,
        )


def load(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Read the cases of files and of folders (searched to the bottom, by name).

    Raises:
        BadCase: a path is not there, a file holds no case, a case is wrong, or an id is there twice.
    """
    cases: dict[str, Case] = {}
    for file in _files(paths):
        for case in read(file):
            if case.id in cases:
                raise BadCase(
                    f"{case.origin}: the id {case.id!r} is taken by {cases[case.id].origin}.",
                    mend="Give each case an id of its own.",
                )
            cases[case.id] = case
    return tuple(cases.values())


def read(file: Path) -> tuple[Case, ...]:
    """Read the cases of one file.

    Raises:
        BadCase: the file cannot be read, holds no case, or a case is wrong.
    """
    cases = tuple(_case(content, origin) for origin, content in _rows(file))
    if not cases:
        raise BadCase(f"{file}: there is no case in it.", mend="Add one, or remove the file.")
    return cases


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in SUFFIXES)
        elif path.is_file():
            yield path
        else:
            raise BadCase(f"{path}: there is no such file or folder.", mend="Mend the path in [golden] paths.")


def _rows(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield where each case stands, and its content."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix != ".jsonl":
            yield from _yaml_rows(file, yaml.safe_load(text))
            return
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"{file}, line {number}", json.loads(line)
    except (OSError, UnicodeDecodeError) as error:
        raise BadCase(f"{file}: cannot be read ({type(error).__name__}).") from error
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise BadCase(f"{file}: {_syntax(error)}", mend="Mend the file; see golden_queries/README.md.") from error


def _yaml_rows(file: Path, content: Any) -> Iterator[tuple[str, Any]]:
    if content is None:
        return
    if not isinstance(content, list):
        raise BadCase(f"{file}: it must be a list of cases.", mend='Begin each case with "- id: …".')
    for place, row in enumerate(content, start=1):
        yield f"{file}, case {place}", row


def _syntax(error: yaml.YAMLError | json.JSONDecodeError) -> str:
    """Say where the syntax breaks."""
    if isinstance(error, json.JSONDecodeError):
        return f"a line is not JSON: {error.msg} at character {error.pos + 1}."
    mark = getattr(error, "problem_mark", None)
    return f"it is not YAML near line {mark.line + 1}." if mark else "it is not YAML."


def _case(content: Any, origin: str) -> Case:
    if not isinstance(content, dict):
        raise BadCase(f"{origin}: a case is a table of keys, such as id, alert and expected.")
    place = f"{origin} ({content['id']})" if content.get("id") else origin
    try:
        return _Row.model_validate(content).case(origin)
    except ValidationError as error:
        faults = "; ".join(_fault(item) for item in error.errors(include_url=False))
        raise BadCase(f"{place}: {faults}.", mend="See golden_queries/README.md for the keys.") from error


def _fault(item: Any) -> str:
    """Say one fault in words that a person who writes YAML understands."""
    place = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        close = difflib.get_close_matches(place, _Row.model_fields, n=1)
        return f"unknown key {place!r}" + (f", did you mean {close[0]!r}?" if close else "")
    if item["type"] == "missing":
        hint = " (write [] when nothing may be found)" if place == "expected" else ""
        return f"{place} is missing{hint}"
    text = str(item["msg"]).removeprefix("Value error, ")
    return f"{place}: {text}" if place else text
