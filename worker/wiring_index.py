"""The part of the composition root that keeps the index: what ingest and the acts on snapshots need, and no more.

It is apart from the rest so that an ingest that finds nothing to do costs next to nothing: what weighs is imported
where it is first used, as in `wiring`.
"""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from domain.breaker import Breaker
from domain.errors import IndexMismatch
from ingest.run import Gate, Versions
from ingest.run import Parts as IngestParts
from ingest.sources import SourceSpec
from worker.from_settings import source_specs
from worker.index.ingesting import Holder, Ingesting
from worker.outbound import Outbound
from worker.pressure.breakers import Breakers, Limits
from worker.pressure.guarded import GuardedIndex
from worker.redacting import redactor_of, rules_version
from worker.redaction.redactor import Redactor
from worker.redaction.redactor import redact as process_redactor
from worker.sections.outbound import embedding_hosts
from worker.settings import Settings
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.revision import LATEST, revision
from worker.store.store import Store
from worker.telemetry import process_metrics

if TYPE_CHECKING:
    from retrieval.embed import CachedEmbedder, Embedder
    from retrieval.index import Index
    from retrieval.indexer import Indexer
    from retrieval.search import Search
    from worker.index.measure import GoldenSearch
    from worker.index.snapshots import Snapshots
    from worker.readers.rights import Rights


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ways:
    """How models are reached: what spares them, which hosts may be called, and what gives the key as it is by now."""

    breakers: Breakers
    outbound: Outbound
    key: Callable[[], str]


