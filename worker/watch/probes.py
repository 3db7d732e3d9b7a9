"""One probe for each part that may fail: what `/readyz` and `config check` say of it, and how to mend it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from domain.errors import BadSettings, BrokerUnavailable, IndexMissing, Unavailable
from domain.snapshot import Record
from retrieval.index import SERVER_ADVISED_FROM, Index
from worker.http.ports import Probe
from worker.membership import Held
from worker.pressure import breakers
from worker.pressure import level as pressure
from worker.pressure.level import Pressure
from worker.readers.refresh import Directory
from worker.sections.slack import SlackSettings
from worker.settings import Settings
from worker.slack.client import SlackChannel
from worker.store import schema
from worker.store.engine import Database
from worker.store.store import Store
from worker.watch.model import model

_TIMEOUT_S = 3


class Opened(Protocol):
    """The parts that probes ask."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def store(self) -> Store:
        """The state of record."""

    @property
    def index(self) -> Index:
        """Qdrant."""

    @property
    def holders(self) -> Callable[[], Held]:
        """Who holds which group."""

    @property
    def directory(self) -> Directory:
        """Slack's record of people and channels."""

    @property
    def breakers(self) -> breakers.Breakers:
        """What spares the parts that fail."""

    @property
    def pressure(self) -> Pressure:
        """How hard pressed we are."""

    @property
    def broker_url(self) -> str:
        """Where Redis is, "" before it is started."""

    def live_snapshot(self) -> str:
        """Return the id of the snapshot that answers queries, "" for none; raise IndexMismatch where it cannot."""


def probes_of(parts: Opened) -> tuple[Probe, ...]:
    """Return a probe for every part of a process."""
    return (
        database(lambda: parts.store.database),
        broker(lambda: parts.broker_url),
        index(
            lambda: parts.store.catalogue,
            parts.live_snapshot,
            lambda: parts.index.snapshots(),
            embedded=not parts.settings.store.qdrant_url,
        ),
        slack(lambda: parts.settings.slack),
        model(parts.settings),
        sources(parts.settings),
        channels(parts.settings),
        groups(parts),
        exposure(parts.settings, lambda: parts.store.tokens.all()),
        pressure.probe(lambda: parts.pressure),
        breakers.probe(parts.breakers),
    )


class Snapshots(Protocol):
    """The record of snapshots."""

    def live_record(self) -> Record | None:
        """Return the record of the snapshot that answers queries."""


def database(open_it: Callable[[], Database]) -> Probe:
    """Probe the database and its schema; it is the only part without which no alert can be taken."""

    def check() -> str:
        opened = open_it()
        schema.check_schema(opened)
        return f"{opened.where}, schema {schema.schema_version(opened)}"

    return Probe("database", check, fatal=True)


def broker(url: Callable[[], str]) -> Probe:
    """Probe Redis: it answers, and it never evicts a queue."""

    def check() -> str:
        address = url()
        if not address:
            return "bundled: it starts with `middlewatch up`"
        try:
            with _client(address) as client:
                client.ping()
                policy = str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
        except redis.RedisError as error:
            raise BrokerUnavailable(
                f"Redis does not answer ({type(error).__name__}).",
                mend="Start it, or correct store.redis_url; alerts are kept and handled by the sweeper meanwhile.",
            ) from error
        if policy and policy != "noeviction":
            raise BrokerUnavailable(f"Redis evicts keys ({policy}).", mend="Set maxmemory-policy noeviction.")
        return "answers, and never evicts"

    return Probe("redis", check)


def _client(address: str) -> redis.Redis:
    options = {"socket_timeout": _TIMEOUT_S, "socket_connect_timeout": _TIMEOUT_S, "retry": Retry(NoBackoff(), 0)}
    if address.startswith("redis+socket://"):
        return redis.Redis(unix_socket_path=urlsplit(address).path, **options)  # type: ignore[arg-type]
    return redis.Redis.from_url(address, **options)


