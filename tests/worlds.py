"""Whole worlds for the proofs of P3: documents, groups, two channels and an alert, through the real pipeline.

Everything is the product's own but three things: the embedder is cheap and deterministic, the language model quotes
what it is given, and Slack writes down what it is sent. Clock and ids are fixed, so two runs differ only where the
worlds do.
"""

from __future__ import annotations

import functools
import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from structlog.testing import capture_logs

from domain.access import Audience
from domain.alert import Alert, Delivery, Incident, Status
from domain.document import Chunk, Document, DocumentMeta, Evidence, Kind, SendToModel
from domain.errors import Leak
from domain.snapshot import Judgement, Published, Snapshot
from ingest.chunking import chunk
from retrieval.edge import EdgeIndex
from retrieval.embed import Embedder, Vector
from retrieval.finder import Finder
from retrieval.index import Index
from retrieval.indexer import Indexer
from retrieval.search import Search
from retrieval.truth import ReadersOfRecord
from summarizer.draft import Answer, ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.prompt import Prompt
from summarizer.summarize import Caps, Summarizer, Tools
from tests.library import WordEmbedder
from worker.desk import Desk, Drawers
from worker.library import Library, LiveReaders
from worker.pipeline import Pipeline
from worker.posting import Posting
from worker.readers.fit import Check
from worker.redaction.redactor import redact
from worker.route import Channel
from worker.runs import Runs
from worker.slack.message import Message
from worker.store import schema
from worker.store.engine import Database, open_database
from worker.store.fold import Policy
from worker.store.messages import Place
from worker.store.store import Store
from worker.store.tables import metadata
from worker.telemetry import Metrics
from worker.telling import Telling

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SNAPSHOT = "20261121T020000000000Z-00000001"
INCIDENT = "inc-0000000000000000001"
OURS, THEIRS = "CREADERS", "COTHERS"
GROUPS = ("payments", "security", "platform")
_VOCABULARY = (
    "disk full volume slot card acquirer error latency node pod crash memory cache queue lag replica restart drain "
    "certificate expired backlog consumer broker primary failover token rotate ledger orders search"
)
WORDS = _VOCABULARY.split()


@dataclass(frozen=True)
class Page:
    """One document as somebody wrote it. `secret` is a word that a proof plants in every part of it."""

    name: str
    kind: Kind
    title: str
    said: tuple[str, ...]
    readers: frozenset[str]
    secret: str = ""

    @property
    def id(self) -> str:
        return f"{'postmortems' if self.kind is Kind.POSTMORTEM else 'runbooks'}/{self.name}{self.secret}.md"

    def document(self) -> Document:
        title = f"{self.title} {self.secret}".strip()
        meaning, first, last = (" ".join([*part.split(), self.secret]).strip() for part in self.said)
        names = (
            ("Summary", "Root cause", "Resolution") if self.kind is Kind.POSTMORTEM else ("Meaning", "Impact", "Fix")
        )
        parts = f"## {names[0]}\n\nThe {meaning} happens.\n\n## {names[1]}\n\nThe {first} was seen by customers.\n\n"
        command = f"kubectl -n prod rollout restart {first.split()[0]}{self.secret}"
        parts += f"## {names[2]}\n\n1. Check the {last} first:\n\n```shell\n{command}\n```\n\n2. Restart the {first}.\n"
        front = f"---\ntitle: {title}\nallow: {sorted(self.readers)}\nowner: team-{self.secret or 'none'}\n---\n"
        source, _, path = self.id.partition("/")
        meta = DocumentMeta(
            id=self.id,
            source=source,
            path=path,
            kind=self.kind,
            title=title,
            readers=self.readers,
            link=f"https://wiki.example.com/{path}",
            date=date(2026, 3, 1),
            tags=(self.secret,) if self.secret else (),
            send_to_model=SendToModel.ANY,
            content_hash=str(hash((title, parts))),
        )
        return Document(meta, f"{front}\n# {title}\n\n{parts}")


@dataclass(frozen=True)
class World:
    """Documents, who reads our channel and theirs, and the alert that comes to both."""

    pages: tuple[Page, ...]
    ours: Audience
    theirs: Audience
    alert: Alert

    def only_ours(self) -> World:
        """The world without what our readers may not read."""
        return replace(self, pages=tuple(page for page in self.pages if self.ours.may_read(page.readers)))

    def changed(self) -> World:
        """The world with everything that our readers may not read written anew, and with twice as much of it."""
        pages: list[Page] = []
        for number, page in enumerate(self.pages):
            if self.ours.may_read(page.readers):
                pages.append(page)
                continue
            words = (self.alert.name, self.alert.summary, WORDS[number % len(WORDS)])
            pages.append(replace(page, title=f"{self.alert.name} {page.title}", said=words))
            pages.append(replace(page, name=f"{page.name}-again", title=self.alert.name, said=words[::-1]))
        return replace(self, pages=tuple(pages))

    @property
    def hidden(self) -> tuple[Page, ...]:
        return tuple(page for page in self.pages if not self.ours.may_read(page.readers))


TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda words: "".join(map(str.title, words)))
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=2, max_size=6).map(" ".join)
READERS = st.sampled_from(
    [
        ("everyone",),
        ("everyone",),
        *((group,) for group in GROUPS),
        ("payments", "security"),
        ("platform", "payments"),
        (),
    ]
).map(frozenset)


@st.composite
def worlds(draw: st.DrawFn, secrets: bool = False) -> World:
    """Worlds of few words, so that scores tie and documents are alike. Something is always hidden, something not.

    With `secrets`, each document that our readers may not read has a word of its own in its path, title, front
    matter, every section and command.
    """
    ours = Audience.of(draw(st.sets(st.sampled_from(GROUPS), max_size=2)))
    readers = [*draw(st.lists(READERS, min_size=3, max_size=9)), frozenset({"everyone"}), frozenset({"others"})]
    pages = []
    for number, group in enumerate(readers):
        said = (draw(SENTENCES), draw(SENTENCES), draw(SENTENCES))
        kind = draw(st.sampled_from([Kind.RUNBOOK, Kind.RUNBOOK, Kind.POSTMORTEM]))
        secret = f"CNRY{number:02d}x7f3" if secrets and not ours.may_read(group) else ""
        pages.append(Page(f"page-{number}", kind, draw(TITLES), said, group, secret))
    about = draw(st.sampled_from(pages))
    named = draw(st.sampled_from(["", "", *(page.name for page in pages)]))
    alert = an_alert(
        about.title, draw(st.sampled_from([about.said[0], draw(SENTENCES)])), f"{named}.md" if named else ""
    )
    return World(tuple(pages), ours, Audience.of((*GROUPS, "others")), alert)


class CachedWords(WordEmbedder):
    """The embedder of the tests, each text once."""

    def passage(self, text: str) -> Vector:
        return _embedded(text)

    def query(self, text: str) -> Vector:
        return _embedded(text)


@functools.lru_cache(maxsize=100_000)
def _embedded(text: str) -> Vector:
    return WordEmbedder().query(text)


class Quoting:
    """A language model that says the first sentence of each part it is given, and writes down what it was asked."""

    name = "quoting"
    local = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        self.asked.append(prompt.system + prompt.user)
        claims = []
        for given in prompt.passages:
            past = given.chunk.meta.kind is Kind.POSTMORTEM
            for part in given.text.split("## ")[1:]:
                heading, _, text = part.partition("\n")
                lines = (line.lstrip("0123456789. ") for line in text.splitlines())
                sentence = next((line for line in lines if line.endswith(".")), "")
                section = "past" if past else {"Meaning": "meaning", "Impact": "impact"}.get(heading.strip(), "step")
                if sentence:
                    told = {"section": section, "text": sentence, "citations": [given.number], "command": None}
                    claims.append(ClaimDraft.model_validate(told))
        return Answer(Draft(claims=claims))


class Slate:
    """Slack, written down: every post, edit and reply by channel."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        self.sent.append(("post", channel_id, _text(message)))
        return "1.0"

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        self.sent.append(("edit", channel_id, _text(message)))

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        self.sent.append(("reply", channel_id, text))
        return "2.0"

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        return None


def _text(message: Message) -> str:
    return message.text + "\n" + json.dumps(message.blocks, sort_keys=True)


@dataclass
class Faults:
    """What a proof breaks on purpose: another index or record in the place of the real one, or a part of the search."""

    index: Callable[[Index], Index] = lambda index: index
    record: Callable[[ReadersOfRecord], ReadersOfRecord] = lambda record: record
    search: Callable[[Search, Finder, Index], None] = lambda search, finder, index: None


@dataclass
class Seen:
    """All that readers of our channel can see of an incident, and what is told of it to whoever watches."""

    sent: list[tuple[str, str, str]]
    logs: list[Mapping[str, Any]]
    metrics: Mapping[str, float]
    record: Mapping[str, Any]
    stored: Any
    asked: list[str]
    evidence: Any = None


@dataclass
class Stage:
    """One world, opened: its store, its index and the product over them."""

    world: World
    store: Store
    search: Search
    metrics: Metrics
    slate: Slate
    model: Quoting | None
    channels: tuple[Channel, ...]
    logs: list[Mapping[str, Any]] = field(default_factory=list)

    def incident(self, status: Status = Status.FIRING, at: datetime = AT) -> Incident:
        """Deliver the alert in this state and return the incident as it stands."""
        alert = replace(self.world.alert, status=status, ends_at=at if status is Status.RESOLVED else None)
        self.store.inbox.receive(Delivery("alertmanager", "group", (alert,)), at)
        found = self.store.incidents.get(INCIDENT)
        assert found is not None
        return found

    def tell(self, incident: Incident, channel: str) -> None:
        """Take the incident through the whole pipeline to one channel."""
        told = next(each for each in self.channels if each.id == channel)
        ids = itertools.count()
        runs = Runs(
            self.store.runs, self.metrics, {}, lambda: AT, lambda: f"run-{channel}-{incident.version}-{next(ids)}"
        )
        check = Check(LiveReaders(self.store.catalogue), self.metrics)
        posting = Posting(self.slate, self.store.messages, self.metrics, lambda: AT)
        desk = Desk(self.slate, Drawers(self.store.messages, self.store.changes, check), posting, lambda: AT)
        tools = Tools(extract, redact, lambda: "0123456789abcdef")
        ladder = Summarizer(tools, self.model, Caps())
        telling = Telling(desk, (told,))
        Pipeline(Library(lambda: self.search, self.metrics), ladder, desk, runs, telling).handle(incident)

    def see(self, warm: str = "") -> Seen:
        """Tell our channel of the incident, firing and resolved, after whoever is named in `warm` was told."""
        incident = self.incident()
        if warm == THEIRS:
            self.tell(incident, THEIRS)
        elif warm == OURS:
            self.search.evidence(incident.lead, self.world.ours)
        self.slate.sent.clear()
        if self.model:
            self.model.asked.clear()
        before = _samples(self.metrics)
        with capture_logs() as logs:
            self.tell(incident, OURS)
            self.tell(self.incident(Status.RESOLVED, AT + timedelta(minutes=5)), OURS)
        after = _samples(self.metrics)
        runs = self.store.runs.recent(9)
        return Seen(
            sent=list(self.slate.sent),
            logs=[{key: value for key, value in entry.items() if key != "steps_ms"} for entry in logs],
            metrics={
                name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)
            },
            record={run.id: {**asdict(run), "steps_ms": None} for run in runs if run.channel_id == OURS},
            stored=asdict(last) if (last := self.store.messages.last(Place(OURS, INCIDENT))) else None,
            asked=list(self.model.asked) if self.model else [],
            evidence=self._evidence(incident),
        )

    def _evidence(self, incident: Incident) -> Any:
        try:
            return _exact(self.search.evidence(incident.lead, self.world.ours))
        except Leak:
            return "leak"


def _samples(metrics: Metrics) -> dict[str, float]:
    """Every sample but durations and what the process itself takes."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if "_seconds" not in sample.name and "_created" not in sample.name and not sample.name.startswith("process_")
    }


