"""What is known: documents, the chunks they are cut into, and what a search finds of them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from domain.access import Audience, Readers


class Kind(StrEnum):
    """What a source holds; the two are ranked as two lists."""

    RUNBOOK = "runbook"
    POSTMORTEM = "postmortem"


class SendToModel(StrEnum):
    """Which language models may be shown a source's text."""

    NONE = "none"
    LOCAL = "local"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class DocumentMeta:
    """What is known of a document beside its text.

    `id` is SOURCE/relative/path. `date` is the day it was written or the incident took place,
    `reviewed` the day somebody last vouched for it, or last changed it in a repository. `link` is where a
    reader can open it, or "". `services` are those its front matter names. `content_hash` is the SHA-256
    of its stored text.
    """

    id: str
    source: str
    path: str
    kind: Kind
    title: str
    readers: Readers
    link: str = ""
    date: datetime.date | None = None
    reviewed: datetime.date | None = None
    commit: str = ""
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    send_to_model: SendToModel = SendToModel.LOCAL
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is stored: redacted, front matter included, newlines as in the file.

    Every span in Middlewatch counts characters (Unicode code points) of `text`.
    """

    meta: DocumentMeta
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document: `text` is exactly `document.text[start:end]`.

    `headings` is the path of headings it stands under, outermost first, without the title.
    `id` is a UUID made from the document's id, the span and the text.
    """

    id: str
    meta: DocumentMeta
    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()

    @property
    def breadcrumb(self) -> str:
        """Title and heading path, as a reader sees where the chunk stands."""
        return " › ".join((self.meta.title, *self.headings))


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk and how well it answers the query: 0 is not at all, higher is better."""

    chunk: Chunk
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that a search found, with all its passages in the document's order.

    Passages are ordered as they stand, so that a section can be read whole; `best` orders them by score.
    `pinned` says that the alert itself names this document as its runbook.
    """

    meta: DocumentMeta
    score: float
    passages: tuple[Passage, ...]
    pinned: bool = False

    @property
    def best(self) -> tuple[Passage, ...]:
        """The passages by falling score, ties by chunk id."""
        return tuple(sorted(self.passages, key=lambda passage: (-passage.score, passage.chunk.id)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one audience is given for one alert: two ranked lists, each above its own floor.

    `nearest` names the closest documents below the floors, for the honest "no runbook found".
    `snapshot` is the index snapshot that answered, `audience` the one that it answered.
    """

    runbooks: tuple[Hit, ...] = ()
    postmortems: tuple[Hit, ...] = ()
    nearest: tuple[DocumentMeta, ...] = ()
    snapshot: str = ""
    audience: Audience = Audience(frozenset())
