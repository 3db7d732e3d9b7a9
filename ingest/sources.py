"""A source: a folder of documents, with their readers, dates and links."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from domain.access import Readers, Ruling, Step
from domain.document import Document, DocumentMeta, Kind, SendToModel
from domain.errors import BadDocument, BadSettings, MiddlewatchError
from domain.snapshot import Problem
from ingest import dates, files, formats, frontmatter, git, links
from ingest.checkout import commit_of
from ingest.frontmatter import FrontMatter, body_offset
from ingest.readers import UNREADABLE, PathRule, objection, objections, ruling
from ingest.titles import title_of

Redact = Callable[[str], str]
"""Takes secrets out of text; a MiddlewatchError means that the text must not be used."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Where a source is and what holds for all its documents.

    `allow` are the groups that may read it; empty means nobody. `rules` narrow that for some paths. `link` is a
    template as in `ingest.links`. `exclude` holds shell patterns for paths or names. `origin` is the repository that
    `path` lies in our copy of, if it is one.
    """

    name: str
    kind: Kind
    path: Path
    allow: Readers
    link: str = ""
    send_to_model: SendToModel = SendToModel.LOCAL
    exclude: tuple[str, ...] = ()
    origin: git.Origin | None = None
    rules: tuple[PathRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source holds: its documents by path, what could not be read of it, and the git commit it stands at.

    The path of a problem begins with the source's name, as a document's id does. `rulings` says by document id who may
    read it and why; a document that is there and cannot be understood is among them, for nobody.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    commit: str
    rulings: Mapping[str, Ruling] = field(default_factory=dict)


def read(spec: SourceSpec, redact: Redact) -> Reading:
    """Read a source. A document that cannot be understood is left out and reported; the others are kept.

    A repository is brought up to date first; where that fails, what was fetched before is read, and it is reported.
    Raises BadSettings when the folder is not there or the link template makes no web links, GitUnavailable when a
    repository could never be fetched.
    """
    links.check(spec.link)
    stale = _updated(spec)
    home = spec.origin.checkout.resolve() if spec.origin else spec.path.resolve()
    if not spec.path.is_dir() or not spec.path.resolve().is_relative_to(home):
        raise BadSettings(f"The folder of source `{spec.name}` is not there.", mend="Mend `path` of that source.")
    commit = commit_of(spec.path)
    changed = git.last_changes(spec.origin, spec.path) if spec.origin else {}
    problems: list[Problem] = []
    found = files.find(spec.path, spec.exclude, problems)
    documents: list[Document] = []
    rulings: dict[str, Ruling] = {}
    for each in found:
        name = f"{spec.name}/{each.path}"
        try:
            document, rulings[name], reasons = _document(spec, each, (commit, changed.get(each.path)), redact)
        except MiddlewatchError as error:
            problems.append(Problem(each.path, str(error)))
            rulings[name] = Ruling((Step(UNREADABLE, frozenset()),))
            continue
        documents.append(document)
        problems.extend(Problem(each.path, reason) for reason in reasons)
    named = [Problem(f"{spec.name}/{problem.path}", problem.reason) for problem in problems]
    named.extend(Problem(spec.name, reason) for reason in (*stale, *_remarks(spec, documents)))
    return Reading(tuple(documents), tuple(named), commit, rulings)


def _updated(spec: SourceSpec) -> list[str]:
    """Bring our copy of a source's repository up to date; return what is to be reported of that."""
    try:
        if spec.origin:
            git.update(spec.origin)
    except git.GitUnavailable as error:
        if not spec.path.is_dir():
            raise
        return [f"its repository could not be fetched, so it is read as it was before: {error}"]
    return []


def _remarks(spec: SourceSpec, documents: list[Document]) -> list[str]:
    """Return what is to be reported of a source as a whole."""
    remarks = []
    if not documents:
        remarks.append("the source holds no document that can be read")
    if not spec.allow:
        remarks.append("the source has no `allow`, so nobody may read its documents")
    remarks.extend(objections(spec.allow, spec.rules, (document.meta.path for document in documents)))
    return remarks


def _document(
    spec: SourceSpec, found: files.Found, version: tuple[str, date | None], redact: Redact
) -> tuple[Document, Ruling, tuple[str, ...]]:
    """Return one document, redacted, who may read it and why, and what is to be reported of it.

    `version` is its commit and last change. Front matter is understood as it is written and its words are redacted
    after; a rule could break its form.
    """
    commit, changed = version
    written, note = files.text_of(found.file)
    original = formats.as_markdown(written, found.path)
    front = frontmatter.parse(original)
    text = redact(original)
    if bool(body_offset(text)) != bool(body_offset(original)):
        raise BadDocument("Its front matter could not be redacted.", reason="front-matter", mend="Remove its secrets.")
    if not text[body_offset(text) :].strip():
        raise BadDocument("It holds nothing to read.", reason="empty", mend="Write it or exclude it.")
    ruled = ruling(spec.allow, spec.rules, found.path, front.allow)
    meta = DocumentMeta(
        id=f"{spec.name}/{found.path}",
        source=spec.name,
        path=found.path,
        kind=spec.kind,
        title=title_of(redact(front.title), text, found.path, spec.name),
        readers=ruled.readers,
        link=links.link_of(spec.link, found.path, commit),
        date=_day(front, found.path, text),
        reviewed=front.reviewed or changed,
        commit=commit,
        services=tuple(map(redact, front.services)),
        tags=tuple(map(redact, front.tags)),
        send_to_model=spec.send_to_model,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
    )
    reasons = (note, *front.problems, objection(ruling(spec.allow, spec.rules, found.path, None).readers, front.allow))
    return Document(meta, text), ruled, tuple(reason for reason in reasons if reason)


def _day(front: FrontMatter, path: str, text: str) -> date | None:
    """Return a document's date: from its front matter, its file's name, or its first lines."""
    return front.written or dates.in_name(path.rpartition("/")[2]) or dates.labelled(text[body_offset(text) :])