class IndexParts:
    """The parts that hold documents, each built when it is first asked for."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        """`stack` closes what was opened."""
        self.settings = settings
        self.owner = f"{socket.gethostname()}-{os.getpid()}"
        self.metrics = process_metrics()
        self.outbound = Outbound(settings.outbound, self.metrics)
        self.bundled_redis = ""
        """Where the Redis is that came with the process."""
        self._stack = stack
        stack.callback(process_redactor.use(lambda: self.redact))

    @property
    def broker_url(self) -> str:
        """Where Redis is by now, "" before it is started."""
        return self.settings.store.redis_url or self.bundled_redis

    @cached_property
    def redact(self) -> Redactor:
        """What takes secrets out of every text."""
        return redactor_of(self.settings.redaction, self.settings.store.data_dir)

    @cached_property
    def store(self) -> Store:
        """The state of record."""
        incidents = self.settings.incidents
        policy = Policy(
            incidents.stale_after,
            incidents.reopen_window,
            incidents.hold_new,
            incidents.group_by,
            incidents.cooldown,
        )
        store = Store(open_database(self.settings.database_url, lambda: self.settings.database_url), policy)
        self._stack.callback(store.close)
        return store

    @cached_property
    def index(self) -> Index:
        """Qdrant: in this process, or the server that the settings name."""
        index = self._open_index()
        self._stack.callback(index.close)
        return index

    def _open_index(self) -> Index:
        store = self.settings.store
        if not store.qdrant_url:
            from retrieval.edge import EdgeIndex

            return EdgeIndex(store.data_dir)
        from retrieval.server import ServerIndex

        server = ServerIndex(store.qdrant_url, lambda: self.settings.store.qdrant_api_key.get_secret_value())
        return GuardedIndex(server, self.breaker("qdrant"))

    @cached_property
    def ways(self) -> Ways:
        """How models are reached."""
        return Ways(self.breakers, self.outbound, lambda: self.settings.llm.api_key.get_secret_value())

    @cached_property
    def breakers(self) -> Breakers:
        """What spares the parts that fail."""
        return Breakers(self.metrics)

    def breaker(self, part: str) -> Breaker:
        """Return what spares a part."""
        limits = self.settings.breakers
        return self.breakers.of(part, Limits(limits.failures, limits.open.total_seconds()))

    @cached_property
    def embedder(self) -> CachedEmbedder:
        """The embedding model behind its cache; torch is loaded with the first text that is not in it."""
        from retrieval.embed import CachedEmbedder, VectorCache, embedding_model

        model = embedding_model(self.settings.embedding.model)

        def load() -> Embedder:
            from retrieval.sentence_model import SentenceEmbedder

            for _, host in embedding_hosts(self.settings.embedding.model):
                self.outbound.call("embedding", host)
            return SentenceEmbedder(model)

        cache = VectorCache(self.settings.store.data_dir / "vectors.db")
        embedder = CachedEmbedder(model.fingerprint, load, cache)
        self._stack.callback(embedder.close)
        return embedder

    @cached_property
    def indexer(self) -> Indexer:
        """What ingest writes to."""
        from retrieval.indexer import Indexer

        return Indexer(self.index, self.embedder)

    @cached_property
    def search(self) -> Search:
        """The one way to read documents."""
        from retrieval.finder import Finder
        from retrieval.search import Search

        return Search(Finder(self.index, self.embedder), self.store.catalogue, self.live_snapshot, self.redact)

    @cached_property
    def golden_search(self) -> GoldenSearch:
        """The search of the live snapshot, as golden queries measure it."""
        from worker.index.measure import GoldenSearch

        return GoldenSearch(self.search)

    def gate(self) -> Gate:
        """Return what says whether a snapshot may go live."""
        from golden_queries.gate import Policy as Limits
        from worker.index.golden import configured
        from worker.index.measure import GoldenSearch
        from worker.index.publish import GoldenGate, Records, Rules

        golden = self.settings.golden
        limits = Limits(golden.min_cases, golden.max_drop)
        rules = Rules(lambda: configured(golden), golden.baseline, limits, now)
        records = Records(self.store.catalogue, self.store.audit)
        return GoldenGate(rules, lambda snapshot: GoldenSearch(self.search, snapshot=snapshot), records)

    @cached_property
    def holder(self) -> Holder:
        """The one who changes the index."""
        return Holder(self.store.locks, self.owner, now, self.settings.worker.lease)

    @cached_property
    def ingesting(self) -> Ingesting:
        """The sync of the sources."""
        versions = Versions(rules_version(self.settings.redaction))
        parts = IngestParts(self.indexer, self.store.catalogue, self.redact, versions, self.gate)
        ingesting = Ingesting(source_specs(self.settings), parts, self.holder, self.metrics)
        ingesting.calling = self._fetching
        return ingesting

    def _fetching(self, spec: SourceSpec) -> None:
        if spec.origin and not spec.origin.local:
            self.outbound.for_url("git", spec.origin.url)

    @cached_property
    def snapshots(self) -> Snapshots:
        """What people do with snapshots and documents."""
        from worker.index.publish import Records
        from worker.index.snapshots import Opened, Snapshots

        opened = Opened(lambda: self.index, lambda: self.indexer.fingerprint)
        return Snapshots(Records(self.store.catalogue, self.store.audit), opened, self.holder, caller())

    @cached_property
    def rights(self) -> Rights:
        """Who may read what, and why."""
        from worker.readers.rights import Books, Rights

        store = self.store
        return Rights(Books(store.catalogue, store.readers, store.audit, store.messages), self.holder, caller())

    def live_snapshot(self) -> str:
        """Return the id of the snapshot that answers queries, "" for none.

        Raises:
            IndexMismatch: it was built by another embedding model or in another form.
        """
        live = self.store.catalogue.live()
        if live is not None and not live.fingerprint.startswith(f"{self.indexer.fingerprint}/"):
            raise IndexMismatch(
                "The index was built by another embedding model or version.", mend="Run `middlewatch ingest`."
            )
        return live.id if live else ""


def caller() -> str:
    """Return the name of the user that this process runs as; the environment could lie."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def keeping(settings: Settings) -> Iterator[IndexParts]:
    """Open the parts that keep the index, with the schema brought up to date, and close them again.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with ExitStack() as stack:
        parts = IndexParts(settings, stack)
        if revision(parts.store.database) != LATEST:
            from worker.store import schema

            schema.upgrade(parts.store.database)
        yield parts