def _exact(evidence: Evidence) -> list[Any]:
    """What was found, with every score to its last bit."""
    hits = [
        (hit.meta.id, hit.score.hex(), hit.pinned, [(p.chunk.id, p.score.hex()) for p in hit.passages])
        for hit in (*evidence.runbooks, *evidence.postmortems)
    ]
    return [hits, [meta.id for meta in evidence.nearest]]


@functools.cache
def _database() -> Database:
    """One migrated database for all worlds of this process: to migrate takes longer than a world."""
    database = open_database(f"sqlite:///{_folder() / 'state.db'}")
    schema.upgrade(database)
    return database


@functools.cache
def _folder() -> Path:
    """A folder for thousands of small files: in memory where there is any."""
    shm = Path("/dev/shm")  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="worlds-", dir=shm if shm.is_dir() else None))


@functools.cache
def the_metrics() -> Metrics:
    """The metrics of all worlds; what one adds is told by the difference."""
    return Metrics()


def _emptied(database: Database) -> Database:
    with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return database


def cleaned_up() -> None:
    """Remove what worlds left on the disk; for the end of a module of tests."""
    _database().close()
    shutil.rmtree(_folder(), ignore_errors=True)
    for each in (_database, _folder):
        each.cache_clear()


@contextmanager
def opened(
    world: World, *, model: bool = False, faults: Faults | None = None, embedder: Embedder | None = None
) -> Iterator[Stage]:
    """Publish a world's documents and open the product over them; all is gone afterwards."""
    faults, embedder = faults or Faults(), embedder or CachedWords()
    with tempfile.TemporaryDirectory(dir=_folder()) as name:
        store = Store(_emptied(_database()), Policy(), lambda now: INCIDENT)
        real = EdgeIndex(Path(name))
        Indexer(real, embedder).build(SNAPSHOT, _published(world.pages, store))
        try:
            index = faults.index(real)
            finder = Finder(index, embedder)
            search = Search(finder, faults.record(store.catalogue), lambda: SNAPSHOT, redact)
            faults.search(search, finder, index)
            channels = tuple(
                Channel(name, name, audience, {}, name, default=True)
                for name, audience in ((OURS, world.ours), (THEIRS, world.theirs))
            )
            yield Stage(world, store, search, the_metrics(), Slate(), Quoting() if model else None, channels)
        finally:
            real.close()


def _published(pages: Sequence[Page], store: Store) -> list[Chunk]:
    documents = [page.document() for page in pages]
    chunks = [piece for document in documents for piece in chunk(document)]
    snapshot = Snapshot(SNAPSHOT, AT, "content", "words/1", len(documents), len(chunks))
    store.catalogue.begin(Published(snapshot, tuple(document.meta for document in documents)))
    store.catalogue.publish(SNAPSHOT, Judgement(passed=True, guarded=False), AT)
    return chunks


def an_alert(name: str, summary: str, runbook: str = "") -> Alert:
    labels = {"alertname": name, "severity": "critical", "service": "orders"}
    notes = {"summary": summary} | ({"runbook_url": f"https://wiki.example.com/{runbook}"} if runbook else {})
    return Alert("f1", Status.FIRING, labels, notes, AT)
