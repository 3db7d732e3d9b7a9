"""Every test here runs twice: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server, running_postgres
from worker.store.engine import Database, open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.store.tables import metadata


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> Iterator[Database]:
    database = open_database(postgres.new_database())
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('store')}/state.db")
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    name = "migrated_sqlite" if request.param == "sqlite" else "migrated_postgres"
    opened: Database = request.getfixturevalue(name)
    with opened.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return opened


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database, Policy())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/state.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()