def index(
    snapshots: Callable[[], Snapshots],
    fit: Callable[[], object],
    names: Callable[[], tuple[str, ...]],
    *,
    embedded: bool,
) -> Probe:
    """Probe the index: a snapshot is live, it is `fit` to be searched by this process, and Qdrant has it.

    `embedded` says that it lies in this process; then its size is judged.
    """

    def check() -> str:
        present, record = names(), snapshots().live_record()  # a Qdrant that is silent is said first: it comes first
        if record is None:
            raise IndexMissing("No documents are indexed yet.", mend="Run `middlewatch ingest`.")
        live, judged = record.snapshot, record.judgement
        fit()
        if live.id not in present:
            raise IndexMissing(
                f"The live snapshot {live.id} is not in the index.", mend="Run `middlewatch ingest --full`."
            )
        guard = "" if judged and judged.guarded else ", UNGUARDED: no golden query was run on it"
        size = size_advice(live.chunks, embedded=embedded)
        return f"snapshot {live.id}: {live.documents} documents, {live.chunks} chunks{guard}{size}"

    return Probe("index", check)


def size_advice(chunks: int, *, embedded: bool) -> str:
    """Say whether an index of this size should lie on a Qdrant server; "" where it does."""
    if not embedded:
        return ""
    if chunks < SERVER_ADVISED_FROM:
        return f"; a Qdrant server is advised from {SERVER_ADVISED_FROM:,} chunks"
    return f"; LARGE: from {SERVER_ADVISED_FROM:,} chunks a Qdrant server is advised, set store.qdrant_url"


def embedding(loaded: Callable[[], bool]) -> Probe:
    """Probe the embedding model of a process that searches: until it is loaded, the first alert waits for it."""

    def check() -> str:
        if not loaded():
            raise Unavailable("The embedding model is being loaded.", mend="Wait; alerts are taken meanwhile.")
        return "loaded"

    return Probe("embedding", check)


def slack(settings: Callable[[], SlackSettings]) -> Probe:
    """Probe Slack: the token is good, the one that is in use now."""

    def check() -> str:
        token = settings().bot_token.get_secret_value()
        if not token:
            return "no token: messages go to /preview"
        identity = SlackChannel(token, settings().base_url, timeout_s=_TIMEOUT_S).auth_test()
        return f"team {identity.team}"

    return Probe("slack", check)


def sources(settings: Settings) -> Probe:
    """Probe the folders of the sources."""

    def check() -> str:
        for source in settings.sources:
            if not source.path.is_dir():
                raise BadSettings(
                    f"The folder of source {source.name} is not there.", mend=f"Correct its path: {source.path}."
                )
            if not source.allow:
                raise BadSettings(
                    f"Source {source.name} names no readers, so nobody may read it.", mend="Set its `allow`."
                )
        return f"{len(settings.sources)} folders"

    return Probe("sources", check)


def channels(settings: Settings) -> Probe:
    """Probe the routing: every incident has somewhere to go."""

    def check() -> str:
        if not settings.channels:
            raise BadSettings("No channel is set, so no message can go anywhere.", mend="Add a [[channels]] table.")
        if not any(channel.default for channel in settings.channels):
            raise BadSettings(
                "No channel takes what none matches.", mend="Set default = true on one of the [[channels]]."
            )
        return f"{len(settings.channels)} channels"

    return Probe("channels", check)


def groups(parts: Opened) -> Probe:
    """Probe the source of membership: the file can be read, Slack says who is in which group, and in each channel."""

    def check() -> str:
        settings = parts.settings
        if not settings.groups.configured:
            return "none: the word of [[channels]] groups stands; who is in a channel is not asked of Slack"
        holders = len(parts.holders())
        if not settings.slack.bot_token.get_secret_value():
            return f"{holders} people; no token, so who is in a channel cannot be asked: the settings' word stands"
        rooms = [parts.directory.room(each.id) for each in settings.channels]
        shared = sum(room.shared for room in rooms)
        return f"{holders} people; {len(rooms)} channels, {shared} of them shared with another organisation"

    return Probe("groups", check)


def exposure(settings: Settings, issued: Callable[[], Sequence[object]] = tuple) -> Probe:
    """Probe what is open: off loopback, every sender needs a token or a secret."""

    def check() -> str:
        intake = settings.intake
        if not _is_loopback(intake.host) and not intake.api_tokens and not issued():
            raise BadSettings(
                "It listens beyond this machine, and no API token is set: /preview and /metrics answer nobody.",
                mend="Set intake.api_tokens, or run `middlewatch token create`.",
            )
        return f"listens on {intake.host}:{intake.port}"

    return Probe("exposure", check)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
