"""The connection to the database, and the one way to use it: inside a transaction.

SQLite is set up so that a commit survives a power cut (WAL, `synchronous=FULL`,
https://www.sqlite.org/pragma.html#pragma_synchronous) and a writer asks for its lock at the start
(`BEGIN IMMEDIATE`), so that it waits its turn instead of failing in the middle.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.schema import Table

from domain.errors import BadSettings, StoreUnavailable
from worker.store import faults

BUSY_TIMEOUT_S = 5.0
"""How long a writer waits for its turn before it gives up."""

_APPLICATION_ID = 0x6D776174
"""Marks a file as ours; that it can be set shows that the file can be written to."""

_READING = "middlewatch_reading"
_URL_MEND = "Use sqlite:///path/to/state.db or postgresql+psycopg://user:password@host/name in [store] database_url."
_POSTGRESQL_OPTIONS = f"-c timezone=UTC -c lock_timeout={int(BUSY_TIMEOUT_S * 1000)} -c statement_timeout=30000"


class Database:
    """An open database. Threads share it; each transaction has its own connection."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine that `open_database` has set up."""
        self.engine = engine
        self.where = engine.url.render_as_string(hide_password=True)
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer; who waits here wakes at once, where its own busy handler would sleep.
        self._turn = threading.Lock() if self.is_sqlite else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write: it commits as a whole, or nothing of it happened.

        Raises:
            StoreUnavailable: the database did not answer; says why, and what to do.
            BadInput: a value does not fit.
        """
        with self._in_turn(), self._named(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads: one consistent view, and nobody waits for it.

        Raises:
            StoreUnavailable: the database did not answer; says why, and what to do.
        """
        with self._named(), self.engine.connect() as plain:
            connection = plain.execution_options(**{_READING: True})
            with connection.begin():
                yield connection

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """Return an INSERT that knows ON CONFLICT, which both databases spell alike."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def add(self, connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert a row unless its key is taken. False: it was taken, and what stands there stays."""
        insert = self.insert(table).values(row).on_conflict_do_nothing()
        return connection.execute(insert.returning(*table.primary_key)).first() is not None

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_TIMEOUT_S):
            raise StoreUnavailable(
                f"The database {self.where} has a longer queue of writers than it can serve.", mend="Try again later."
            )
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise  # a decision for whoever wrote the row
        except DBAPIError as error:
            raise faults.named(error, self.where) from error
        except PoolTimeout as error:
            raise StoreUnavailable(
                f"The database {self.where} has no connection free.", mend="Try again; it is overloaded."
            ) from error


def open_database(url: str, current: Callable[[], str] | None = None) -> Database:
    """Open the database and see that it can be written to; an SQLite file and its folder are made.

    `current` gives the URL as it is by now: each new connection takes its user and its password from there.

    Raises:
        BadSettings: the URL names no database that we know.
        StoreUnavailable: it cannot be reached or written to.
    """
    parsed = _parsed(url)
    database = Database(_open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed))
    if current and not database.is_sqlite:
        event.listen(database.engine, "do_connect", partial(_log_in, current))
    with database.write() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID}" if database.is_sqlite else "SELECT 1")
    return database


def _log_in(current: Callable[[], str], _dialect: Dialect, _entry: Any, _args: Any, options: dict[str, Any]) -> None:
    """Let a connection that is about to be made log in with what is current."""
    url = _parsed(current())
    options.update({name: value for name, value in (("user", url.username), ("password", url.password)) if value})


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
            raise BadSettings("database_url names a database that Middlewatch does not know.", mend=_URL_MEND)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadSettings("database_url is not a database URL.", mend=_URL_MEND) from error
    return parsed


def _open_sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise BadSettings("A database in memory would lose every alert.", mend=_URL_MEND)
    if not str(url.database).startswith("file:"):
        _make_folder(Path(str(url.database)).parent)
    patience = {} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT_S}
    engine = create_engine(url, connect_args=patience, pool_size=16, max_overflow=48, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {folder} for the database cannot be made.", mend="Check [store] data_dir and its rights."
        ) from error


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    raw: Any = connection
    raw.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor: sqlite3.Cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is forgotten is not left in free pages
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _open_postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=16,
            max_overflow=16,
            pool_timeout=BUSY_TIMEOUT_S,
            pool_use_lifo=True,  # a connection that was just used knows the tables and statements already
            hide_parameters=True,  # an error goes to the log, and they are what messages and documents say
            pool_pre_ping=True,  # a restarted server must not cost the first caller an error
            connect_args={"connect_timeout": 5, "options": _POSTGRESQL_OPTIONS, "keepalives_idle": 30},
        )
    except ModuleNotFoundError as error:
        raise BadSettings(
            "PostgreSQL needs its driver.", mend="Install it: pip install 'middlewatch[postgres]'."
        ) from error
