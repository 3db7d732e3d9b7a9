from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from domain.errors import BadSettings, StoreUnavailable
from tests.deliveries import at, delivery, firing
from worker.store import schema
from worker.store.engine import Database, open_database
from worker.store.fold import Policy
from worker.store.revision import LATEST, revision
from worker.store.schema import check_schema, downgrade, head, schema_version, upgrade
from worker.store.store import Store
from worker.store.tables import metadata

SHARED_SINCE = "0006"
"""From this revision on two releases may share a database."""


def test_the_migrations_build_the_tables_that_the_code_reads(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_database_is_refused_until_it_is_upgraded(empty_url: str) -> None:
    database = open_database(empty_url)
    with pytest.raises(BadSettings, match="middlewatch db upgrade"):
        check_schema(database)
    assert schema_version(database) == ""
    upgrade(database)
    check_schema(database)
    assert schema_version(database) == head()
    database.close()


def test_the_revision_is_known_without_alembic(empty_url: str) -> None:
    assert head() == LATEST
    database = open_database(empty_url)
    assert revision(database) == ""
    upgrade(database)
    assert revision(database) == LATEST
    database.close()


def test_without_tables_it_says_what_to_run(empty_url: str) -> None:
    store = Store(open_database(empty_url), Policy())
    with pytest.raises(StoreUnavailable, match="middlewatch db upgrade"):
        store.incidents.recent(1)
    store.close()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    check_schema(database)


def test_two_may_upgrade_at_once(empty_url: str) -> None:
    databases = [open_database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, databases))
    for database in databases:
        check_schema(database)
        database.close()


def test_a_database_of_a_newer_release_is_refused(empty_url: str) -> None:
    database = open_database(empty_url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadSettings, match="newer release"):
        check_schema(database)
    database.close()


def test_a_newer_schema_of_the_same_generation_is_run_on_and_left_alone(empty_url: str) -> None:
    """A release that was taken back, or whose turn to be replaced has not come."""
    database = open_database(empty_url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE outbox ADD COLUMN of_the_future TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    check_schema(database)
    upgrade(database)
    assert schema_version(database) == "0999"
    receipt = Store(database, Policy()).inbox.receive(delivery(firing()), at(0))
    assert receipt.accepted == 1
    database.close()


def test_within_a_generation_a_migration_only_adds_what_the_release_before_may_leave_out(empty_url: str) -> None:
    """Else two releases could not share a database, and a release could not be taken back."""
    database = open_database(empty_url)
    revisions = sorted(schema._known())
    _move(database, SHARED_SINCE)
    before = _columns(database)
    for each in revisions[revisions.index(SHARED_SINCE) + 1 :]:
        _move_up(database, each)
        after = _columns(database)
        assert set(before) <= set(after), each
        added = set(after) - set(before)
        old_tables = {table for table, _ in before}
        must_be_given = [name for name in added if name[0] in old_tables and not after[name]]
        assert must_be_given == [], each
        before = after
    database.close()


def _columns(database: Database) -> dict[tuple[str, str], bool]:
    """Return every column, and whether a release that does not know it may leave it out."""
    found = inspect(database.engine)
    return {
        (table, column["name"]): bool(column["nullable"] or column["default"])
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def test_it_goes_back_to_a_revision_and_forth_again_and_an_unknown_one_is_refused(empty_url: str) -> None:
    database = open_database(empty_url)
    upgrade(database)
    downgrade(database, "0005")
    with pytest.raises(BadSettings, match="middlewatch db upgrade"):
        check_schema(database)
    upgrade(database)
    check_schema(database)
    with pytest.raises(BadSettings, match="no such revision"):
        downgrade(database, "4711")
    database.close()


def test_it_can_go_back_and_forth(empty_url: str) -> None:
    database = open_database(empty_url)
    upgrade(database)
    with database.write() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(database)
    check_schema(database)
    database.close()


def test_what_was_live_stays_live_over_an_upgrade_and_back(empty_url: str) -> None:
    database = open_database(empty_url)
    _move(database, "0001")
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO snapshots (id, built_at, content, fingerprint, documents, chunks, commits)"
                " VALUES ('s1', '2026-11-21 03:00:00', 'c', 'f', 1, 1, '{}')"
            )
        )
        connection.execute(text("INSERT INTO documents VALUES ('s1', 'runbooks/a.md', '[]', '{}')"))
        connection.execute(text("INSERT INTO pointers VALUES ('live', 's1')"))
    upgrade(database)
    catalogue = Store(database, Policy()).catalogue
    record = catalogue.live_record()
    assert record is not None
    assert (record.snapshot.id, record.judgement, record.published_at) == ("s1", None, record.snapshot.built_at)
    _move(database, "0001")
    with database.read() as connection:
        assert connection.execute(text("SELECT snapshot_id FROM pointers")).scalar() == "s1"
        assert connection.execute(text("SELECT count(*) FROM documents")).scalar() == 1
    database.close()


def _move(database: Database, revision: str) -> None:
    with database.write() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        found = MigrationContext.configure(connection).get_current_revision()
        (command.downgrade if found else command.upgrade)(config, revision)


def _move_up(database: Database, revision: str) -> None:
    with database.write() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
